"""Customers of whom there is hardly anything to cluster, or who have values that no arithmetic survives."""

import random

import pandas as pd
import pytest

CHANCE = random.Random(1)
GROUPS = pd.DataFrame(
    [(CHANCE.gauss(center, 1), CHANCE.gauss(other, 1)) for center in (10, 50) for other in (10, 50) for _ in range(20)],
    columns=["first", "second"],
)
TOO_FEW = "take only 1 value; name features that tell more customers apart, or add customers"


def project_vars(path) -> dict:
    return {
        "customers_file": str(path),
        "customer_columns": {"customer_id": {"from": "id"}, "first": {}, "second": {}},
        "segmentations": {"pair": {"features": {"first": 1, "second": 1}}},
        "value_features": {"first": 1},
        "fixed_features": [],
    }


@pytest.mark.long
def test_customers_who_cannot_be_told_apart_are_refused_in_a_sentence(new_warehouse):
    path = new_warehouse.folder / "customers.csv"
    for customers in ([(1, 2)], [(1, 2)] * 2, [(7, 7)] * 50):
        pd.DataFrame(customers, columns=["first", "second"]).rename_axis("id").to_csv(path)
        result = new_warehouse.dbt("run", "--select", "+training_sample", project_vars=project_vars(path), check=False)
        assert result.returncode == 1
        assert TOO_FEW in result.stdout
        assert "Traceback" not in result.stdout + result.stderr


@pytest.mark.long
def test_values_beyond_arithmetic_are_not_known_and_change_no_segment(new_warehouse):
    path = new_warehouse.folder / "customers.csv"
    beyond = pd.DataFrame({"first": ["1e308", "-1e308", "1e400", "inf", "-inf"], "second": "10"})
    pd.concat([GROUPS, beyond], ignore_index=True).rename_axis("id").to_csv(path)
    new_warehouse.dbt("run", "--select", "+customer_scores", project_vars=project_vars(path))
    scores = new_warehouse.query("select * from clustering.customer_scores order by cast(customer_id as integer)")
    assert scores["imputed_features"].tolist() == [""] * len(GROUPS) + ["first"] * len(beyond)
    found = scores["pair_segment_id"][: len(GROUPS)].groupby(GROUPS.index // 20)
    assert found.nunique().tolist() == [1] * 4
    assert found.first().nunique() == 4


@pytest.mark.long
def test_customers_of_whom_nothing_is_known_are_in_no_segment(new_warehouse):
    path = new_warehouse.folder / "customers.csv"
    pd.DataFrame({"first": [None] * 50, "second": None}).rename_axis("id").to_csv(path)
    new_warehouse.dbt("run", "--select", "+customer_scores", project_vars=project_vars(path))
    assert new_warehouse.query("select pair_segment_id from clustering.customer_scores")["pair_segment_id"].isna().all()
