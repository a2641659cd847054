"""Campaigns in a built warehouse: who is drawn, who is left out, what is kept, and what the results say."""

import hashlib
import math
import shutil
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from project import PROJECT, Warehouse
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from benchmarks.simulate_campaign_outcomes import EFFECTS, read_assignments, simulate
from mall_segments.publish import write_audiences, write_segment_lists

MALL = PROJECT / "seeds" / "mall_customers.csv"
CAMPAIGNS = ["--select", "path:models_sql/campaigns", "campaign_statistics"]
TERMS = {
    "segmentation": "income_spending",
    "segments": "all",
    "action": "Letter",
    "starts_on": "2026-08-01",
    "ends_on": "2026-08-31",
    "holdout_share": 0.25,
    "priority": 1,
    "budget": math.nan,
    "cost_per_contact": 1.0,
    "is_approved": True,
    "is_simulated": False,
}
LARGEST = "Average income, average spending"
MARCH, MARCH_AND_APRIL, APRIL, JUNE, AUGUST, SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = (
    {"starts_on": f"2026-{first}-01", "ends_on": f"2026-{last}"}
    for first, last in [
        ("03", "03-31"), ("03", "04-30"), ("04", "04-30"), ("06", "06-30"), ("08", "08-31"), ("09", "09-30"),
        ("10", "10-31"), ("11", "11-30"), ("12", "12-31"),
    ]
)  # fmt: skip
# Months keep apart what the tests look at one by one. Segments hold 81, 39, 35, 23 and 22 customers.
CALENDAR = [
    {"campaign": "second", "priority": 2} | MARCH_AND_APRIL,
    {"campaign": "first", "segments": "High income, high spending; High income, low spending"} | MARCH,
    {"campaign": "third", "priority": 3} | APRIL,
    {"campaign": "dear", "segments": LARGEST, "budget": 180, "cost_per_contact": 5.0} | JUNE,
    {"campaign": "rest", "segments": LARGEST, "priority": 2} | JUNE,
    {"campaign": "letter", "holdout_share": 0.4} | AUGUST,
    {"campaign": "idea", "is_approved": False} | SEPTEMBER,
    {"campaign": "agreed", "priority": 9, "segments": "High income, high spending;High income, low spending"}
    | SEPTEMBER,
    {"campaign": "one held out", "holdout_share": 0.01, "segments": LARGEST} | OCTOBER,
    {"campaign": "leaky", "holdout_share": 0.4, "segments": LARGEST} | NOVEMBER,
    {"campaign": "running", "holdout_share": 0.4} | DECEMBER,
    {"campaign": "next", "starts_on": "2027-01-01", "ends_on": "2027-01-31", "is_approved": False},
    {"campaign": "over", "starts_on": "2025-01-01", "ends_on": "2025-01-31"},
    {"campaign": "backwards", "ends_on": "2026-01-01"},
    {"campaign": "everyone held out", "holdout_share": 1.0},
    {"campaign": "elsewhere", "segmentation": "by_weather"},
    {"campaign": "twice"},
    {"campaign": "twice"},
    {"campaign": "unknown segment", "segments": f"{LARGEST}; Astronauts", "is_approved": False},
]  # fmt: skip
OUTCOMES = {
    "campaign": "str",
    "customer_id": "str",
    "retained": "int64",
    "revenue_before": "float64",
    "revenue_during": "float64",
    "observed_on": "datetime64[us]",
}
VARS = {"campaigns_table": "desk.campaigns", "campaign_outcomes_table": "desk.outcomes", "smallest_audience": 30}


class Desk:
    """A warehouse whose campaigns a marketing desk writes into tables of its own."""

    def __init__(self, warehouse: Warehouse):
        self.warehouse = warehouse
        self.query = warehouse.query

    def copy(self, folder: Path) -> "Desk":
        """The same desk in a file that a test may change."""
        made = Desk(Warehouse(folder))
        shutil.copy(self.warehouse.path, made.warehouse.path)
        return made

    def write(self, terms: list[dict], outcomes: pd.DataFrame | None = None) -> None:
        """Replace the terms and the outcomes."""
        known = pd.DataFrame(columns=list(OUTCOMES)) if outcomes is None else outcomes
        tables = {"campaigns": pd.DataFrame([TERMS | each for each in terms]), "outcomes": known[list(OUTCOMES)]}
        with duckdb.connect(str(self.warehouse.path)) as connection:
            connection.execute("create schema if not exists desk")
            for name, rows in tables.items():
                connection.register("written", rows.astype(OUTCOMES) if name == "outcomes" else rows)
                connection.execute(f"create or replace table desk.{name} as select * from written")

    def build(self, command: str, *arguments: str, **project_vars) -> str:
        """Build the campaigns alone, or what the arguments say; returns what dbt printed."""
        return self.warehouse.dbt(command, *(arguments or CAMPAIGNS), project_vars=VARS | project_vars).stdout


def fraction(text: str) -> float:
    """A text's MD5 as a number in [0, 1), worked out without SQL."""
    return int(hashlib.md5(text.encode()).hexdigest()[:13], 16) / 2**52


def outcomes_of(drawn: pd.DataFrame, observed_on: str, uplift: float) -> pd.DataFrame:
    """Simulated outcomes of assigned customers; 40 % stay without the campaign."""
    rng = np.random.default_rng(8)
    is_treated = (drawn["arm"] == "treatment").to_numpy()
    before = rng.gamma(3, 20, len(drawn))
    retained = rng.random(len(drawn)) < 0.4 + uplift * is_treated
    return drawn[["campaign", "customer_id"]].assign(
        retained=retained.astype(int),
        revenue_before=before,
        revenue_during=retained * (before + rng.normal(10, 5, len(drawn))),
        observed_on=pd.Timestamp(observed_on),
    )


@pytest.fixture(scope="module")
def planned(warehouse, tmp_path_factory) -> Desk:
    """The mall data with a calendar of campaigns, all of them ahead."""
    desk = Desk(warehouse).copy(tmp_path_factory.mktemp("planned"))
    with duckdb.connect(str(desk.warehouse.path)) as connection:
        connection.execute("delete from campaigns.campaign_assignments")
    desk.write(CALENDAR)
    desk.build("run", as_of="2026-01-15")
    return desk


@pytest.fixture(scope="module")
def drawn(planned) -> pd.DataFrame:
    return planned.query("from campaigns.campaign_assignments order by campaign, customer_id")


@pytest.fixture(scope="module")
def outcomes(drawn) -> pd.DataFrame:
    """What became of four campaigns."""
    by_name = dict(list(drawn.groupby("campaign")))
    one_held_out = outcomes_of(by_name["one held out"], "2026-10-31", 0)
    one_held_out["retained"] = (by_name["one held out"]["arm"] == "treatment").astype(int).to_numpy()
    # A till that writes down only those of the hold-out who came back.
    leaky = outcomes_of(by_name["leaky"], "2026-11-30", 0)
    is_lost = (by_name["leaky"]["arm"] == "hold-out").to_numpy() & (leaky["retained"] == 0).to_numpy()
    # 55 of 93 against 26 of 62: enough for a test made once, not for one who looks early.
    running = outcomes_of(by_name["running"], "2026-12-10", 0)
    place_in_arm = by_name["running"].groupby("arm").cumcount().to_numpy()
    running["retained"] = (place_in_arm < by_name["running"]["arm"].map({"treatment": 55, "hold-out": 26})).to_numpy(
        int
    )
    stranger = one_held_out.head(1).assign(customer_id="nobody")
    return pd.concat(
        [
            outcomes_of(by_name["letter"], "2026-08-31", 0.5),
            one_held_out,
            leaky[~is_lost],
            running,
            stranger,
        ]
    )


@pytest.fixture(scope="module")
def measured(planned, outcomes, tmp_path_factory) -> Desk:
    """The same in December, rebuilt from the ground, and what its build printed."""
    desk = planned.copy(tmp_path_factory.mktemp("measured"))
    desk.write(CALENDAR, outcomes)
    desk.printed = desk.build("build", "--full-refresh", *CAMPAIGNS, as_of="2026-12-20")
    return desk


@pytest.fixture(scope="module")
def results(measured) -> pd.DataFrame:
    return measured.query("from campaigns.campaign_results")


def overall(results: pd.DataFrame, campaign: str) -> pd.Series:
    return results[results["is_overall"] & (results["campaign"] == campaign)].iloc[0]


def test_arms_are_the_lowest_hashes_and_exact_in_every_segment(drawn):
    letter = drawn[drawn["campaign"] == "letter"]
    assert sorted(letter.groupby("segment_id").size()) == [35, 39, 81]
    for _, segment in letter.groupby("segment_id"):
        ordered = sorted(segment["customer_id"], key=lambda customer: fraction(f"arm letter {customer}"))
        held_out = math.floor(0.4 * len(segment) + 0.5)
        assert set(segment.loc[segment["arm"] == "hold-out", "customer_id"]) == set(ordered[:held_out])


def test_the_more_important_campaign_comes_first_and_its_holdout_is_in_no_other_meanwhile(planned, drawn):
    taken = drawn.groupby("campaign")["customer_id"].agg(set)
    assert len(taken["first"]) == 39 + 35
    assert len(taken["second"]) == 81
    assert not taken["first"] & taken["second"]
    # `third` overlaps `second` alone, and whom `first` had is free again by then.
    assert taken["third"] == taken["first"]
    left_out = planned.query("from campaigns.campaign_left_out").groupby(["campaign", "reason"])["customers"].sum()
    assert left_out["second"].to_dict() == {"in another campaign": 74, "audience too small": 45}
    assert left_out["third"].to_dict() == {"in another campaign": 81, "audience too small": 45}


def test_a_budget_limits_the_audience_and_leaves_the_rest_to_the_next_campaign(planned, drawn):
    plan = planned.query("from campaigns.campaign_plan where is_overall").set_index("campaign")
    assert plan.loc["dear", "expected_cost"] <= 180 < plan.loc["dear", "expected_cost"] + 2 * 5
    assert plan.loc["dear", "customers"] + plan.loc["rest", "customers"] == 81
    assert plan["is_within_budget"].all()
    left_out = planned.query("from campaigns.campaign_left_out").set_index(["campaign", "reason"])["customers"]
    assert left_out["dear", "over budget"] == plan.loc["rest", "customers"]
    assert left_out["rest", "in another campaign"] == plan.loc["dear", "customers"]


def test_an_audience_that_is_too_small_is_not_drawn_and_everyone_is_counted(planned, drawn):
    assert drawn.groupby(["campaign", "segment_id"]).size().min() >= 30
    left_out = planned.query("from campaigns.campaign_left_out where campaign = 'letter'")
    assert set(left_out["reason"]) == {"audience too small"}
    assert left_out["customers"].sum() + (drawn["campaign"] == "letter").sum() == 200


def test_an_unapproved_campaign_is_planned_but_takes_nobody(planned, drawn):
    assert "idea" not in set(drawn["campaign"])
    assert (drawn["campaign"] == "agreed").sum() == 74
    plan = planned.query("from campaigns.campaign_plan where is_overall").set_index("campaign")
    assert (plan.loc["idea", "treatment"], plan.loc["idea", "holdout"]) == (61, 20)


def test_no_arms_are_drawn_for_a_campaign_that_is_over(planned, drawn):
    assert "over" not in set(drawn["campaign"])
    assert planned.query("from campaigns.campaign_terms where campaign = 'over'")["status"][0] == "ended"


def test_terms_that_make_no_sense_are_not_run_and_say_why(planned, measured, drawn):
    terms = planned.query("from campaigns.campaign_terms").set_index("campaign")
    wrong = ["backwards", "everyone held out", "elsewhere", "twice"]
    assert terms.loc[wrong, "problem"].notna().all()
    assert terms["problem"].notna().sum() == 4
    assert not set(wrong) & set(drawn["campaign"])
    printed = " ".join(measured.printed.split())
    for campaign in wrong:
        assert f"Campaign {campaign} is not run as it stands." in printed
    assert f"Campaign unknown segment names segments that are not there, and goes on without them: {LARGEST}" in printed


@pytest.mark.long
def test_arms_outlive_full_refreshes_and_empty_builds(measured, drawn, tmp_path):
    kept = "from campaigns.campaign_assignments order by campaign, customer_id"
    pd.testing.assert_frame_equal(measured.query(kept), drawn)
    emptied = measured.copy(tmp_path)
    emptied.build("run", "--empty", *CAMPAIGNS, as_of="2026-12-20")
    pd.testing.assert_frame_equal(emptied.query(kept), drawn)


def test_nobody_changes_arms_when_customers_join_and_the_model_is_refitted(measured, drawn, tmp_path):
    desk = measured.copy(tmp_path)
    rows = pd.read_csv(MALL, dtype=str)
    joiners = rows.sample(20, random_state=1).assign(CustomerID=[f"new {number}" for number in range(20)])
    joiners["Spending Score (1-100)"] = (joiners["Spending Score (1-100)"].astype(int) % 90 + 5).astype(str)
    source = tmp_path / "customers.csv"
    pd.concat([rows, joiners]).to_csv(source, index=False)
    desk.build("run", "--exclude", "algorithm_scores", customers_file=str(source), random_seed=7, as_of="2026-12-20")
    assert desk.query("select max(model_version) as version from clustering.segmentation_models")["version"][0] > 1
    keys = ["campaign", "customer_id"]
    after = desk.query("from campaigns.campaign_assignments").set_index(keys)
    before = drawn.set_index(keys)
    pd.testing.assert_frame_equal(after.loc[before.index], before, check_dtype=False)
    joined = after.loc[after.index.difference(before.index)].query("drawn_among.isna()")
    assert len(joined) >= 10
    for row in joined.itertuples():
        campaign, customer_id = row.Index
        assert row.arm == ("hold-out" if fraction(f"arm {campaign} {customer_id}") < row.holdout_share else "treatment")


HELD_OUT = "campaign = 'letter' and arm = 'hold-out'"
ROW = f"{HELD_OUT} and customer_id = (select min(customer_id) from campaigns.campaign_assignments where {HELD_OUT})"


@pytest.mark.parametrize(
    "tampering",
    [
        f"update campaigns.campaign_assignments set arm = 'treatment' where {ROW}",
        f"update campaigns.campaign_assignments set segment_id = segment_id + 1 where {ROW}",
        f"update campaigns.campaign_assignments set customer_id = '1000' where {ROW}",
        f"update campaigns.campaign_assignments set hash_fraction = 0.99 where {ROW}",
        f"insert into campaigns.campaign_assignments from campaigns.campaign_assignments where {ROW}",
        f"delete from campaigns.campaign_assignments where {ROW}",
        # One who knows how the checksum is made, but not that arms follow the hash.
        f"""
        update campaigns.campaign_assignments set
            arm = 'treatment',
            assignment_hash = md5(concat_ws('|', campaign, customer_id, segmentation, segment_id, 'treatment',
                cast(1000000 * holdout_share as bigint), drawn_among))
        where {ROW}
        """,
    ],
)
def test_a_tampered_assignment_is_caught(measured, tampering):
    compiled = measured.warehouse.folder / "target/compiled/mall_segments/tests/data_tests"
    check = (compiled / "campaign_assignments_are_as_written.sql").read_text()
    with duckdb.connect(str(measured.warehouse.path)) as connection:
        assert connection.execute(check).fetchall() == []
        connection.execute("begin")
        assert connection.execute(tampering).fetchall() == [(1,)]
        caught = connection.execute(check).fetchall()
        connection.execute("rollback")
    assert caught


def test_results_are_those_of_statsmodels_on_the_outcomes(results, drawn, outcomes):
    joined = drawn.merge(outcomes[outcomes["campaign"] == "letter"], on=["campaign", "customer_id"])
    rows = results[results["campaign"] == "letter"]
    groups = [(None, joined), *joined.groupby("segment_id")]
    assert len(rows) == len(groups) == 4
    for segment_id, group in groups:
        row = rows[rows["is_overall"] if segment_id is None else rows["segment_id"] == segment_id].iloc[0]
        arms = [group[group["arm"] == arm] for arm in ("treatment", "hold-out")]
        treatment, holdout = (len(arm) for arm in arms)
        retained_t, retained_h = (arm["retained"].sum() for arm in arms)
        assert row["p_value"] == pytest.approx(proportions_ztest([retained_t, retained_h], [treatment, holdout])[1])
        expected = confint_proportions_2indep(
            retained_t, treatment, retained_h, holdout, method="newcomb", compare="diff"
        )
        assert (row["uplift_low"], row["uplift_high"]) == pytest.approx(expected, abs=1e-6)
        slope_top = sum(np.cov(arm["revenue_during"], arm["revenue_before"])[0, 1] * (len(arm) - 1) for arm in arms)
        slope = slope_top / sum(arm["revenue_before"].var() * (len(arm) - 1) for arm in arms)
        freed = [arm["revenue_during"] - slope * arm["revenue_before"] for arm in arms]
        interval = stats.ttest_ind(*freed, equal_var=False).confidence_interval(0.95)
        assert (row["revenue_low"], row["revenue_high"]) == pytest.approx(tuple(interval), abs=1e-6)
        assert row["profit_low"] == pytest.approx(0.4 * interval.low * treatment - treatment, abs=1e-6)
    whole = overall(results, "letter")
    assert whole["verdict"] == "works"
    assert whole["incremental_customers"] == pytest.approx(whole["uplift"] * whole["measured_treatment"])
    assert not whole["is_simulated"]
    assert "Simulated" not in whole["reading"]


def test_a_running_campaign_is_judged_by_the_interval_for_looking_early(results):
    running = overall(results, "running")
    assert running["status"] == "running"
    assert running["p_value"] < 0.05
    assert running["uplift_low"] > 0 > running["anytime_low"]
    assert running["verdict"] == "too small to measure"


def test_outcomes_that_miss_one_arm_or_were_never_drawn_are_not_believed(results, measured):
    leaky = overall(results, "leaky")
    assert leaky["verdict"] == "arms do not match"
    assert leaky["ratio_p_value"] == pytest.approx(
        stats.chisquare(
            [leaky["measured_treatment"], leaky["measured_holdout"]],
            (leaky["measured_treatment"] + leaky["measured_holdout"]) * np.array([49, 32]) / 81,
        ).pvalue
    )
    printed = " ".join(measured.printed.split())
    assert "Campaign leaky, all segments of the campaign: the customers measured are not parted as they were" in printed
    assert "Outcomes of campaign one held out are left out, because nobody drew these customers" in printed


def test_one_held_out_customer_proves_nothing(results):
    alone = results[results["campaign"] == "one held out"]
    assert (alone["measured_holdout"] == 1).all()
    assert alone["p_value"].max() < 0.001
    assert set(alone["verdict"]) == {"too small to measure"}


def test_later_campaigns_are_planned_with_the_retention_of_earlier_holdouts(measured, drawn, outcomes):
    plan = measured.query("from campaigns.campaign_plan where is_overall").set_index("campaign")
    held_out = drawn[drawn["arm"] == "hold-out"].merge(outcomes, on=["campaign", "customer_id"])
    ended = held_out[held_out["campaign"].isin(["letter", "one held out", "leaky"])]
    assert plan.loc["letter", "baseline"] == 0.5
    assert not plan.loc["letter", "is_baseline_measured"]
    assert plan.loc["running", "baseline"] == pytest.approx(ended["retained"].mean())
    assert "assumed" not in plan.loc["running", "reading"]


def test_the_demo_says_that_it_is_simulated_and_is_made_by_its_generator(warehouse):
    outcomes = pd.read_csv(PROJECT / "seeds" / "campaign_outcomes.csv", dtype={"customer_id": str})
    made = simulate(read_assignments(warehouse.path), pd.read_csv(EFFECTS), seed=11)
    pd.testing.assert_frame_equal(
        outcomes.drop(columns="is_simulated"),
        made.drop(columns="is_simulated").astype({"observed_on": str}),
        check_dtype=False,
    )
    assert outcomes["is_simulated"].all()
    results = warehouse.query("from campaigns.campaign_results")
    assert results["is_simulated"].all()
    assert results["reading"].str.endswith("Simulated data.").all()
    assert set(results["status"]) == {"ended", "running"}


@pytest.mark.long
def test_what_is_simulated_about_the_mall_is_not_said_of_other_customers(warehouse, tmp_path):
    desk = Desk(warehouse).copy(tmp_path)
    source = tmp_path / "customers.csv"
    shutil.copy(MALL, source)
    desk.warehouse.dbt("run", *CAMPAIGNS, project_vars={"customers_file": str(source)})
    for table in ("campaign_terms", "campaign_observations", "campaign_results", "next_budget"):
        assert len(desk.query(f"from campaigns.{table}")) == 0


def test_every_action_is_labelled_for_todays_segments(warehouse):
    labels = warehouse.query("from campaigns.action_measurability")
    assert len(labels) == len(warehouse.query("from marts.segment_marketing_actions")) > 0
    assert set(labels["label"]) == {"too small to measure"}
    # Fleiss' formula has 81 customers, half of them held out, show about 30 points and no fewer.
    largest = labels.loc[labels["contactable_customers"].idxmax()]
    assert largest["contactable_customers"] == 81
    assert 0.25 < largest["detectable_uplift"] < 0.35


@pytest.mark.parametrize(
    ("project_vars", "sentence"),
    [
        ({"contact_column": "age"}, "a missing consent would be filled in"),
        ({"as_of": "31.3.2026"}, "make it a day, as in 2026-11-25"),
        ({"campaigns": {"powr": 0.8}}, "did you mean `power`"),
    ],
)
def test_vars_that_cannot_be_meant_are_refused_in_a_sentence(new_warehouse, project_vars, sentence):
    result = new_warehouse.dbt("run", "--select", "stg_customers", project_vars=project_vars, check=False)
    assert result.returncode != 0
    assert sentence in " ".join(result.stdout.split())


def test_outcomes_in_a_table_without_their_columns_are_refused_in_a_sentence(warehouse, tmp_path):
    desk = Desk(warehouse).copy(tmp_path)
    result = desk.warehouse.dbt(
        *("run", "--select", "campaign_observations"),
        project_vars={"campaign_outcomes_table": "raw.mall_customers"},
        check=False,
    )
    assert result.returncode != 0
    said = " ".join(result.stdout.split())
    assert "the table `raw.mall_customers` has no column `campaign`; it needs campaign, customer_id, retained" in said


def test_without_consent_nobody_is_drawn_or_given_an_action(warehouse, tmp_path):
    desk = Desk(warehouse).copy(tmp_path)
    rows = pd.read_csv(MALL, dtype=str)
    answers = ["yes", "Yes", "no", "", "maybe", "TRUE", "1", "0", "n/a", "true"]
    rows["Consent"] = [answers[place % len(answers)] for place in range(len(rows))]
    has_agreed = rows["Consent"].isin(["yes", "Yes", "TRUE", "true", "1"])
    rows["CustomerID"] = has_agreed.map({True: "agreed-", False: "refused-"}) + rows["CustomerID"]
    source = tmp_path / "customers.csv"
    rows.to_csv(source, index=False)
    columns = {
        "customer_id": {"from": ["CustomerID"]},
        "gender": {"from": ["Gender"], "type": "category"},
        "may_we": {"from": ["Consent"], "type": "category"},
        "age": {"from": ["Age"], "type": "number", "min": 0, "max": 120},
        "annual_income_k": {"from": ["Annual Income (k$)"], "type": "number", "min": 0},
        "spending_score": {"from": ["Spending Score (1-100)"], "type": "number", "min": 1, "max": 100},
    }
    # In a month in which the demo's campaigns have nobody.
    desk.write([{"campaign": "consenting"} | DECEMBER])
    desk.build(
        "run",
        "--exclude",
        "algorithm_scores",
        customers_file=str(source),
        customer_columns=columns,
        contact_column="may_we",
        smallest_audience=5,
        as_of="2026-01-01",
    )
    agreed = set(rows.loc[has_agreed, "CustomerID"])
    consenting = desk.query("from campaigns.campaign_assignments where campaign = 'consenting'")
    assert set(consenting["customer_id"]) == agreed
    assert len(agreed) == 100
    left_out = desk.query("from campaigns.campaign_left_out")
    assert left_out.groupby("reason")["customers"].sum().to_dict() == {"no consent": 100}
    customers = desk.query("from marts.customers").set_index("customer_id")
    assert set(customers.index[customers["may_contact"]]) == agreed
    has_action = customers["income_spending_first_action"].notna()
    assert has_action[~customers["may_contact"]].sum() == 0
    assert has_action[customers["may_contact"]].all()
    with duckdb.connect(str(desk.warehouse.path), read_only=True) as connection:
        write_segment_lists(connection, tmp_path / "segments")
        write_audiences(connection, tmp_path / "audiences")
    written = b"".join(file.read_bytes() for file in tmp_path.glob("*/**/*.csv"))
    assert b"refused" not in written
    # In the list of a segment of either segmentation, and in that of an arm.
    assert all(written.count(f"{customer},".encode()) == 3 for customer in agreed)
