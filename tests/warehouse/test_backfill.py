"""The past built from purchases: months as they were known then, who came back, and what campaigns brought."""

import datetime as dt
import json
import os
import shutil
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from compiled import CompiledModels
from project import PROJECT, Warehouse

from mall_segments import backfill, cli
from mall_segments.problems import ProblemError

CDNOW = PROJECT / "tests" / "data" / "cdnow" / "purchases.csv"
SEGMENTATIONS = {"shopping": {"features": {"recency_days": 1, "revenue": 1}}}


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> CompiledModels:
    """The models that follow customers through their purchases, on tables that a test writes."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "purchases.csv").write_text("customer,date,amount\n")
    compiled = CompiledModels(
        folder,
        "segment_retention",
        "campaign_outcomes_from_purchases",
        "doubtful_campaigns",
        purchases_file=str(folder / "purchases.csv"),
        purchase_columns={"customer": "customer", "date": "date", "amount": "amount"},
        segmentations=SEGMENTATIONS | {"another": SEGMENTATIONS["shopping"]},
    )
    for schema in ("staging", "campaigns"):
        compiled.connection.execute(f"create schema if not exists warehouse.{schema}")
    return compiled


def write_purchases(models: CompiledModels, rows: list[tuple]) -> pd.DataFrame:
    """Stage purchases: customer, day, amount, and why the row is rejected, if it is."""
    purchases = pd.DataFrame(rows, columns=["customer_id", "purchase_date", "amount", "rejection_reason"])
    purchases["purchase_date"] = pd.to_datetime(purchases["purchase_date"]).dt.date
    models.write("staging.stg_purchases", purchases.astype({"rejection_reason": "string"}))
    return purchases


def test_retention_is_that_of_a_walk_through_every_customer_and_month(models):
    rng = np.random.default_rng(3)
    builds = [
        dt.date(2025, 1, 15),
        dt.date(2025, 1, 31),
        dt.date(2025, 2, 28),
        dt.date(2025, 5, 1),
        dt.date(2025, 5, 31),
    ]
    periods, where = [], {}
    for customer in map(str, range(60)):
        joined, left = sorted(rng.choice(len(builds) + 2, 2, replace=False))
        segments = [
            tuple(int(segment) for segment in rng.integers(1, 4, 2)) if joined <= number < left else None
            for number in range(len(builds))
        ]
        where[customer] = segments
        for number, day in enumerate(builds):
            changed = [later for later in range(number + 1, len(builds)) if segments[later] != segments[number]]
            if segments[number] and (number == 0 or segments[number - 1] != segments[number]):
                periods.append((customer, *segments[number], day, builds[changed[0]] if changed else None))
    columns = ["customer_id", "shopping_segment_id", "another_segment_id", "valid_from", "valid_to"]
    history = pd.DataFrame(periods, columns=columns)
    models.write(
        "marts.segment_history", history.assign(**{c: pd.to_datetime(history[c]) for c in ("valid_from", "valid_to")})
    )
    models.write(
        "marts.segments",
        pd.DataFrame(
            [(name, segment, f"{name} {segment}") for name in ("shopping", "another") for segment in (1, 2)],
            columns=["segmentation", "segment_id", "segment_name"],
        ),
    )
    models.write("features.as_of_day", pd.DataFrame({"as_of": [dt.date(2025, 6, 29)]}))
    rows = [
        (str(rng.integers(60)), dt.date(2025, 1, 1) + dt.timedelta(int(rng.integers(180))), cents / 100, reason)
        for cents, reason in zip(
            rng.integers(-2_000, 5_000, 300), rng.choice([None, "repeated row"], 300, p=[0.9, 0.1]), strict=True
        )
    ]
    purchases = write_purchases(models, rows)

    # June is not over on the 29th, and January began before the history did.
    found = models.run("segment_retention").set_index(["segmentation", "segment_id", "month_start"]).sort_index()
    expected = {}
    for first in (dt.date(2025, month, 1) for month in (2, 3, 4, 5)):
        following = dt.date(2025, first.month + 1, 1)
        before, by_end = (sum(day < limit for day in builds) - 1 for limit in (first, following))
        for customer, segments in where.items():
            bought = [
                amount
                for who, day, amount, reason in purchases.itertuples(index=False)
                if who == customer and first <= day < following and pd.isna(reason)
            ]
            for position, name in enumerate(("shopping", "another")):
                if segments[before]:
                    key = (name, segments[before][position], pd.Timestamp(first))
                    row = expected.setdefault(key, {"customers": 0, "retained": 0, "revenue": 0, "gone": 0, "to": []})
                    row["customers"] += 1
                    row["retained"] += any(amount >= 0 for amount in bought)
                    row["revenue"] += sum(bought)
                    row["gone"] += segments[by_end] is None
                    row["to"] += [segments[by_end][position]] if segments[by_end] else []
    assert len(found) == len(expected) == 2 * 3 * 4
    for key, row in expected.items():
        shown = found.loc[key]
        moves = pd.Series(row["to"], dtype=int).value_counts().drop(key[1], errors="ignore")
        assert shown[["customers", "retained", "gone"]].tolist() == [row["customers"], row["retained"], row["gone"]]
        assert shown["revenue"] == pytest.approx(row["revenue"])
        assert shown["retention"] == pytest.approx(row["retained"] / row["customers"])
        assert (shown["stayed"], shown["moved"]) == (row["to"].count(key[1]), moves.sum())
        ordered = sorted(moves.items(), key=lambda each: (-each[1], each[0]))
        names = {1: f"{key[0]} 1", 2: f"{key[0]} 2", 3: "a former segment"}
        assert shown["went_to"] == "; ".join(f"{names[segment]} ({customers})" for segment, customers in ordered)


def test_retention_does_not_stop_after_a_hundred_years(models):
    history = {"customer_id": "1", "shopping_segment_id": 1, "another_segment_id": 1, "valid_to": pd.NaT}
    models.write("marts.segment_history", pd.DataFrame([history | {"valid_from": pd.Timestamp("1890-01-31")}]))
    models.write("marts.segments", pd.DataFrame({"segmentation": ["shopping"], "segment_id": 1, "segment_name": "One"}))
    models.write("features.as_of_day", pd.DataFrame({"as_of": [dt.date(2025, 6, 29)]}))
    write_purchases(models, [("1", "2025-05-03", 4, None)])
    found = models.run("segment_retention").query("segmentation == 'shopping'").sort_values("month_start")
    assert len(found) == 12 * (2025 - 1890) + 4
    assert found.iloc[-1][["month_start", "retained", "revenue"]].tolist() == [pd.Timestamp("2025-05-01"), 1, 4]


def test_outcomes_of_a_campaign_are_read_off_the_purchases_of_its_days(models):
    write_purchases(
        models,
        [
            ("stranger", "2026-01-25", 9, None),
            ("borders", "2026-02-01", 1, None),
            ("borders", "2026-02-28", 2, None),
            ("borders", "2026-03-01", 4, None),
            ("borders", "2026-03-28", 8, None),
            ("outside", "2026-01-31", 1, None),
            ("outside", "2026-03-29", 2, None),
            ("returns", "2026-03-10", -5, None),
            ("rejected", "2026-03-10", 5, "other currency"),
            ("rejected", "2026-04-02", 5, "after as_of"),
            ("free", "2026-03-10", 0, None),
            ("gone", "2026-03-10", 3, "unknown customer"),
            ("stranger", "2026-04-01", 9, None),
        ],
    )
    campaigns = {
        "over": ("2026-03-01", "2026-03-28", None),
        "early": ("2026-02-20", "2026-03-28", None),
        "reported": ("2026-03-01", "2026-03-28", None),
        "wrong": ("2026-03-01", "2026-03-28", "It has no name."),
        "not over": ("2026-03-01", "2026-04-01", None),
    }
    terms = pd.DataFrame(campaigns.values(), columns=["starts_on", "ends_on", "problem"])
    terms[["starts_on", "ends_on"]] = terms[["starts_on", "ends_on"]].apply(lambda days: pd.to_datetime(days).dt.date)
    models.write("campaigns.campaign_terms", terms.assign(campaign=list(campaigns)))
    models.write("campaigns.campaign_observations", pd.DataFrame({"campaign": ["reported"]}))
    drawn = ["borders", "outside", "returns", "rejected", "free", "gone"]
    assignments = pd.MultiIndex.from_product([campaigns, drawn], names=["campaign", "customer_id"]).to_frame(
        index=False
    )
    models.write("campaigns.campaign_assignments", assignments)

    outcomes = models.run("campaign_outcomes_from_purchases").set_index(["campaign", "customer_id"])
    assert set(outcomes.index.get_level_values("campaign")) == {"over", "early"}
    assert outcomes.loc["over"].loc[drawn].to_numpy().tolist() == [
        [1, 3, 12],
        [0, 0, 0],
        [0, 0, -5],
        [0, 0, 0],
        [1, 0, 0],
        [1, 0, 3],
    ]
    # Its 37 days before begin on January 14, when no purchase was written down yet.
    assert outcomes.loc["early", "revenue_before"].isna().all()
    assert outcomes.loc[("early", "borders"), "revenue_during"] == 14


def test_a_campaign_that_is_over_without_a_result_is_warned_of(models):
    names = ["measured", "not measured", "running", "never drawn"]
    terms = pd.DataFrame({"campaign": names, "status": ["ended", "ended", "running", "ended"]})
    models.write("campaigns.campaign_terms", terms.assign(problem=pd.NA, segments="all", holdout_share=0.5))
    models.write("campaigns.campaign_segments", pd.DataFrame({"campaign": names, "listed_as": "all"}))
    drawn = pd.DataFrame({"campaign": names[:3], "customer_id": "1", "holdout_share": 0.5})
    models.write("campaigns.campaign_assignments", drawn)
    models.write("campaigns.campaign_observations", drawn.head(1))
    results = pd.DataFrame({"campaign": ["measured"], "segment_name": "all", "is_ratio_as_drawn": True})
    models.write("campaigns.campaign_results", results)
    ((sentence,),) = models.run("doubtful_campaigns").to_numpy()
    assert sentence.startswith("Campaign not measured is over and has no result")


def test_months_that_cannot_be_meant_are_refused_in_a_sentence():
    assert backfill.last_days("2023-12", "2024-02") == [
        dt.date(2023, 12, 31), dt.date(2024, 1, 31), dt.date(2024, 2, 29)
    ]  # fmt: skip
    with pytest.raises(ProblemError, match="--to is `2025-13`, which is no month; write it as in 2025-01"):
        backfill.last_days("2025-01", "2025-13")
    with pytest.raises(ProblemError, match="--from 2025-02 comes after --to 2025-01; swap them"):
        backfill.last_days("2025-02", "2025-01")
    for text, sentence in (("{a: [}", "--vars cannot be read"), ("active_days", "--vars holds no names with values")):
        with pytest.raises(ProblemError, match=sentence):
            backfill.read_vars(text)


@pytest.fixture
def looked_at(tmp_path):
    """A warehouse as it is looked at before a backfill."""
    path = tmp_path / "looked_at.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("""
            create schema staging; create schema campaigns;
            create table staging.stg_purchases as select * from (values
                (date '2025-02-10', null), (date '2025-04-10', null), (date '2062-04-10', 'date out of range')
            ) as purchases (purchase_date, rejection_reason);
            create table campaigns.campaign_terms as select * from (values
                ('draft', false, null, date '2026-01-01'), ('letter', true, null, date '2025-03-31'),
                ('wrong', true, 'It has no name.', date '2026-01-01')
            ) as terms (campaign, is_approved, problem, ends_on)
        """)
    return backfill.asking(path, "80%")


def test_a_warehouse_without_purchases_or_history_is_told_apart_from_an_empty_one(tmp_path):
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    for name in ("empty.duckdb", "none.duckdb"):
        ask = backfill.asking(tmp_path / name, "80%")
        assert backfill.history_until(ask) is None
        with pytest.raises(ProblemError, match=r"dbt left no staging.stg_purchases .* say --postgres for the database"):
            backfill.check_source([dt.date(2025, 1, 31)], ask)


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("2025-01", "2025-03", "By 2025-01-31 nobody had bought yet, .* begin with --from 2025-02"),
        ("2025-04", "2025-05", "is of 2025-04-10, so nothing is known of 2025-05; end with --to 2025-04"),
        ("2025-02", "2025-03", r"would draw their arms for good from customers of the past \(letter\)"),
    ],
)  # fmt: skip
def test_what_the_purchases_do_not_hold_is_refused_in_a_sentence(looked_at, first, last, sentence):
    with pytest.raises(ProblemError, match=sentence):
        backfill.check_source(backfill.last_days(first, last), looked_at)
    assert backfill.check_source(backfill.last_days("2025-04", "2025-04"), looked_at) == dt.date(2025, 4, 10)


@pytest.mark.parametrize(
    ("until", "following"),
    [
        (None, None),
        ("2025-01-30", None),
        ("2025-01-31", "2025-02"),
        ("2025-02-10", "2025-02"),
        ("2025-02-28", "2025-03"),
        ("2025-12-31", "2026-01"),
    ],
)
def test_months_that_the_history_has_gone_past_are_refused(until, following):
    until = until and dt.date.fromisoformat(until)
    if following:
        with pytest.raises(ProblemError, match=f"goes to {until}, .* begin with --from {following}, or build"):
            backfill.check_history([dt.date(2025, 1, 31), dt.date(2025, 2, 28)], until)
    else:
        backfill.check_history([dt.date(2025, 1, 31)], until)


def test_dbt_is_told_the_day_and_what_it_says_of_a_failure_is_passed_on(tmp_path, monkeypatch):
    script = """
import json, os, sys
print(json.dumps([sys.argv[1:], os.environ["MALL_SEGMENTS_DB"], os.environ["MALL_SEGMENTS_MEMORY"]]))
sys.exit(2 if "failing" in sys.argv else 0)
"""
    monkeypatch.setattr(backfill, "COMMAND", (sys.executable, "-c", script))
    dbt = backfill.Dbt(tmp_path / "new.duckdb", "2GB", {"active_days": 30, "as_of": "today"}, ["--target", "prod"])
    arguments, *environment = json.loads(dbt.run("build", "-s", "segments", as_of=dt.date(2025, 1, 31)))
    given = '{"active_days": 30, "as_of": "2025-01-31"}'
    assert arguments == [
        *("--log-level", "warn", "--no-use-colors", "build", "-s", "segments", "--vars", given, "--target", "prod")
    ]
    assert environment == [str(tmp_path / "new.duckdb"), "2GB"]
    with pytest.raises(ProblemError, match=r"(?s)failing.*`dbt build` for 2025-01-31 failed, as it says above"):
        dbt.run("build", "failing", as_of=dt.date(2025, 1, 31))
    with pytest.raises(ProblemError, match=r"(?s)failing.*`dbt ls` failed"):
        dbt.run("ls", "failing", as_of=None)


def test_every_month_is_built_on_its_day_and_told(tmp_path, monkeypatch, capsys):
    built = []

    class Told:
        def __init__(self, warehouse, *_):
            assert warehouse.is_absolute()

        def run(self, command, *arguments, as_of):
            built.append((command, as_of))
            return "stg_purchases" if command == "ls" else f"warned for {as_of}"

    monkeypatch.setattr(backfill, "Dbt", Told)
    monkeypatch.setattr(backfill, "check_source", lambda *_: dt.date(2025, 2, 10))
    monkeypatch.setattr(backfill, "moved_on", lambda day, *_: 1000 * day.month)
    monkeypatch.chdir(tmp_path)
    days = backfill.last_days("2025-01", "2025-02")
    backfill.backfill(days, Path("new.duckdb"), "1GB", {}, [])
    assert built == [("ls", None), ("build", None), ("build", days[0]), ("build", days[1])]
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "2025-01-31: 1,000 customers came to a segment",
        "2025-02-28: 2,000 customers came to a segment",
        "",
        "dbt warned in the last build:",
        "warned for 2025-02-28",
        "The newest purchase is of 2025-02-10; 2025-02 counts as over all the same.",
    ]
    assert said.err == ""  # no terminal
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    backfill.backfill(days[:1], Path("new.duckdb"), "1GB", {}, [])
    said = capsys.readouterr()
    assert said.err == "\r\033[K2025-01-31: building, 1 of 1\r\033[K"
    assert "counts as over" not in said.out


@pytest.mark.long
def test_a_project_without_purchases_has_no_past_to_build(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(PROJECT)
    monkeypatch.setattr(os, "environ", os.environ | Warehouse(tmp_path).environment())
    arguments = ["--warehouse", str(tmp_path / "new.duckdb"), "--from", "2025-01", "--to", "2025-02"]
    assert cli.main(["backfill", *arguments]) == 1
    assert "The project has no purchases" in capsys.readouterr().err
    assert not (tmp_path / "new.duckdb").exists()


@pytest.fixture(scope="module")
def known() -> pd.DataFrame:
    """The purchases of every sixth customer of CDNOW, who came in January to March 1997."""
    purchases = pd.read_csv(CDNOW, dtype={"customer": str}, parse_dates=["date"])
    return purchases[purchases["customer"].isin(sorted(purchases["customer"].unique())[::6])]


class Shop:
    """A shop without a customer table, whose past is built by the command line."""

    def __init__(self, folder, purchases: pd.DataFrame):
        self.warehouse = Warehouse(folder)
        purchases.to_csv(folder / "purchases.csv", index=False)
        self.vars = {
            "purchases_file": str(folder / "purchases.csv"),
            "purchase_columns": {"customer": "customer", "date": "date", "amount": "dollars"},
            "segmentations": SEGMENTATIONS,
            "value_features": {"revenue": 1},
            "cluster_counts": {"min": 2, "max": 3},
        }

    def backfill(self, first: str, last: str) -> int:
        """Build months as from a shell, and return the exit code."""
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(PROJECT)
            patch.setattr(os, "environ", os.environ | self.warehouse.environment())
            arguments = ["--warehouse", str(self.warehouse.path), "--from", first, "--to", last]
            return cli.main(["backfill", *arguments, "--vars", json.dumps(self.vars)])


@pytest.fixture(scope="module")
def shop(tmp_path_factory, known) -> Shop:
    """February and March 1997, of purchases that go on to June 1998."""
    shop = Shop(tmp_path_factory.mktemp("shop"), known)
    assert shop.backfill("1997-02", "1997-03") == 0
    return shop


def test_the_history_begins_on_the_last_day_of_the_first_month(shop, known):
    firsts = known.groupby("customer")["date"].min()
    history = shop.warehouse.query("from marts.segment_history")
    joined = history.groupby("customer_id")["valid_from"].min()
    expected = firsts.map(lambda day: pd.Timestamp("1997-02-28") if day.month < 3 else pd.Timestamp("1997-03-31"))
    assert joined.to_dict() == expected.to_dict()
    assert set(history["valid_to"].dropna()) == {pd.Timestamp("1997-03-31")}
    moves = shop.warehouse.query("from marts.segment_migrations")
    assert set(moves["moved_at"]) == {pd.Timestamp("1997-03-31")}
    came = moves.loc[moves["cause"] == "customer joined", "customers"].sum()
    assert came == (firsts >= "1997-03-01").sum() > 50


def test_who_came_back_in_the_month_is_counted_from_the_raw_purchases(shop, known):
    retention = shop.warehouse.query("from marts.segment_retention")
    assert set(retention["month_start"]) == {pd.Timestamp("1997-03-01")}
    history = shop.warehouse.query("from marts.segment_history where valid_from < '1997-03-01'")
    march = known[(known["date"] >= "1997-03-01") & (known["date"] < "1997-04-01")]
    bought = march.groupby("customer")["dollars"].sum()
    for segment_id, members in history.groupby("shopping_segment_id")["customer_id"]:
        row = retention[retention["segment_id"] == segment_id].iloc[0]
        assert row["customers"] == len(members)
        assert row["retained"] == members.isin(bought.index).sum()
        assert row["revenue"] == pytest.approx(bought.reindex(members).sum())
        assert row["stayed"] + row["moved"] == len(members)
    assert retention["customers"].sum() == known.loc[known["date"] < "1997-03-01", "customer"].nunique()


def test_a_build_for_an_earlier_day_than_the_history_has_is_warned_of(shop):
    compiled = shop.warehouse.folder / "target/compiled/mall_segments/tests/data_tests/history_goes_forward.sql"
    with shop.warehouse.writing() as connection:
        assert connection.execute(compiled.read_text()).fetchall() == []
        connection.execute("begin")
        connection.execute("update features.as_of_day set as_of = '1997-03-30'")
        ((sentence,),) = connection.execute(compiled.read_text()).fetchall()
        connection.execute("rollback")
    assert sentence.startswith("This build is for 1997-03-30, but the history of segments goes to 1997-03-31")


def test_later_history_is_not_built_over(shop, capsys):
    assert shop.backfill("1997-03", "1997-04") == 1
    said = capsys.readouterr().err
    assert "The history of segments goes to 1997-03-31, and no month before that can be put in" in said
    assert "--from 1997-04" in said


TERMS = {
    "segmentation": "shopping",
    "segments": "all",
    "action": "Letter",
    "holdout_share": 0.4,
    "priority": 1,
    "budget": np.nan,
    "cost_per_contact": 1.0,
    "is_approved": True,
    "is_simulated": False,
}
CAMPAIGNS = ["--select", "+stg_purchases", "as_of_day", "path:models_sql/campaigns", "campaign_statistics"]
DAYS = ("1997-04-10", "1997-05-20")


@pytest.fixture(scope="module")
def campaign(shop, tmp_path_factory) -> Warehouse:
    """A campaign of the shop in April and May, drawn on its first day, its results read off the purchases in June."""
    desk = Warehouse(tmp_path_factory.mktemp("campaign"))
    shutil.copy(shop.warehouse.path, desk.path)
    terms = pd.DataFrame([TERMS | {"campaign": "spring", "starts_on": DAYS[0], "ends_on": DAYS[1]}])
    with desk.writing() as connection:
        connection.execute("create schema desk")
        connection.register("terms", terms)
        connection.execute("create table desk.campaigns as select * from terms")
    desk.vars = shop.vars | {"campaigns_table": "desk.campaigns", "smallest_audience": 5}
    for as_of in (DAYS[0], "1997-06-30"):
        desk.dbt("run", *CAMPAIGNS, project_vars=desk.vars | {"as_of": as_of})
    return desk


@pytest.mark.long
def test_outcomes_from_purchases_give_the_results_of_the_same_outcomes_in_a_file(campaign, known):
    results = campaign.query("from campaigns.campaign_results order by segment_id")
    assert len(results) > 1
    assert set(results["status"]) == {"ended"}
    assert results[["uplift", "revenue_uplift", "variance_left"]].notna().all(axis=None)

    first, last = map(pd.Timestamp, DAYS)
    before = known[known["date"].between(first - (last - first) - pd.Timedelta(days=1), first - pd.Timedelta(days=1))]
    during = known[known["date"].between(first, last)]
    outcomes = campaign.query("select campaign, customer_id, arm from campaigns.campaign_assignments")
    assert outcomes["arm"].value_counts().min() > 50
    for name, bought in (("revenue_before", before), ("revenue_during", during)):
        outcomes[name] = outcomes["customer_id"].map(bought.groupby("customer")["dollars"].sum()).fillna(0)
    outcomes["retained"] = outcomes["customer_id"].isin(during["customer"]).astype(int)
    outcomes["observed_on"] = last
    with campaign.writing() as connection:
        connection.register("outcomes", outcomes.drop(columns="arm"))
        connection.execute("create table desk.outcomes as select * from outcomes")
    reported = campaign.vars | {"campaign_outcomes_table": "desk.outcomes", "as_of": "1997-06-30"}
    campaign.dbt("run", *CAMPAIGNS, project_vars=reported)
    assert campaign.query("from campaigns.campaign_outcomes_from_purchases").empty
    pd.testing.assert_frame_equal(campaign.query("from campaigns.campaign_results order by segment_id"), results)


@pytest.mark.long
def test_a_backfill_of_a_year_equals_twelve_builds(tmp_path, known):
    (tmp_path / "builds").mkdir()
    (tmp_path / "backfill").mkdir()
    filled, built = Shop(tmp_path / "backfill", known), Shop(tmp_path / "builds", known)
    assert filled.backfill("1997-02", "1998-01") == 0
    for day in backfill.last_days("1997-02", "1998-01"):
        built.warehouse.dbt("build", project_vars=built.vars | {"as_of": str(day)})
    tables, expected = contents(filled.warehouse), contents(built.warehouse)
    assert tables.keys() == expected.keys()
    for name, table in expected.items():
        pd.testing.assert_frame_equal(tables[name], table, check_exact=True, obj=name)
    assert expected["marts.segment_history"]["valid_from"].nunique() == 12


def contents(warehouse: Warehouse) -> dict[str, pd.DataFrame]:
    """Every table and view but the log of builds, without what tells when and by which command a row was written."""
    names = warehouse.query("""
        select table_schema || '.' || table_name as name from information_schema.tables
        where table_schema != 'meta' order by name
    """)["name"]
    return {
        name: warehouse.query(f"""
            select columns(
                lambda c: c not in (
                    'trained_at', 'fit_seconds', 'invocation_id', 'source_row_number', 'source_file', 'package_versions'
                )
            )
            from {name} order by all
        """)
        for name in names
    }
