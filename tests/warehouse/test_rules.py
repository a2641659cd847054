"""Segmentations by rule: scores 1 to 5 and the customary groups, against pandas."""

import numpy as np
import pandas as pd
import pytest
from project import PROJECT, Warehouse, further
from tampering import data_tests, found_after

from mall_segments.frames import read_frames
from mall_segments.page import dashboard_html
from mall_segments.publish import publish

FEATURES = {"recency_days": 1, "purchases": 1, "revenue": 1}
# The groups as they are usually drawn: a row per score of recency, a column per score of frequency and money.
GRID = {
    5: ["New customers", "Potential loyalists", "Potential loyalists", "Champions", "Champions"],
    4: ["Promising", "Potential loyalists", "Potential loyalists", "Loyal customers", "Loyal customers"],
    3: ["About to sleep", "About to sleep", "Need attention", "Loyal customers", "Loyal customers"],
    2: ["Hibernating", "Hibernating", "At risk", "At risk", "Cannot lose them"],
    1: ["Lost", "Lost", "At risk", "At risk", "Cannot lose them"],
}


def purchases() -> pd.DataFrame:
    frame = pd.read_csv(PROJECT / "tests/data/cdnow/purchases.csv", dtype={"customer": str, "date": str})
    return frame.assign(date=pd.to_datetime(frame["date"], format="%Y%m%d"))


def figures(bought: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Recency, frequency and money by customer."""
    known = bought[bought["date"] <= as_of].groupby("customer")
    return pd.DataFrame(
        {
            "recency_days": (pd.Timestamp(as_of) - known["date"].max()).dt.days,
            "purchases": known["date"].nunique(),
            "revenue": known["dollars"].sum().round(2),
        }
    )


def fifths(values: pd.Series, of: pd.Series | None = None) -> pd.Series:
    """Number the fifth that each value lies in, from 1; equal values lie in the lowest that one of them could."""
    cuts = (values if of is None else of).quantile([0.2, 0.4, 0.6, 0.8])
    return pd.Series(1 + np.searchsorted(cuts, values, side="left"), values.index)


def rated(own: pd.DataFrame, of: pd.DataFrame | None = None) -> pd.DataFrame:
    """Scores and group of each customer, by the cut points of `of`."""
    of = own if of is None else of
    scores = pd.DataFrame(
        {
            "recency_days": 6 - fifths(own["recency_days"], of["recency_days"]),
            "purchases": fifths(own["purchases"], of["purchases"]),
            "revenue": fifths(own["revenue"], of["revenue"]),
        }
    )
    together = np.floor((scores["purchases"] + scores["revenue"]) / 2 + 0.5).astype(int)
    return scores.assign(
        group=[GRID[recency][other - 1] for recency, other in zip(scores["recency_days"], together, strict=True)]
    )


def found(shop: Warehouse) -> pd.DataFrame:
    """What the warehouse has of each customer."""
    table = shop.query(f"""
        select
            customer_id,
            {", ".join(f"rfm_{feature}_score as {feature}" for feature in FEATURES)},
            rfm_segment_name as "group"
        from marts.customers
        order by customer_id
    """)
    return table.set_index("customer_id")


def causes(shop: Warehouse) -> dict[str, int]:
    """How many customers moved in the last build, by cause."""
    moves = shop.query("""
        select cause, cast(sum(customers) as integer) as customers
        from marts.segment_migrations
        where
            segmentation = 'rfm'
            and build_number = (select max(build_number) from clustering.segment_changes)
        group by cause
    """)
    return dict(moves.itertuples(index=False))


class Shop(Warehouse):
    """The purchases of CDNOW, segmented by K-Means and by rule."""

    def build(self, command: str, bought: pd.DataFrame, **rules):
        """Build from these purchases; a `run` keeps the groups that the warehouse has."""
        bought.to_csv(self.folder / "purchases.csv", index=False)
        kmeans = {"shopping": {"features": FEATURES, "n_clusters": 3}}
        by_rule = {"rfm": {"features": FEATURES, "method": "rules"} | rules}
        self.vars = {
            "purchases_file": str(self.folder / "purchases.csv"),
            "purchase_columns": {"customer": "customer", "date": "date", "amount": "dollars"},
            "repeated_purchases": "keep",
            "as_of": "1998-06-30",
            "segmentations": kmeans | by_rule,
            "value_features": {"revenue": 1},
            "cluster_counts": {"min": 2, "max": 3},
        }
        selected = ["--select", "+segment_migrations", "customers"] if command == "run" else []
        self.dbt(command, *selected, project_vars=self.vars)


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Shop:
    """A shop of 400 customers, built once."""
    built = Shop(tmp_path_factory.mktemp("rules"))
    bought = purchases()
    built.bought = bought[bought["customer"] <= "0400"]
    built.build("build", built.bought)
    return built


def test_scores_and_groups_equal_pandas(shop):
    own = figures(shop.bought, "1998-06-30")
    expected = rated(own)
    assert found(shop).equals(expected.rename_axis("customer_id").astype(found(shop).dtypes))
    # The usual way, where no value repeats at a cut point.
    assert (pd.qcut(own["revenue"], 5, labels=False) + 1 == expected["revenue"]).all()
    assert expected["group"].nunique() >= 8
    assert expected.groupby("purchases")["purchases"].count().index.tolist() != [1, 2, 3, 4, 5]  # equal values repeat


def test_a_group_is_a_segment_in_every_mart(shop):
    expected = rated(figures(shop.bought, "1998-06-30"))
    segments = shop.query("select * from marts.segments where segmentation = 'rfm'").set_index("segment_name")
    assert segments["customers"].to_dict() == expected["group"].value_counts().to_dict()
    own = figures(shop.bought, "1998-06-30").groupby(expected["group"]).mean()
    means = shop.query("""
        select segments.segment_name, profiles.feature, profiles.mean, profiles.center
        from marts.segment_profiles as profiles
        inner join marts.segments as segments using (segmentation, segment_id)
        where segmentation = 'rfm'
    """)
    for column in ("mean", "center"):
        table = means.pivot(index="segment_name", columns="feature", values=column)
        np.testing.assert_allclose(table.loc[own.index, list(FEATURES)], own, rtol=1e-8)
    unknown = ["distance", "runner_up_segment_id", "margin", "membership", "is_boundary"]
    rows = shop.query("select * from marts.customer_segments where segmentation = 'rfm'")
    assert rows[unknown].isna().all(axis=None)
    assert not rows["is_outlier"].any()
    assert (rows["segment_name"] == rows["customer_id"].map(expected["group"])).all()
    best = rows.set_index("customer_id")["reason"]
    one = figures(shop.bought, "1998-06-30").loc["0001"]
    assert best["0001"].startswith(f"Days since the last purchase {one['recency_days']:g} days (score ")
    assert best["0001"].endswith(f": {expected.loc['0001', 'group']}.")


def test_the_written_rules_hold_for_every_customer(shop):
    rules = shop.query(
        "select segment_name, rule_sql, rule_coverage from marts.segment_rules where segmentation = 'rfm'"
    )
    for rule in rules.itertuples():
        under = shop.query(f"select rfm_segment_name from marts.customers where {rule.rule_sql}")["rfm_segment_name"]
        assert set(under) == {rule.segment_name}
        assert len(under) == (found(shop)["group"] == rule.segment_name).sum()
        assert rule.rule_coverage == 1


def test_every_group_has_a_plan_and_no_model_file(shop, tmp_path):
    plans = shop.query("""
        select segment_name, count(*) as actions from marts.segment_marketing_actions
        where segmentation = 'rfm' group by segment_name
    """)
    assert set(plans["segment_name"]) == set(found(shop)["group"])
    assert plans["actions"].min() >= 3
    firsts = shop.query("""
        select segment_name, objective from marts.segment_marketing_actions
        where segmentation = 'rfm' and priority = 1
    """).set_index("segment_name")["objective"]
    away = {"Cannot lose them", "At risk", "Hibernating", "Lost"}
    assert set(firsts[firsts == "win back"].index) == away & set(firsts.index)
    publish(shop.path, tmp_path / "exports")
    written = {path.name for path in (tmp_path / "exports").iterdir()}
    assert "kmeans_model.onnx" in written
    assert not any("rfm" in name for name in written)
    lists = {path.stem for path in (tmp_path / "exports" / "segments" / "rfm").iterdir()}
    assert lists == {name.lower().replace(" ", "-") for name in plans["segment_name"]}


@pytest.mark.parametrize("first", ["shopping", "rfm"])
def test_the_page_speaks_of_groups_by_rule(shop, first):
    with shop.writing() as connection:
        frames = read_frames(connection)
    order = frames["segmentations"]
    is_first = order["segmentation"] == first
    frames["segmentations"] = pd.concat([order[is_first], order[~is_first]], ignore_index=True)
    html = dashboard_html(frames)
    assert "Groups by rule, not found in the data." in html
    for group in found(shop)["group"].unique():
        assert group in html
    assert ('id="classify-form"' in html) == (first == "shopping")
    assert ("A rule makes them from scores." in html) == (first == "rfm")


def test_the_function_finds_the_group_of_a_customer_by_its_figures(shop):
    first = {"segmentations": dict(reversed(shop.vars["segmentations"].items()))}
    shop.dbt("run", "--select", "classify_customer", project_vars=shop.vars | first)
    own = figures(shop.bought, "1998-06-30")
    for customer in own.index[:20]:
        recency, frequency, money = own.loc[customer]
        answer = shop.query(f"from marts.classify_customer({recency}, {frequency}, {money})")
        assert answer["segment_name"].tolist() == [found(shop).loc[customer, "group"]]
        assert answer["distance"].isna().all()
    nobody = shop.query("from marts.classify_customer(null, null, null)")
    assert nobody[["segment_name", "imputed_features"]].to_numpy().tolist() == [["Lost", ", ".join(FEATURES)]]


def test_moves_say_whether_the_customer_the_groups_or_the_cut_points_changed(shop):
    bought = purchases()
    first = figures(shop.bought, "1998-06-30")
    # Others join, and one customer buys again.
    again = pd.DataFrame({"customer": ["0400"], "date": [pd.Timestamp("1998-06-29")], "cds": [9], "dollars": [2000.0]})
    more = pd.concat([bought[bought["customer"] <= "0600"], again])
    everyone = figures(more, "1998-06-30")
    shop.build("run", more)
    expected = rated(everyone, of=first)
    assert found(shop)["group"].tolist() == expected["group"].tolist()
    assert causes(shop) == {"customer joined": len(everyone) - len(first), "customer changed": 1}

    # Other groups, by the same cut points: who is in the middle is about to sleep as well.
    with shop.writing() as connection:
        connection.execute("""
            update raw.rfm_groups set frequency_money_to = 3 where segment_name = 'About to sleep';
            delete from raw.rfm_groups where segment_name = 'Need attention'
        """)
    shop.build("run", more)
    assert found(shop)["group"].tolist() == expected["group"].replace("Need attention", "About to sleep").tolist()
    assert causes(shop) == {"model changed": (expected["group"] == "Need attention").sum()}
    versions = shop.query("""
        select count(distinct model_version) as versions, count(distinct (feature, score, up_to)) as cuts
        from clustering.trained_cuts where segmentation = 'rfm' and feature != 'spending_score'
    """)
    assert versions.to_numpy().tolist() == [[2, 15]]

    # New cut points, on demand, are those of today's customers.
    shop.build("run", more, cuts=1998)
    former, expected = expected, rated(everyone)
    now = expected["group"].replace("Need attention", "About to sleep")
    assert found(shop)["group"].tolist() == now.tolist()
    moved = (former["group"].replace("Need attention", "About to sleep") != now).sum()
    assert moved > 0
    assert causes(shop) == {"model changed": moved}


# Data test, what is done to a sound warehouse, and what the test has to say of it.
TAMPERED = [
    ("rfm_groups_hold_every_score_once", change, fault)
    for change, fault in [
        (
            "delete from raw.rfm_groups where segment_name = 'Champions'",
            "recency 5, frequency 5 and money 5 are in 0 rows",
        ),
        ("update raw.rfm_groups set recency_from = 1 where segment_name = 'Champions'", "are in 2 rows"),
        (
            "update raw.rfm_groups set recency_from = 9 where segment_name = 'Lost'",
            "recency 1, frequency 1 are in 0 rows",
        ),
        ("update raw.rfm_groups set may_grow = null where segment_name = 'Lost'", "lacks its number"),
        ("update raw.rfm_groups set segment_name = 'Lost' where segment_name = 'Champions'", "the name Lost"),
        ("update raw.rfm_groups set segment_id = 1 where segment_name = 'Lost'", "not the same in all its rows"),
    ]
]
TAMPERED += [
    (f"not_null_{table}_{column}", f"update {schema}.{table} set {column} = null where {which}", "None")
    for schema, table, column, which in [
        ("staging", "stg_purchases", "source_row_number", "source_row_number = 7"),
        ("features", "purchase_totals", "customer_id", "customer_id = '0007'"),
        ("features", "purchase_features", "customer_id", "customer_id = '0007'"),
    ]
]
TAMPERED += [
    (f"unique_{table}_{column}", f"insert into {schema}.{table} from {schema}.{table} where {column} = {value}", value)
    for schema, table, column, value in [
        ("staging", "stg_purchases", "source_row_number", "7"),
        ("features", "purchase_totals", "customer_id", "'0007'"),
        ("features", "purchase_features", "customer_id", "'0007'"),
    ]
]
TAMPERED += [
    (
        "history_goes_forward",
        "update clustering.segment_changes set seen_at = timestamp '1998-07-02'",
        "for 1998-06-30, but the history of segments goes to 1998-07-02",
    ),
    (
        "unique_spending_score_steps_score",
        "update features.spending_score_steps set score = (select min(score) from features.spending_score_steps)",
        "(",
    ),
    (
        "known_reason_stg_purchases_rejection_reason__purchases",
        "update staging.stg_purchases set rejection_reason = 'Monday' where source_row_number = 7",
        "Monday",
    ),
    (
        "not_null_rejected_purchases_source_values",
        "insert into staging.rejected_purchases (rejection_reason) values ('Monday')",
        "None",
    ),
]


@pytest.mark.parametrize(("test", "change", "fault"), TAMPERED)
def test_a_data_test_of_purchases_fails_for_each_fault_and_only_then(shop, test, change, fault):
    with shop.writing() as connection:
        assert any(fault in row for row in found_after(shop, connection, test, change))


def test_no_data_test_of_purchases_is_left_out(shop, warehouse):
    assert data_tests(shop) - data_tests(warehouse) == {test for test, _, _ in TAMPERED}


@pytest.mark.long
def test_scoring_alone_keeps_the_groups_in_use_and_a_pinned_version_brings_its_own_back(shop):
    bought = purchases()
    first, now = (figures(bought[bought["customer"] <= last], "1998-06-30") for last in ("0400", "0600"))
    rules = {"features": FEATURES, "method": "rules"}
    changed = shop.vars | {"segmentations": shop.vars["segmentations"] | {"rfm": rules | {"cuts": "another"}}}
    shop.build("build", bought[bought["customer"] <= "0400"])
    in_use = shop.query("select model_version from marts.segmentations where segmentation = 'rfm'").iloc[0, 0]
    bought[bought["customer"] <= "0600"].to_csv(shop.folder / "purchases.csv", index=False)
    # Asked for new cut points, it takes none.
    shop.dbt("build", "--selector", "score", project_vars=changed)
    assert found(shop)["group"].tolist() == rated(now, of=first)["group"].tolist()
    # Trained, it has those of today; pinned, those of before.
    shop.dbt("build", project_vars=changed)
    assert found(shop)["group"].tolist() == rated(now)["group"].tolist()
    assert rated(now)["group"].tolist() != rated(now, of=first)["group"].tolist()
    shop.dbt("build", "--selector", "score", project_vars=changed | {"pinned_versions": {"rfm": int(in_use)}})
    assert found(shop)["group"].tolist() == rated(now, of=first)["group"].tolist()
    assert causes(shop) == {"model changed": (rated(now)["group"] != rated(now, of=first)["group"]).sum()}


@pytest.mark.long
def test_a_segmentation_of_kmeans_does_not_become_one_by_rule_of_its_name(shop):
    changed = {"segmentations": {"shopping": {"features": FEATURES, "method": "rules"}}}
    result = shop.dbt("run", "--select", "rule_versions", project_vars=shop.vars | changed, check=False)
    assert result.returncode
    assert "`shopping` was made by K-Means before" in result.stdout.replace("\n", " ")


@pytest.mark.long
def test_a_date_of_the_customers_will_do_and_so_will_rules_alone(new_warehouse):
    project_vars = {
        "customers_file": "tests/data/shop_members.csv",
        "customer_columns": {
            "customer_id": {"from": ["Member No"]},
            "joined": {"from": ["Joined"], "type": "date"},
            "visits": {"from": ["Visits per month"], "min": 0},
        },
        "segmentations": {"groups": {"features": {"visits": 1, "joined": 1}, "method": "rules"}},
        "value_features": {"visits": 1},
    }
    new_warehouse.dbt("build", project_vars=project_vars)
    table = new_warehouse.query("select * from marts.customers")
    known = table[["joined", "visits"]]
    recency = (6 - fifths(known["joined"], known["joined"].dropna())).where(known["joined"].notna(), 1)
    frequency = fifths(known["visits"], known["visits"].dropna()).where(known["visits"].notna(), 1)
    assert known.isna().any().any()
    assert table["groups_joined_score"].tolist() == recency.tolist()
    assert table["groups_visits_score"].tolist() == frequency.tolist()
    expected = [GRID[one][other - 1] for one, other in zip(recency, frequency, strict=True)]
    assert table["groups_segment_name"].tolist() == expected
    with new_warehouse.writing() as connection:
        assert "Groups by rule, not found in the data." in dashboard_html(read_frames(connection))


@pytest.mark.parametrize(
    ("declared", "sentence"),
    [
        ({"features": {"purchases": 1, "revenue": 1}}, "has no recency; rules need just one"),
        *further(
            ({"features": FEATURES | {"revenue": 2}}, "by rule `revenue` has neither a weight nor a transform"),
            ({"features": {"recency_days": 1, "spending_score": 1}}, "take `revenue` in its place"),
            ({"features": FEATURES, "n_clusters": 4}, "by rule the seed rfm_groups says how many there are"),
            ({"features": FEATURES, "method": "kmeans", "cuts": 2}, "has `cuts`, which are for `method: rules`"),
        ),
    ],
)
def test_rules_that_cannot_work_stop_with_one_sentence(new_warehouse, declared, sentence):
    project_vars = {
        "purchases_file": "tests/data/cdnow/purchases.csv",
        "purchase_columns": {"customer": "customer", "date": "date", "amount": "dollars"},
        "segmentations": {"rfm": {"method": "rules"} | declared},
    }
    result = new_warehouse.dbt("run", "-s", "as_of_day", project_vars=project_vars, check=False)
    assert result.returncode
    assert sentence in result.stdout.replace("\n", " ")
