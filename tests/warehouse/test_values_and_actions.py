"""Value, names and actions in a trade that is not a mall: many features, and some of what is known is missing."""

import re

import numpy as np
import pandas as pd
import pytest

# What is known of the holders of a credit card, and the means of four planted groups.
MEANS = {
    "recency_days": [10, 200, 90, 240],
    "purchases": [40, 4, 20, 12],
    "revenue": [900, 60, 400, 300],
    "calls": [2, 3, 30, 4],
    "visits": [30, 4, 12, 40],
    "complaints": [1, 6, 2, 12],
    "years": [9, 2, 5, 12],
    # The groups do not differ in the others.
    "balance": [1500] * 4,
    "balance_frequency": [90] * 4,
    "one_off_purchases": [50] * 4,
    "installments": [20] * 4,
    "cash_advances": [3] * 4,
    "cash_advance_frequency": [12] * 4,
    "credit_limit": [5000] * 4,
    "payments": [700] * 4,
    "minimum_payments": [70] * 4,
    "share_paid_in_full": [30] * 4,
}
FEATURES = list(MEANS)
GROUPS = np.array(list(MEANS.values())).T
# The least that has to be paid follows the balance.
COPY, ORIGINAL = "minimum_payments", "balance"
MALL_WORDS = r"\b(?:mall|tenants?|food court|parking|valet|shops?|stores?|till|shelf|lounge|spend\w*)\b"


@pytest.fixture(scope="module")
def trade(tmp_path_factory):
    """A bank, say: 17 features, two of them nearly the same; a third of the customers do not state their gender."""
    from project import Warehouse

    built = Warehouse(tmp_path_factory.mktemp("trade"))
    rng = np.random.default_rng(3)
    values = np.vstack([rng.normal(group, 0.08 * GROUPS.mean(axis=0), (60, len(FEATURES))) for group in GROUPS])
    clients = pd.DataFrame(values.clip(0).round(2), columns=FEATURES)
    clients[COPY] = (0.05 * clients[ORIGINAL] + rng.normal(0, 1, len(clients))).round(2)
    clients["sex"] = rng.choice(["f", "m", ""], len(clients))
    clients.loc[:59, "sex"] = rng.choice([*"mmmmmmf", ""], 60)
    clients.insert(0, "client", [f"c{number:03}" for number in range(len(clients))])
    path = built.folder / "clients.csv"
    clients.to_csv(path, index=False)
    columns = {"customer_id": {"from": ["client"]}, "gender": {"from": ["sex"], "type": "category"}}
    built.project_vars = {
        "customers_file": str(path),
        "customer_columns": columns | {name: {"type": "number"} for name in FEATURES},
        "segmentations": {"habits": {"features": dict.fromkeys(FEATURES, 1), "n_clusters": 4}},
        "value_features": {"recency_days": -1, "revenue": 1},
        "fixed_features": [],
    }
    built.dbt("build", project_vars=built.project_vars)
    built.clients = clients
    return built


@pytest.fixture(scope="module")
def segments(trade):
    """The segments of that trade."""
    return trade.query("select * from marts.segments order by value_rank").set_index("segment_id")


def test_the_freshest_and_richest_rank_first_with_the_interval_of_their_mean(trade, segments):
    customers = trade.query("select * from marts.customers")
    scaled = customers[FEATURES].sub(customers[FEATURES].mean()) / customers[FEATURES].std(ddof=0)
    value = (scaled["revenue"] - scaled["recency_days"]) / 2
    grouped = value.groupby(customers["habits_segment_id"])
    half_width = 1.96 * grouped.sem()
    assert segments["value_index"].notna().all()
    assert np.allclose(segments["value_index"], grouped.mean()[segments.index], atol=1e-6)
    assert np.allclose(segments["value_low"], (grouped.mean() - half_width)[segments.index], atol=1e-6)
    assert np.allclose(segments["value_high"], (grouped.mean() + half_width)[segments.index], atol=1e-6)
    best = customers[customers["habits_segment_id"] == segments.index[0]]
    assert best["revenue"].mean() > 800
    assert best["recency_days"].mean() < 30
    assert segments["is_vip"].tolist() == [True, False, False, False]


def test_segments_name_those_whose_interval_of_value_overlaps_their_own(warehouse):
    of_mall = warehouse.query("select * from marts.segments order by segmentation, value_rank")
    overlaps = 0
    for row in of_mall.itertuples():
        others = of_mall[(of_mall["segmentation"] == row.segmentation) & (of_mall["segment_id"] != row.segment_id)]
        equal = others[(others["value_low"] <= row.value_high) & (others["value_high"] >= row.value_low)]
        assert row.about_equal_to == ", ".join(equal["nickname"])
        overlaps += len(equal)
    assert overlaps


def test_names_and_reasons_speak_of_the_three_features_that_matter_most(trade, segments):
    customers = trade.query("select * from marts.customers")
    scaled = customers[FEATURES].sub(customers[FEATURES].mean()) / customers[FEATURES].std(ddof=0)
    unlike = scaled.groupby(customers["habits_segment_id"]).mean().abs()
    reasons = trade.query("select segment_id, reason from marts.customer_segments")
    for segment_id, name in segments["segment_name"].items():
        telling = set(unlike.loc[segment_id].nlargest(3).index)
        assert {
            re.sub("^(high|low|many|few) ", "", part.lower()).replace(" ", "_") for part in name.split(", ")
        } == telling
        for reason in reasons.loc[reasons["segment_id"] == segment_id, "reason"]:
            compared = reason.split(" at the center of ")[0].lower().replace(" ", "_")
            assert {
                feature for feature in FEATURES if re.search(rf"(^|,_){feature}_[\d.]+_against", compared)
            } == telling


def test_features_that_say_the_same_are_doubts(trade):
    correlations = trade.clients[FEATURES].corr().to_numpy()
    pairs = {(FEATURES[one], FEATURES[other]) for one, other in np.argwhere(np.triu(np.abs(correlations) >= 0.9, k=1))}
    assert (ORIGINAL, COPY) in pairs
    doubts = trade.query("select * from features.feature_doubts where kind = 'redundant'")
    assert set(doubts[["feature", "other_feature"]].itertuples(index=False, name=None)) == pairs
    said = doubts.set_index(["feature", "other_feature"])["warning"][ORIGINAL, COPY]
    correlation = correlations[FEATURES.index(ORIGINAL), FEATURES.index(COPY)]
    assert said.startswith(f"{ORIGINAL} and {COPY} say nearly the same: their correlation is {correlation:.2f}, ")
    assert "Take one out of habits" in said
    assert set(doubts["warning"]) <= set(trade.query("select doubt from reporting.doubts")["doubt"])


def test_every_segment_has_three_actions_that_fit_any_trade(trade, segments):
    actions = trade.query("select * from marts.segment_marketing_actions order by segment_id, priority")
    assert set(actions["segment_id"]) == set(segments.index)
    assert actions.groupby("segment_id").size().min() >= 3
    words = actions[["action", "channel", "offer", "kpi"]].agg(" ".join, axis=1).str.lower()
    assert not words.str.contains(MALL_WORDS).any()
    promised = actions["kpi"].str.contains("hold-out")
    assert (actions["needs_holdout"] == promised).all()
    # The one that has been away longest is won back before anything general is done.
    away = trade.query("select habits_segment_id as id, avg(recency_days) as days from marts.customers group by all")
    longest = away.sort_values("days")["id"].iloc[-1]
    assert actions[actions["segment_id"] == longest]["objective"].iloc[0] == "win back"


def test_women_are_counted_among_those_who_state_their_gender(trade, segments):
    customers = trade.query("select customer_id, habits_segment_id from marts.customers")
    stated = customers.merge(trade.clients, left_on="customer_id", right_on="client").query("sex != ''")
    expected = (stated["sex"] == "f").groupby(stated["habits_segment_id"]).mean()
    assert np.allclose(segments["share_female"], expected[segments.index])
    assert segments["persona"].str.contains("mostly men").tolist() == [True, False, False, False]


def test_upgrades_gain_clearly_and_stay_within_what_customers_have(trade, segments):
    candidates = trade.query("select * from marts.upgrade_candidates")
    assert len(candidates) > 0
    gains = segments["value_low"][candidates["target_segment_id"]].to_numpy()
    assert (gains > segments["value_high"][candidates["segment_id"]].to_numpy()).all()
    seen = trade.clients[FEATURES].agg(["min", "max"]).T
    assert (candidates["new_value"] >= seen["min"][candidates["feature"]].to_numpy()).all()
    assert (candidates["new_value"] <= seen["max"][candidates["feature"]].to_numpy()).all()
    # Fewer days since the last purchase are worth more, so nobody is asked to stay away.
    assert (candidates.query("feature == 'recency_days'")["change"] < 0).all()


@pytest.mark.parametrize(
    ("value_features", "told"),
    [({"revenu": 1}, "did you mean `revenue`?"), ({"revenue": "much"}, "much"), (["revenue"], "")],
)
def test_value_features_that_cannot_work_are_refused_in_a_sentence(trade, value_features, told):
    project_vars = trade.project_vars | {"value_features": value_features}
    result = trade.dbt("run", "--select", "segment_values", project_vars=project_vars, check=False)
    assert result.returncode
    assert "var value_features: " in result.stdout
    assert told in result.stdout
