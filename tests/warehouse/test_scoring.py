"""Scoring in SQL must be scikit-learn's `predict` on the same centroids."""

import shutil

import numpy as np
import pandas as pd
import pytest
from project import SEGMENTS_ALONE
from sklearn.cluster import KMeans


def kmeans_of(warehouse, segmentation: str) -> tuple[KMeans, pd.DataFrame]:
    """Rebuild the champion as a scikit-learn model from its rows, and return what makes coordinates of values."""
    rows = warehouse.query(f"""
        select segment_id, dimension, feature, level, center, low_fence, high_fence, scale
        from clustering.segment_centroids
        where segmentation = '{segmentation}'
        order by segment_id, dimension
    """)
    dimensions = rows.drop_duplicates("dimension").set_index("dimension")
    centers = rows.pivot(index="segment_id", columns="dimension", values="center")
    scaled = (centers / dimensions["scale"]).to_numpy()
    kmeans = KMeans(len(scaled), init=scaled, n_init=1).fit(scaled)
    assert np.allclose(kmeans.cluster_centers_, scaled)
    kmeans.segment_ids = centers.index.to_numpy()
    return kmeans, dimensions


def coordinates(dimensions: pd.DataFrame, customers: pd.DataFrame) -> np.ndarray:
    """Numbers held to their fences, categories as 0 and 1, all in scaled units."""
    columns = [
        (
            customers[row.feature] == row.level
            if row.level
            else customers[row.feature].clip(row.low_fence, row.high_fence)
        )
        / row.scale
        for row in dimensions.itertuples()
    ]
    return np.column_stack(columns)


def predicted(kmeans: KMeans, dimensions: pd.DataFrame, customers: pd.DataFrame) -> np.ndarray:
    return kmeans.segment_ids[kmeans.predict(coordinates(dimensions, customers))]


@pytest.mark.parametrize("segmentation", ["income_spending", "demographic"])
def test_mall_customers_are_in_the_segments_that_scikit_learn_predicts(warehouse, segmentation):
    kmeans, dimensions = kmeans_of(warehouse, segmentation)
    customers = warehouse.query("select * from marts.customers")
    assert (customers[f"{segmentation}_segment_id"] == predicted(kmeans, dimensions, customers)).all()


def test_a_frozen_model_scores_new_customers_as_scikit_learn_does(warehouse, new_warehouse, tmp_path):
    rng = np.random.default_rng(7)
    new_customers = pd.DataFrame(
        {
            "CustomerID": np.arange(3000),
            "Gender": rng.choice(["Male", "Female"], 3000),
            "Age": rng.integers(18, 90, 3000),
            "Annual Income (k$)": rng.uniform(0, 200, 3000).round(1),
            "Spending Score (1-100)": rng.integers(1, 101, 3000),
        }
    )
    new_customers.to_csv(tmp_path / "new.csv", index=False)
    shutil.copy(warehouse.path, new_warehouse.path)
    trained = new_warehouse.query("select * from clustering.segment_centroids order by all")
    new_warehouse.dbt(
        *SEGMENTS_ALONE, project_vars={"freeze_training": True, "customers_file": str(tmp_path / "new.csv")}
    )
    pd.testing.assert_frame_equal(
        new_warehouse.query("select * from clustering.segment_centroids order by all"), trained
    )
    for segmentation in ("income_spending", "demographic"):
        kmeans, dimensions = kmeans_of(new_warehouse, segmentation)
        scored = new_warehouse.query(f"""
            select
                customers.*, scores.segment_id, scores.distance,
                scores.runner_up_segment_id, scores.runner_up_distance
            from marts.customers as customers
            inner join marts.customer_segments as scores
                on customers.customer_id = scores.customer_id and scores.segmentation = '{segmentation}'
        """)
        assert len(scored) == 3000
        distances = np.sort(kmeans.transform(coordinates(dimensions, scored)), axis=1)
        order = kmeans.transform(coordinates(dimensions, scored)).argsort(axis=1)
        assert (scored["segment_id"] == predicted(kmeans, dimensions, scored)).all()
        assert (scored["runner_up_segment_id"] == kmeans.segment_ids[order[:, 1]]).all()
        assert np.allclose(scored["distance"], distances[:, 0])
        assert np.allclose(scored["runner_up_distance"], distances[:, 1])


def test_classify_customer_agrees_with_scikit_learn_on_a_grid(warehouse):
    kmeans, dimensions = kmeans_of(warehouse, "income_spending")
    grid = warehouse.query("""
        select income as annual_income_k, score as spending_score, classified.*
        from range(0, 160, 4) as incomes (income)
        cross join range(1, 101, 3) as scores (score)
        cross join lateral (from marts.classify_customer(income, score)) as classified
    """)
    assert len(grid) == 40 * 34
    assert (grid["segment_id"] == predicted(kmeans, dimensions, grid)).all()
    distances = kmeans.transform(coordinates(dimensions, grid))
    assert np.allclose(grid["distance"], distances.min(axis=1))
    assert (grid["runner_up_segment_id"] == kmeans.segment_ids[distances.argsort(axis=1)[:, 1]]).all()
