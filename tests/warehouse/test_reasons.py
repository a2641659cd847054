"""Why a customer is where it is, what would move it up, and who an audience leaves out."""

import numpy as np
import pandas as pd
import pytest

SCALED = """
    select segment_id, feature, level, center / scale as center, scale from clustering.segment_centroids
    where segmentation = '{segmentation}'
"""


def test_every_upgrade_reaches_its_segment_and_one_percent_less_does_not(warehouse):
    reached = warehouse.query("""
        select candidates.*, there.segment_id as reached_segment_id, short.segment_id as short_segment_id
        from marts.upgrade_candidates as candidates
        inner join marts.customers as own on candidates.customer_id = own.customer_id
        cross join lateral (
            from marts.classify_customer(own.annual_income_k, candidates.new_value)
        ) as there
        cross join lateral (
            from marts.classify_customer(
                own.annual_income_k, candidates.current_value + 0.99 * candidates.change
            )
        ) as short
        where candidates.segmentation = 'income_spending'
    """)
    assert len(reached) > 80
    assert set(reached["feature"]) == {"spending_score"}
    assert (reached["reached_segment_id"] == reached["target_segment_id"]).all()
    assert (reached["short_segment_id"] != reached["target_segment_id"]).all()


@pytest.mark.parametrize("segmentation", ["income_spending", "demographic"])
def test_upgrades_are_those_that_trying_every_higher_score_finds(warehouse, segmentation):
    rows = warehouse.query(SCALED.format(segmentation=segmentation))
    scales = rows.drop_duplicates(["feature", "level"]).set_index(["feature", "level"])["scale"]
    centers = rows.pivot(index="segment_id", columns=["feature", "level"], values="center")[scales.index]
    segments = warehouse.query(f"select * from marts.segments where segmentation = '{segmentation}'")
    segments = segments.set_index("segment_id")
    customers = warehouse.query("select * from marts.customers")
    highest = customers["spending_score"].max()
    expected = {}
    for _, customer in customers.iterrows():
        place = {
            (feature, level): float(customer[feature] == level) if level else customer[feature]
            for feature, level in scales.index
        }
        tried = pd.DataFrame([place] * 2000)[scales.index].astype(float)
        tried["spending_score", ""] = np.linspace(customer["spending_score"], highest, 2000)
        distances = np.linalg.norm((tried / scales).to_numpy()[:, None] - centers.to_numpy()[None], axis=2)
        found = centers.index.to_numpy()[distances.argmin(axis=1)]
        own = customer[f"{segmentation}_segment_id"]
        for segment_id in set(found):
            gains = segments["value_low"][segment_id] > segments["value_high"][own]
            if gains and segments["segment_name"][segment_id] != "Low income, high spending":
                first = tried["spending_score", ""].to_numpy()[found == segment_id].min()
                expected[customer["customer_id"], segment_id] = first - customer["spending_score"]
    candidates = warehouse.query(f"select * from marts.upgrade_candidates where segmentation = '{segmentation}'")
    changes = candidates.set_index(["customer_id", "target_segment_id"])["change"].to_dict()
    assert changes.keys() == expected.keys()
    assert all(changes[key] == pytest.approx(expected[key], abs=0.06) for key in expected)


def test_upgrades_are_listed_nearest_first(warehouse):
    candidates = warehouse.query("select * from marts.upgrade_candidates order by segmentation, customer_id, nearness")
    for _, own in candidates.groupby(["segmentation", "customer_id"]):
        assert own["nearness"].tolist() == list(range(1, len(own) + 1))
        assert own["effort"].is_monotonic_increasing


def test_the_reason_is_told_in_the_units_of_the_features(warehouse):
    reason = warehouse.query("""
        select segmentation, reason from marts.customer_segments where customer_id = '1' order by segmentation
    """).set_index("segmentation")["reason"]
    assert reason["income_spending"] == (
        "Annual income 15 k$ against 26.3 k$, spending score 39 points against 20.9 points at the center of "
        "Low income, low spending, 0.82 standard deviations away; next is Average income, average spending, 1.59 away."
    )
    assert reason["demographic"].startswith("Age 19 years against 25.4 years, annual income 15 k$ against 40 k$")
    assert "gender Male against 40 % Male" in reason["demographic"]


def test_a_customer_on_the_border_or_far_out_is_told_so(warehouse):
    told = warehouse.query("select is_boundary, is_outlier, reason from marts.customer_segments")
    assert (told["reason"].str.contains("close to the border with") == told["is_boundary"]).all()
    assert (told["reason"].str.contains("unusually far") == told["is_outlier"]).all()
    assert 0 < told["is_boundary"].sum() < 30


def test_mixes_of_audiences_are_what_pandas_counts(warehouse):
    customers = warehouse.query("select * from marts.customers")
    customers["gender"] = customers["gender"].map({"Female": "women", "Male": "men"})
    actions = warehouse.query("select * from marts.segment_marketing_actions where segmentation = 'income_spending'")
    audiences = {
        name: customers[customers["income_spending_segment_name"] == name]
        for name in customers["income_spending_segment_name"].unique()
    }
    for action, planned in actions.groupby("action"):
        audiences[action] = customers[customers["income_spending_segment_id"].isin(planned["segment_id"])]
    fairness = warehouse.query("select * from marts.segment_fairness where segmentation = 'income_spending'")
    assert set(fairness["audience"]) == set(audiences)
    for (audience, attribute), groups in fairness.groupby(["audience", "attribute"]):
        column = {"gender": "gender", "age": "age_band"}[attribute]
        everyone = customers[column].value_counts(normalize=True)
        mix = audiences[audience][column].value_counts(normalize=True).reindex(everyone.index, fill_value=0)
        told = groups.set_index("group_name").loc[everyone.index]
        assert np.allclose(told["share"], mix)
        assert np.allclose(told["share_of_all"], everyone)
        assert np.allclose(told["mix_difference"], (mix - everyone).abs().sum() / 2)


@pytest.mark.long
def test_customers_without_gender_age_or_anything_to_change_build_without_a_warning(new_warehouse, tmp_path):
    rng = np.random.default_rng(4)
    calls = np.concatenate([rng.normal(center, 2, 40) for center in (10, 40)])
    pd.DataFrame({"no": range(80), "calls": calls.round(2), "years": rng.uniform(1, 9, 80).round(1)}).to_csv(
        tmp_path / "lines.csv", index=False
    )
    columns = {
        "customer_id": {"from": ["no"]},
        "calls": {"unit": "calls a week"},
        "tenure": {"from": ["years"], "unit": "years"},
    }
    built = new_warehouse.dbt(
        "build",
        project_vars={
            "customers_file": str(tmp_path / "lines.csv"),
            "customer_columns": columns,
            "segmentations": {"usage": {"features": {"calls": 1}}, "loyalty": {"features": {"tenure": 1}}},
            "value_features": {"calls": 1},
            "fixed_features": ["tenure"],
            "cluster_counts": {"min": 2, "max": 3},
        },
    )
    assert "WARN=0 ERROR=0" in built.stdout
    assert new_warehouse.query("select * from marts.segment_fairness").empty
    upgrades = new_warehouse.query("select distinct segmentation, feature from marts.upgrade_candidates")
    assert upgrades.to_numpy().tolist() == [["usage", "calls"]]
    reasons = new_warehouse.query("select reason from marts.customer_segments where segmentation = 'usage'")["reason"]
    assert reasons.str.match(r"Calls [\d.]+ calls a week against [\d.]+ calls a week at the center of ").all()
