"""Campaigns in a built warehouse: who is drawn, who is left out, what is kept, and what the results say."""

import hashlib
import math
import os

import duckdb
import numpy as np
import pandas as pd
import pytest
from project import PROJECT
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from benchmarks.simulate_campaign_outcomes import EFFECTS, read_assignments, simulate

CAMPAIGNS = ["--select", "path:models_sql/campaigns", "campaign_statistics"]
TERMS = {
    "segmentation": "income_spending",
    "segments": "all",
    "action": "Letter",
    "starts_on": "2026-03-01",
    "ends_on": "2026-03-31",
    "holdout_share": 0.25,
    "priority": 1,
    "budget": None,
    "cost_per_contact": 1.0,
    "is_approved": True,
    "is_simulated": False,
}
OUTCOMES = ["campaign", "customer_id", "retained", "revenue_before", "revenue_during", "observed_on"]
VARS = {"campaigns_table": "desk.campaigns", "campaign_outcomes_table": "desk.outcomes", "as_of": "2026-02-01"}


class Desk:
    """A warehouse whose campaigns a marketing desk writes into tables of its own."""

    def __init__(self, warehouse):
        self.warehouse = warehouse

    def write(self, terms: list[dict], outcomes: pd.DataFrame | None = None) -> None:
        """Replace the terms and the outcomes."""
        campaigns = pd.DataFrame([TERMS | each for each in terms]).astype({"budget": float})
        known = pd.DataFrame(columns=OUTCOMES) if outcomes is None else outcomes[OUTCOMES]
        with duckdb.connect(str(self.warehouse.path)) as connection:
            connection.execute("create schema if not exists desk")
            for name, rows in {"campaigns": campaigns, "outcomes": known}.items():
                connection.register("written", rows)
                connection.execute(f"create or replace table desk.{name} as select * from written")

    def build(self, command: str = "run", *arguments: str, check: bool = True, **project_vars):
        """Build the campaigns alone."""
        return self.warehouse.dbt(command, *(arguments or CAMPAIGNS), project_vars=VARS | project_vars, check=check)

    def query(self, sql: str) -> pd.DataFrame:
        """Ask the warehouse."""
        return self.warehouse.query(sql)

    def execute(self, sql: str) -> None:
        """Change the warehouse behind dbt's back."""
        with duckdb.connect(str(self.warehouse.path)) as connection:
            connection.execute(sql)


@pytest.fixture
def desk(warehouse, new_warehouse):
    """The mall data, built, without campaigns."""
    new_warehouse.path.write_bytes(warehouse.path.read_bytes())
    made = Desk(new_warehouse)
    made.execute("delete from campaigns.campaign_assignments")
    return made


def fraction(text: str) -> float:
    """A text's MD5 as a number in [0, 1), worked out without SQL."""
    return int(hashlib.md5(text.encode()).hexdigest()[:13], 16) / 2**52


def test_arms_are_the_lowest_hashes_and_exact_in_every_segment(desk):
    desk.write([{"campaign": "letter"}])
    desk.build()
    drawn = desk.query("from campaigns.campaign_assignments")
    assert len(drawn) == 200
    for _, segment in drawn.groupby("segment_id"):
        ordered = sorted(segment["customer_id"], key=lambda customer: fraction(f"arm letter {customer}"))
        held_out = math.floor(0.25 * len(segment) + 0.5)
        assert set(segment.loc[segment["arm"] == "hold-out", "customer_id"]) == set(ordered[:held_out])


def test_nobody_changes_arms_when_customers_join_and_the_model_is_refitted(desk):
    desk.write([{"campaign": "letter"}])
    desk.build()
    before = desk.query("from campaigns.campaign_assignments").set_index("customer_id")
    with duckdb.connect(str(desk.warehouse.path)) as connection:
        rows = connection.sql('select * from raw.mall_customers order by cast("CustomerID" as integer)').df()
    joiners = rows.sample(20, random_state=1).assign(CustomerID=[f"new {number}" for number in range(20)])
    joiners["Spending Score (1-100)"] = (joiners["Spending Score (1-100)"].astype(int) % 90 + 5).astype(str)
    source = desk.warehouse.folder / "customers.csv"
    pd.concat([rows, joiners]).to_csv(source, index=False)
    desk.build("run", "--exclude", "algorithm_scores", customers_file=str(source), random_seed=7)
    assert desk.query("select max(model_version) as version from clustering.segmentation_models")["version"][0] > 1
    after = desk.query("from campaigns.campaign_assignments").set_index("customer_id")
    pd.testing.assert_frame_equal(after.loc[before.index].sort_index(), before.sort_index())
    joined = after[after["drawn_among"].isna()]
    assert set(joined.index) == set(joiners["CustomerID"])
    for row in joined.itertuples():
        assert row.arm == ("hold-out" if fraction(f"arm letter {row.Index}") < 0.25 else "treatment")


def test_a_full_refresh_and_an_empty_build_keep_the_arms(desk):
    desk.write([{"campaign": "letter"}])
    desk.build()
    before = desk.query("from campaigns.campaign_assignments order by all")
    desk.build("run", "--full-refresh", *CAMPAIGNS)
    desk.build("run", "--empty", *CAMPAIGNS)
    pd.testing.assert_frame_equal(desk.query("from campaigns.campaign_assignments order by all"), before)


def test_the_more_important_campaign_comes_first_and_its_holdout_is_in_no_other_meanwhile(desk):
    desk.write(
        [
            {"campaign": "second", "priority": 2, "ends_on": "2026-04-30"},
            {"campaign": "first", "segments": "High income, high spending; High income, low spending"},
            {"campaign": "later", "priority": 3, "starts_on": "2026-04-01", "ends_on": "2026-04-30"},
        ]
    )
    desk.build()
    drawn = desk.query("from campaigns.campaign_assignments")
    taken = drawn.groupby("campaign")["customer_id"].agg(set)
    assert len(taken["first"]) == 39 + 35
    assert len(taken["second"]) == 200 - 39 - 35
    # `later` overlaps `second` alone, and whom `first` had is free again by then.
    assert taken["later"] == taken["first"]
    left_out = desk.query("from campaigns.campaign_left_out")
    assert set(left_out["reason"]) == {"in another campaign"}
    assert left_out.groupby("campaign")["customers"].sum().to_dict() == {"second": 74, "later": 126}
    desk.build("test", "--select", "path:tests/data_tests", "--exclude", "test_type:unit")


def test_a_budget_limits_the_audience_and_leaves_the_rest_to_the_next_campaign(desk):
    desk.write(
        [
            {
                "campaign": "dear",
                "budget": 400,
                "cost_per_contact": 5.0,
                "segments": "Average income, average spending",
            },
            {"campaign": "small", "priority": 2, "budget": 10, "segments": "Average income, average spending"},
            {"campaign": "rest", "priority": 3},
        ]
    )
    desk.build(smallest_audience=5)
    plan = desk.query("from campaigns.campaign_plan where is_overall").set_index("campaign")
    assert plan.loc["dear", "treatment"] <= 80 < plan.loc["dear", "customers"] + 1
    assert plan.loc["small", "expected_cost"] <= 10
    assert plan["customers"].sum() == 200
    assert plan["is_within_budget"].all()


def test_an_audience_that_is_too_small_is_not_drawn_and_counted(desk):
    desk.write([{"campaign": "letter"}, {"campaign": "next", "priority": 2}])
    desk.build(smallest_audience=30)
    sizes = desk.query("select campaign, segment_id, count(*) as n from campaigns.campaign_assignments group by all")
    assert sizes["n"].min() >= 30
    left_out = desk.query("from campaigns.campaign_left_out where campaign = 'letter'")
    assert dict(zip(left_out["reason"], left_out["customers"], strict=False)).keys() == {"audience too small"}
    assert left_out["customers"].sum() + sizes["n"].sum() == 200


def test_an_unapproved_campaign_is_planned_but_takes_nobody(desk):
    desk.write([{"campaign": "idea", "is_approved": False}, {"campaign": "letter", "priority": 9}])
    desk.build()
    assert set(desk.query("select distinct campaign from campaigns.campaign_assignments")["campaign"]) == {"letter"}
    left_out = desk.query("from campaigns.campaign_left_out")
    assert left_out.set_index("campaign").loc["idea", "customers"].sum() == 200
    desk.write([{"campaign": "idea", "is_approved": False}])
    desk.execute("delete from campaigns.campaign_assignments")
    desk.build()
    plan = desk.query("from campaigns.campaign_plan where is_overall").iloc[0]
    assert (plan["treatment"], plan["holdout"]) == (149, 51)
    assert len(desk.query("from campaigns.campaign_assignments")) == 0


def test_no_arms_are_drawn_for_a_campaign_that_is_over(desk):
    desk.write([{"campaign": "letter"}])
    desk.build(as_of="2026-04-01")
    assert len(desk.query("from campaigns.campaign_assignments")) == 0
    desk.build(as_of="2026-03-31")
    assert len(desk.query("from campaigns.campaign_assignments")) == 200


@pytest.mark.parametrize(
    "tampering",
    [
        """
        update campaigns.campaign_assignments set arm = case arm when 'hold-out' then 'treatment' else 'hold-out' end
        where customer_id = '1'
        """,
        "update campaigns.campaign_assignments set segment_id = 2 where customer_id = '1'",
        "update campaigns.campaign_assignments set customer_id = '1000' where customer_id = '1'",
        "insert into campaigns.campaign_assignments from campaigns.campaign_assignments where customer_id = '1'",
        "delete from campaigns.campaign_assignments where customer_id = '1'",
        # One who knows how the checksum is made, but not that arms follow the hash.
        """
        update campaigns.campaign_assignments as row set
            arm = 'treatment',
            assignment_hash = md5(concat_ws('|', campaign, customer_id, segmentation, segment_id, 'treatment',
                cast(1000000 * holdout_share as bigint), drawn_among))
        where customer_id = (select min(customer_id) from campaigns.campaign_assignments where arm = 'hold-out')
        """,
    ],
)
def test_a_tampered_assignment_is_caught(desk, tampering):
    desk.write([{"campaign": "letter"}])
    desk.build()
    checks = ["--select", "campaign_assignments_are_as_written"]
    desk.build("test", *checks)
    desk.execute(tampering)
    assert desk.build("test", *checks, check=False).returncode == 1


def outcomes_of(drawn: pd.DataFrame, observed_on: str, uplift: float = 0.5) -> pd.DataFrame:
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


def test_results_are_those_of_statsmodels_on_the_outcomes(desk):
    desk.write([{"campaign": "letter", "holdout_share": 0.4}])
    desk.build()
    drawn = desk.query("from campaigns.campaign_assignments").sort_values("customer_id")
    outcomes = outcomes_of(drawn, "2026-03-31")
    desk.write([{"campaign": "letter", "holdout_share": 0.4}], outcomes)
    desk.build(as_of="2026-04-01")
    results = desk.query("from campaigns.campaign_results")
    joined = drawn.merge(outcomes, on=["campaign", "customer_id"])
    groups = [(None, joined), *joined.groupby("segment_id")]
    assert len(results) == len(groups) == 6
    for segment_id, group in groups:
        row = results[results["segment_id"].isna() if segment_id is None else results["segment_id"] == segment_id].iloc[
            0
        ]
        arms = [group[group["arm"] == arm] for arm in ("treatment", "hold-out")]
        (retained_t, retained_h), (treatment, holdout) = zip(
            *((arm["retained"].sum(), len(arm)) for arm in arms), strict=True
        )
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
    overall = results[results["is_overall"]].iloc[0]
    assert overall["verdict"] == "works"
    assert overall["incremental_customers"] == pytest.approx(overall["uplift"] * 120)
    assert not overall["is_simulated"]
    assert "Simulated" not in overall["reading"]


def test_a_running_campaign_is_judged_by_the_interval_for_looking_early(desk):
    desk.write([{"campaign": "letter", "holdout_share": 0.4}])
    desk.build()
    outcomes = outcomes_of(desk.query("from campaigns.campaign_assignments"), "2026-03-10", uplift=0.22)
    desk.write([{"campaign": "letter", "holdout_share": 0.4}], outcomes)
    desk.build(as_of="2026-03-20")
    running = desk.query("from campaigns.campaign_results where is_overall").iloc[0]
    desk.build(as_of="2026-04-01")
    ended = desk.query("from campaigns.campaign_results where is_overall").iloc[0]
    assert running["status"] == "running"
    assert running["uplift"] == ended["uplift"]
    assert running["p_value"] < 0.05
    assert running["anytime_low"] < 0 < ended["uplift_low"]
    assert (running["verdict"], ended["verdict"]) == ("too small to measure", "works")


def test_outcomes_that_miss_one_arm_are_not_believed(desk):
    desk.write([{"campaign": "letter", "holdout_share": 0.4}])
    desk.build()
    outcomes = outcomes_of(desk.query("from campaigns.campaign_assignments"), "2026-03-31", uplift=0)
    # A till that writes down only those who came back.
    drawn = desk.query("select customer_id, arm from campaigns.campaign_assignments")
    lost = drawn.merge(outcomes, on="customer_id").query("arm == 'hold-out' and retained == 0")["customer_id"]
    desk.write([{"campaign": "letter", "holdout_share": 0.4}], outcomes[~outcomes["customer_id"].isin(lost)])
    desk.build(as_of="2026-04-01")
    assert desk.query("from campaigns.campaign_results where is_overall")["verdict"][0] == "arms do not match"
    warned = desk.build("test", "--select", "measured_arms_are_those_drawn").stdout
    assert "WARN=1" in warned


def test_one_held_out_customer_proves_nothing(desk):
    desk.write([{"campaign": "letter", "holdout_share": 0.01, "segments": "Average income, average spending"}])
    desk.build()
    drawn = desk.query("from campaigns.campaign_assignments")
    assert (drawn["arm"] == "hold-out").sum() == 1
    outcomes = outcomes_of(drawn, "2026-03-31").assign(retained=(drawn["arm"] == "treatment").astype(int).to_numpy())
    desk.write(
        [{"campaign": "letter", "holdout_share": 0.01, "segments": "Average income, average spending"}], outcomes
    )
    desk.build(as_of="2026-04-01")
    results = desk.query("from campaigns.campaign_results")
    assert results["p_value"].max() < 0.001
    assert set(results["verdict"]) == {"too small to measure"}


def test_later_campaigns_are_planned_with_the_retention_of_earlier_holdouts(desk):
    first = {"campaign": "letter", "holdout_share": 0.5}
    desk.write([first])
    desk.build()
    outcomes = outcomes_of(desk.query("from campaigns.campaign_assignments"), "2026-03-31")
    desk.write([first, {"campaign": "next", "starts_on": "2026-05-01", "ends_on": "2026-05-31"}], outcomes)
    desk.build(as_of="2026-04-01")
    plan = desk.query("from campaigns.campaign_plan where is_overall").set_index("campaign")
    held_out = outcomes.merge(
        desk.query(
            "select customer_id from campaigns.campaign_assignments where campaign = 'letter' and arm = 'hold-out'"
        )
    )
    assert plan.loc["letter", "baseline"] == 0.5
    assert not plan.loc["letter", "is_baseline_measured"]
    assert plan.loc["next", "baseline"] == pytest.approx(held_out["retained"].mean())
    assert "assumed" not in plan.loc["next", "reading"]


def test_terms_that_make_no_sense_are_not_run_and_say_why(desk):
    desk.write(
        [
            {"campaign": "backwards", "ends_on": "2026-01-01"},
            {"campaign": "everyone held out", "holdout_share": 1.0},
            {"campaign": "elsewhere", "segmentation": "by_weather"},
            {"campaign": "twice"},
            {"campaign": "twice"},
            {"campaign": "unknown segment", "segments": "High income, high spending; Astronauts", "priority": 5},
            {"campaign": "fine", "priority": 6, "segments": "High income, high spending;Low income, low spending"},
        ]
    )
    desk.build()
    problems = desk.query("from campaigns.campaign_terms").set_index("campaign")["problem"]
    assert problems[["backwards", "everyone held out", "elsewhere", "twice"]].notna().all()
    assert problems[["unknown segment", "fine"]].isna().all()
    drawn = desk.query("select campaign, count(*) as n from campaigns.campaign_assignments group by all")
    assert dict(zip(drawn["campaign"], drawn["n"], strict=True)) == {"unknown segment": 39, "fine": 23}
    warned = desk.build("test", "--select", "campaigns_can_be_run", "--store-failures").stdout
    assert "WARN=1" in warned
    assert "Got 6 results" in warned


def test_the_demo_says_that_it_is_simulated_and_is_made_by_its_generator(warehouse):
    outcomes = pd.read_csv(PROJECT / "seeds" / "campaign_outcomes.csv", dtype={"customer_id": str})
    made = simulate(read_assignments(warehouse.path), pd.read_csv(EFFECTS), seed=11)
    pd.testing.assert_frame_equal(
        outcomes.drop(columns=["is_simulated"]),
        made.astype({"observed_on": str}).drop(columns=["is_simulated"]),
        check_dtype=False,
    )
    assert outcomes["is_simulated"].all()
    results = warehouse.query("from campaigns.campaign_results")
    assert results["is_simulated"].all()
    assert results["reading"].str.endswith("Simulated data.").all()
    assert set(results["status"]) == {"ended", "running"}


def test_what_is_simulated_about_the_mall_is_not_said_of_other_customers(desk):
    source = desk.warehouse.folder / "customers.csv"
    with duckdb.connect(str(desk.warehouse.path), read_only=True) as connection:
        connection.sql("from raw.mall_customers").write_csv(str(source), header=True)
    desk.warehouse.dbt("run", *CAMPAIGNS, project_vars={"customers_file": str(source)})
    for table in ("campaign_terms", "campaign_observations", "campaign_results", "next_budget"):
        assert len(desk.query(f"from campaigns.{table}")) == 0


def test_every_action_is_labelled_for_todays_segments(warehouse):
    labels = warehouse.query("from campaigns.action_measurability")
    assert len(labels) == len(warehouse.query("from marts.segment_marketing_actions")) > 0
    # 81 customers of the largest segment, half of them held out, show 31 points and no less.
    largest = labels.loc[labels["contactable_customers"].idxmax()]
    assert largest["contactable_customers"] == 81
    assert largest["detectable_uplift"] > 0.25
    assert set(labels["label"]) == {"too small to measure"}


@pytest.mark.parametrize(
    ("project_vars", "sentence"),
    [
        ({"contact_column": "phone"}, "var contact_column: `phone` is not a category"),
        ({"contact_column": "age"}, "a missing consent would be filled in"),
        ({"smallest_audience": 0}, "var smallest_audience"),
        ({"as_of": "31.3.2026"}, "var as_of: '31.3.2026' is not a day"),
        ({"campaigns": {"power": 0.8}}, "var campaigns: `level` is"),
        ({"campaigns": {"powr": 0.8}}, "no setting `powr`"),
    ],
)
def test_vars_that_cannot_be_meant_are_refused_in_a_sentence(new_warehouse, project_vars, sentence):
    result = new_warehouse.dbt("run", "--select", "stg_customers", project_vars=project_vars, check=False)
    assert result.returncode != 0
    assert sentence in " ".join(result.stdout.split())


def consenting_mall(warehouse, folder: os.PathLike) -> tuple[dict, pd.DataFrame]:
    """The mall customers with a column of consent, in a file, and the vars to build them."""
    with duckdb.connect(str(warehouse.path), read_only=True) as connection:
        rows = connection.sql("from raw.mall_customers").df()
    answers = ["yes", "Yes", "no", "", "maybe", "TRUE", "1", "0", "n/a", "true"]
    rows["Consent"] = [answers[place % len(answers)] for place in range(len(rows))]
    rows["CustomerID"] = [f"consent-{number}" for number in rows["CustomerID"]]
    source = folder / "customers.csv"
    rows.to_csv(source, index=False)
    columns = {
        "customer_id": {"from": ["CustomerID"]},
        "gender": {"from": ["Gender"], "type": "category"},
        "may_we": {"from": ["Consent"], "type": "category"},
        "age": {"from": ["Age"], "type": "number", "min": 0, "max": 120},
        "annual_income_k": {"from": ["Annual Income (k$)"], "type": "number", "min": 0},
        "spending_score": {"from": ["Spending Score (1-100)"], "type": "number", "min": 1, "max": 100},
    }
    return {"customers_file": str(source), "customer_columns": columns, "contact_column": "may_we"}, rows


def test_without_consent_nobody_is_drawn_or_given_an_action(desk):
    project_vars, rows = consenting_mall(desk.warehouse, desk.warehouse.folder)
    desk.write([{"campaign": "letter"}])
    desk.build("run", "--exclude", "algorithm_scores", "upgrade_candidates", smallest_audience=5, **project_vars)
    agreed = set(rows.loc[rows["Consent"].isin(["yes", "Yes", "TRUE", "true", "1"]), "CustomerID"])
    assert set(desk.query("select customer_id from campaigns.campaign_assignments")["customer_id"]) == agreed
    left_out = desk.query("from campaigns.campaign_left_out")
    assert left_out.groupby("reason")["customers"].sum().to_dict() == {"no consent": 100}
    customers = desk.query("from marts.customers").set_index("customer_id")
    assert set(customers.index[customers["may_contact"]]) == agreed
    actions = customers["income_spending_first_action"].notna()
    assert actions.equals(customers["may_contact"].rename("income_spending_first_action"))
