"""Samples, counted medians and limited memory give what all rows and all memory would."""

import re
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from project import PROJECT, SEGMENTS_ALONE
from sklearn.cluster import KMeans

from benchmarks.generate_customers import generate_customers

CUSTOMERS = 200_000
PLANTED = 200
SAMPLE = 10_000


@pytest.fixture(scope="module")
def customers_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("customers") / "customers.parquet"
    generate_customers(path, CUSTOMERS, planted=PLANTED)
    return path


@pytest.fixture(scope="module")
def big_warehouse(tmp_path_factory, customers_file):
    """200,000 customers, 0.1 % of them a segment of their own, built from a sample in little memory."""
    from project import Warehouse

    built = Warehouse(tmp_path_factory.mktemp("big"))
    project_vars = {
        "customers_file": str(customers_file),
        "training_sample_rows": SAMPLE,
        "evaluation_rows": 2000,
        "segmentations": {
            "income_spending": {"features": {"annual_income_k": 1, "spending_score": 1}, "n_clusters": 6}
        },
    }
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MALL_SEGMENTS_MEMORY", "500MB")
        built.dbt(
            *SEGMENTS_ALONE,
            project_vars=project_vars,
        )
        built.dbt("run", "--select", "segment_upgrades", project_vars=project_vars)
    return built


def test_a_rare_segment_survives_sampling(big_warehouse):
    found = big_warehouse.query("""
        select
            income_spending_segment_id as segment_id,
            count(*) as customers,
            sum(case when annual_income_k >= 600 then 1 else 0 end) as planted
        from marts.customers
        group by segment_id
        having planted > 0
    """)
    assert found[["customers", "planted"]].to_numpy().tolist() == [[PLANTED, PLANTED]]


def test_the_sample_is_bounded_and_stands_for_all_customers(big_warehouse):
    sample = big_warehouse.query("select count(*) as n, sum(sample_weight) as weight from features.training_sample")
    assert SAMPLE * 0.9 < sample["n"][0] <= SAMPLE
    assert sample["weight"][0] == pytest.approx(CUSTOMERS, rel=0.03)


def test_a_model_of_the_sample_is_as_tight_as_one_of_all_customers(big_warehouse):
    customers = big_warehouse.query("select annual_income_k, spending_score from marts.customers")
    points = ((customers - customers.mean()) / customers.std(ddof=0)).to_numpy()
    full = KMeans(6, n_init=5, random_state=0).fit(points).inertia_
    own = big_warehouse.query(
        "select sum(distance * distance) as inertia from marts.customer_segments where segmentation = 'income_spending'"
    )["inertia"][0]
    assert own <= full * 1.005


def test_those_who_could_move_up_are_estimated_from_some(big_warehouse):
    estimated = big_warehouse.query("select *, mean_change > 0 as is_up from reporting.segment_upgrades")
    counted = big_warehouse.query("""
        select
            segment_id,
            target_segment_id as to_segment_id,
            feature,
            change > 0 as is_up,
            count(*) as all_customers,
            avg(change) as all_change,
            stddev(change) as deviation
        from marts.upgrade_candidates
        where nearness = 1
        group by all
    """)
    assert estimated["is_estimate"].all()
    both = counted.merge(estimated, on=["segment_id", "to_segment_id", "feature", "is_up"], how="left")
    large = both[both["all_customers"] > 2000]
    assert len(large) > 3
    drawn = large["all_customers"] * SAMPLE / CUSTOMERS
    assert ((large["customers"] - large["all_customers"]).abs() < 5 * CUSTOMERS / SAMPLE * np.sqrt(drawn)).all()
    assert ((large["mean_change"] - large["all_change"]).abs() <= 5 * large["deviation"] / np.sqrt(drawn)).all()
    assert estimated["customers"].sum() == pytest.approx(counted["all_customers"].sum(), rel=0.05)


def test_customers_who_repeat_others_are_seen_in_a_sample(new_warehouse, tmp_path, customers_file):
    customers = duckdb.sql(f"from '{customers_file}' limit 60_000").df()
    attributes = customers.columns[1:]
    customers.loc[57_000:, attributes] = customers.loc[:2_999, attributes].to_numpy()
    repeats = len(customers) - len(customers[attributes].drop_duplicates())
    duckdb.from_df(customers).write_parquet(str(tmp_path / "customers.parquet"))
    project_vars = {"customers_file": str(tmp_path / "customers.parquet"), "training_sample_rows": 5000}
    new_warehouse.dbt("run", "--select", "+feature_doubts", project_vars=project_vars)
    doubts = new_warehouse.query("select share from features.feature_doubts where kind = 'repeated customers'")
    assert doubts["share"].tolist() == [pytest.approx(repeats / len(customers), abs=0.015)]


def test_medians_are_exact(big_warehouse):
    customers = big_warehouse.query("select * from marts.customers")
    features = ["age", "annual_income_k", "spending_score", "is_female", "spending_per_income"]
    statistics = big_warehouse.query("select * from features.feature_statistics").set_index("feature")
    pd.testing.assert_series_equal(
        statistics["median"][features], customers[features].median(), check_names=False, rtol=1e-12
    )
    profiles = big_warehouse.query("select * from marts.segment_profiles")
    counted = profiles.pivot(index="segment_id", columns="feature", values="median")[features]
    expected = customers.groupby("income_spending_segment_id")[features].median()
    np.testing.assert_allclose(counted.to_numpy(), expected.to_numpy(), rtol=1e-12)


def test_python_models_read_no_table_of_all_customers():
    """A row per customer never leaves SQL: Python sees the sample and tables of segments and features."""
    small = {
        "training_sample",
        "training_points",
        "incumbent_segments",
        "sample_segments",
        "labelled_sample",
        "segmentation_features",
        "cluster_counts",
        "cluster_count_scores",
        "segment_centroids",
        "campaign_counts",  # a row per campaign and segment
    }
    for path in (PROJECT / "python_models").glob("*.py"):
        read = set(re.findall(r'dbt\.ref\("(\w+)"\)', path.read_text()))
        assert read <= small, path.name
