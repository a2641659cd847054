"""Short rules for segments, run by DuckDB on the customers they were found on."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from python_models.segment_rule_trees import segment_rules

FEATURES = pd.DataFrame(
    {
        "feature": ["income", "score", "plan"],
        "label": ["annual income", "score", "plan"],
        "unit": ["k$", "points", ""],
    }
)


def customers(rows: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "income": rng.integers(10, 140, rows).astype(float),
            "score": rng.integers(1, 101, rows).astype(float),
            "plan": rng.choice(["basic", "Joe's", None], rows),
            "sample_weight": rng.uniform(1, 5, rows),
        }
    )


def assert_shares_are_those_of_duckdb(sample: pd.DataFrame, rules: pd.DataFrame):
    held = {}
    for row in rules.dropna(subset="rule_sql").itertuples():
        held[row.Index] = duckdb.sql(f"select coalesce({row.rule_sql}, false) as holds from sample").df()["holds"]
        weights, is_own = sample["sample_weight"], sample["segment_id"] == row.segment_id
        right = weights[held[row.Index] & is_own].sum()
        assert row.precision == pytest.approx(right / weights[held[row.Index]].sum())
        assert row.coverage == pytest.approx(right / weights[is_own].sum())
    assert (pd.DataFrame(held).sum(axis=1) == 1).all()
    named = sum(held[row.Index] * row.segment_id for row in rules.dropna(subset="rule_sql").itertuples())
    agreement = np.average(named == sample["segment_id"], weights=sample["sample_weight"])
    assert rules["agreement"].tolist() == pytest.approx([agreement] * len(rules))


def test_rules_that_made_the_segments_are_found_again_with_round_thresholds():
    sample = customers(2000, seed=1)
    sample["segment_id"] = np.select([sample["income"] < 40, sample["score"] >= 60], [1, 2], 3)
    rules = segment_rules(sample, FEATURES.iloc[:2])
    assert rules["rule_sql"].tolist() == [
        "income < 40",
        "income >= 40 and score >= 60",
        "income >= 40 and score < 60",
    ]
    assert rules["rule_words"].tolist() == [
        "annual income under 40 k$",
        "annual income of at least 40 k$ and score of at least 60 points",
        "annual income of at least 40 k$ and score under 60 points",
    ]
    assert rules["agreement"].tolist() == [1, 1, 1]
    assert_shares_are_those_of_duckdb(sample, rules)


def test_texts_are_compared_as_they_are_and_a_missing_one_is_a_value_of_its_own():
    sample = customers(600, seed=2)
    sample["segment_id"] = np.select(
        [sample["plan"].isna(), sample["plan"] == "Joe's"], [1, 2], np.where(sample["score"] < 50, 3, 4)
    )
    rules = segment_rules(sample, FEATURES).set_index("segment_id")
    assert rules.loc[1, "rule_words"] == "plan not stated"
    assert rules.loc[2, "rule_words"] == "plan Joe's"
    assert set(rules["agreement"]) == {1}
    assert_shares_are_those_of_duckdb(sample, rules.reset_index())


def test_one_text_against_all_others_leaves_out_no_customer_without_a_text():
    sample = customers(300, seed=3)
    sample["segment_id"] = np.where(sample["plan"] == "basic", 1, 2)
    rules = segment_rules(sample, FEATURES).set_index("segment_id")
    assert rules.loc[1, "rule_sql"] == "plan = 'basic'"
    assert rules.loc[2, "rule_words"] == "plan other than basic"
    assert_shares_are_those_of_duckdb(sample, rules.reset_index())


@pytest.mark.parametrize("segments", [2, 5])
def test_segments_that_no_rule_can_tell_get_few_rules_and_an_honest_share(segments):
    sample = customers(400, seed=4)
    sample["segment_id"] = np.random.default_rng(5).integers(1, segments + 1, 400)
    rules = segment_rules(sample, FEATURES)
    assert rules["rule_sql"].notna().sum() <= 2 * segments
    assert set(rules["segment_id"]) == set(range(1, segments + 1))
    assert rules["agreement"].max() < 0.8
    assert_shares_are_those_of_duckdb(sample, rules)


def test_tiny_and_huge_units_keep_readable_thresholds():
    sample = customers(1000, seed=6)
    sample["segment_id"] = np.where(sample["income"] < 70, 1, 2)
    for factor, threshold in ((1e-6, "0.00007"), (1e9, "70000000000")):
        scaled = sample.assign(income=sample["income"] * factor)
        rules = segment_rules(scaled, FEATURES.iloc[:1])
        assert rules["rule_sql"].tolist() == [f"income < {threshold}", f"income >= {threshold}"]
        assert_shares_are_those_of_duckdb(scaled, rules)


def test_a_single_segment_is_everyone():
    rules = segment_rules(customers(10, seed=7).assign(segment_id=1), FEATURES)
    assert rules[["rule_sql", "rule_words", "agreement"]].to_numpy().tolist() == [["1 = 1", "all customers", 1]]


@pytest.mark.parametrize(("low", "high", "threshold"), [(33, 37, "35"), (61.5, 63.2, "62"), (62.5, 63.8, "63")])
def test_a_threshold_is_the_roundest_number_between_the_segments(low, high, threshold):
    sample = pd.DataFrame({"visits": [low, high] * 50, "segment_id": [1, 2] * 50, "sample_weight": 1.0})
    rules = segment_rules(sample, pd.DataFrame({"feature": ["visits"], "label": ["visits"], "unit": [None]}))
    assert rules["rule_words"].tolist() == [f"visits under {threshold}", f"visits of at least {threshold}"]


def test_a_rule_names_the_segment_of_most_customers_not_of_most_rows():
    sample = pd.DataFrame(
        {
            "income": [10.0] * 4 + [90.0] * 4,
            "segment_id": [1, 2, 2, 2, 2, 2, 2, 2],
            "sample_weight": [10.0, 1, 1, 1, 1, 1, 1, 1],
        }
    )
    rules = segment_rules(sample, FEATURES.iloc[:1]).set_index("segment_id")
    assert rules["rule_sql"].to_dict() == {1: "income < 50", 2: "income >= 50"}
    assert rules.loc[1, "precision"] == pytest.approx(10 / 13)
