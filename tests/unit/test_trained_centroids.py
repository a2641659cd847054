"""The K-Means fit behind the segments, on frames small enough to check by eye."""

import itertools

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

from python_models.trained_centroids import fit_kmeans, matched_segment_ids, trained_centroids

NO_INCUMBENTS = pd.DataFrame(
    columns=["segmentation", "model_version", "segment_id", "feature", "center", "scale", "outlier_distance"]
)


def two_groups(weights: list[float]) -> pd.DataFrame:
    """Return four customers: two near 10 visits, two near 50."""
    return pd.DataFrame({"visits": [9.0, 11.0, 49.0, 51.0], "sample_weight": weights, "is_evaluated": True})


def visits(scale: float = 20.0) -> pd.DataFrame:
    return pd.DataFrame(
        {"feature": ["visits"], "feature_position": [1], "weight": [1.0], "mean": [30.0], "scale": [scale]}
    )


def incumbents(centers: dict[int, float], outlier_distance: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "model_version": 1,
            "segment_id": list(centers),
            "feature": "visits",
            "center": list(centers.values()),
            "scale": 20.0,
            "outlier_distance": outlier_distance,
        }
    )


def test_centers_come_back_in_the_unit_of_the_feature_largest_segment_first():
    rows = trained_centroids(two_groups([1, 1, 2, 2]), visits(), NO_INCUMBENTS, n_clusters=2, seed=1, next_id=1)
    assert rows["segment_id"].tolist() == [1, 2]
    assert rows["center"].tolist() == pytest.approx([50, 10])
    assert rows["training_share"].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert rows["outlier_distance"].tolist() == pytest.approx([1 / 20, 1 / 20])


def test_a_weight_counts_like_that_many_customers():
    weighted = trained_centroids(two_groups([3, 1, 1, 1]), visits(), NO_INCUMBENTS, n_clusters=2, seed=1, next_id=1)
    repeated = two_groups([1, 1, 1, 1]).iloc[[0, 0, 0, 1, 2, 3]]
    plain = trained_centroids(repeated, visits(), NO_INCUMBENTS, n_clusters=2, seed=1, next_id=1)
    assert weighted["center"].tolist() == pytest.approx([9.5, 50])
    assert plain["center"].tolist() == pytest.approx([9.5, 50])


def test_the_fit_is_as_good_as_scikit_learns_best_of_many():
    rng = np.random.default_rng(3)
    groups = rng.uniform(-10, 10, size=(6, 3))
    points = rng.normal(size=(400, 3)) + groups[rng.integers(6, size=400)]
    _, labels, inertia = fit_kmeans(points, np.ones(400), 6, seed=1)
    best = KMeans(6, n_init=100, random_state=2).fit(points)
    assert inertia == pytest.approx(best.inertia_, rel=1e-6)
    assert len(set(zip(labels, best.labels_, strict=True))) == 6


def test_another_seed_or_order_gives_the_same_segments(warehouse):
    customers = warehouse.query("select annual_income_k, spending_score from marts.customers")
    points = StandardScaler().fit_transform(customers)
    shuffled = np.random.default_rng(5).permutation(len(points))
    centers, labels, _ = fit_kmeans(points, np.ones(len(points)), 5, seed=1)
    other_centers, other_labels, _ = fit_kmeans(points[shuffled], np.ones(len(points)), 5, seed=99)
    assert np.allclose(centers, other_centers)
    assert (labels[shuffled] == other_labels).all()


def test_silhouettes_are_scikit_learns_for_new_and_incumbent_model():
    sample = two_groups([1, 1, 1, 1])
    old = incumbents({1: 20.0, 2: 200.0}, outlier_distance=1.0).assign(feature="visits")
    rows = trained_centroids(sample, visits(), old, n_clusters=2, seed=1, next_id=3)
    points = sample[["visits"]].to_numpy() / 20
    assert rows["silhouette"][0] == pytest.approx(silhouette_score(points, [0, 0, 1, 1]))
    assert np.isnan(rows["incumbent_silhouette"][0])  # all four are nearest to 20: no second cluster to compare with


def test_fewer_distinct_customers_than_clusters_lower_the_number_of_clusters():
    rows = trained_centroids(two_groups([1, 1, 1, 1]), visits(), NO_INCUMBENTS, n_clusters=9, seed=1, next_id=1)
    assert sorted(rows["center"]) == pytest.approx([9, 11, 49, 51])


def test_new_centers_take_the_ids_of_the_segments_they_continue():
    centers = pd.DataFrame({"visits": [52.0, 12.0]})
    assert matched_segment_ids(centers, incumbents({7: 10.0, 4: 50.0}, 0.5), next_id=8) == [4, 7]


def test_a_tight_segment_keeps_its_id_when_it_drifts_less_than_half_way_to_the_next():
    centers = pd.DataFrame({"visits": [28.0, 52.0]})
    assert matched_segment_ids(centers, incumbents({7: 10.0, 4: 50.0}, 0.01), next_id=8) == [7, 4]
    centers = pd.DataFrame({"visits": [31.0, 52.0]})
    assert matched_segment_ids(centers, incumbents({7: 10.0, 4: 50.0}, 0.01), next_id=8) == [8, 4]


def test_a_center_beyond_the_reach_of_every_old_segment_gets_a_new_id():
    centers = pd.DataFrame({"visits": [52.0, 12.0, 100.0]})
    assert matched_segment_ids(centers, incumbents({7: 10.0, 4: 50.0}, 0.5), next_id=8) == [4, 7, 8]


def test_the_assignment_is_the_best_of_all_permutations():
    rng = np.random.default_rng(8)
    for _ in range(50):
        old = rng.uniform(0, 100, 5)
        new = old + rng.normal(0, 15, 5)
        ids = matched_segment_ids(
            pd.DataFrame({"visits": new}), incumbents(dict(enumerate(old, start=1)), outlier_distance=99), next_id=6
        )
        best = min(itertools.permutations(range(5)), key=lambda order: np.abs(new - old[list(order)]).sum())
        matched = np.abs(new - old[np.array(ids) - 1]).sum()
        assert sorted(ids) == [1, 2, 3, 4, 5]
        assert matched == pytest.approx(np.abs(new - old[list(best)]).sum())
