"""The K-Means fit behind the segments, on points few enough to check by eye."""

import itertools

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

from python_models.segment_fits import fit_kmeans, matched_segment_ids, outlier_distances, segment_fit

# Two near -1 and two near 1.
TWO_GROUPS = np.array([[-1.05], [-0.95], [0.95], [1.05]])
NOBODY = np.full(4, np.nan)
ALL = np.ones(4, dtype=bool)


def fit(weights: list[float], n_clusters: int = 2, former: np.ndarray = NOBODY, next_id: int = 1) -> pd.DataFrame:
    """Fit the two groups."""
    return segment_fit(TWO_GROUPS, np.array(weights, float), ALL, former, n_clusters, seed=1, next_id=next_id)


def test_segments_are_numbered_by_size_with_their_shares():
    rows = fit([1, 1, 2, 2])
    assert rows["segment_id"].tolist() == [1, 2]
    assert rows["center"].tolist() == pytest.approx([1, -1])
    assert rows["training_share"].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert rows["training_customers"].tolist() == pytest.approx([4, 2])


def test_a_weight_counts_like_that_many_customers():
    weighted = fit([3, 1, 1, 1])
    repeated = TWO_GROUPS[[0, 0, 0, 1, 2, 3]]
    plain = segment_fit(repeated, np.ones(6), np.ones(6, bool), np.full(6, np.nan), 2, seed=1, next_id=1)
    assert weighted["center"].tolist() == pytest.approx([-1.025, 1])
    assert plain["center"].tolist() == pytest.approx([-1.025, 1])


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


def test_the_silhouette_is_scikit_learns():
    assert fit([1, 1, 1, 1])["silhouette"][0] == pytest.approx(silhouette_score(TWO_GROUPS, [0, 0, 1, 1]))


def test_fewer_distinct_customers_than_clusters_lower_the_number_of_clusters():
    assert sorted(fit([1, 1, 1, 1], n_clusters=9)["center"]) == pytest.approx(TWO_GROUPS.ravel().tolist())


def test_a_fit_says_all_there_is_to_know_of_it():
    """Three customers at (0, 0) in one row, and three in rows of their own at the corners of a triangle far away."""
    points = np.array([[0, 0], [10, 0], [10, 3], [13, 0]], dtype=float)
    rows = segment_fit(points, np.array([3.0, 1, 1, 1]), ALL, NOBODY, 2, seed=1, next_id=4)
    assert rows["segment_id"].tolist() == [4, 4, 5, 5]
    assert rows["dimension"].tolist() == [1, 2, 1, 2]
    assert rows["center"].tolist() == pytest.approx([0, 0, 11, 1])
    assert rows["training_customers"].tolist() == [3] * 4
    # Distances of the corners from their center: sqrt(2), sqrt(5) and sqrt(5).
    assert rows["inertia"].tolist() == pytest.approx([12] * 4)
    assert rows["smallest_share"].tolist() == [0.5] * 4
    assert rows["n_clusters"].tolist() == [2] * 4
    distances = np.array([0, 2**0.5, 5**0.5, 5**0.5])
    reach = outlier_distances(distances, np.array([0, 1, 1, 1]), np.array([3.0, 1, 1, 1]), 2)
    assert rows["outlier_distance"].tolist() == pytest.approx(np.repeat(reach, 2).tolist())


def test_segments_keep_the_numbers_of_those_their_customers_come_from():
    rows = fit([2, 2, 1, 1], former=np.array([7.0, 7.0, 4.0, 4.0]), next_id=8)
    assert dict(zip(rows["segment_id"], rows["center"].round(6), strict=True)) == {7: -1, 4: 1}


def matched(labels: list[int], former: list[float], n_clusters: int) -> list[int]:
    return matched_segment_ids(np.array(labels), np.array(former), np.ones(len(labels)), n_clusters, next_id=8)


def test_the_larger_part_of_a_split_segment_keeps_its_number():
    assert matched([0, 0, 0, 1, 1], [7, 7, 7, 7, 7], 2) == [7, 8]


def test_merged_segments_take_the_number_of_the_larger():
    assert matched([0, 0, 0, 0, 0], [7, 7, 7, 4, 4], 1) == [7]


def test_customers_far_from_every_former_segment_make_a_new_one():
    assert matched([0, 0, 1, 1, 1], [7, 7, np.nan, np.nan, np.nan], 2) == [7, 8]


def test_a_handful_of_strays_does_not_hand_on_a_number():
    # One of ten customers of the former segment 4 is left, and it is one of six in the new segment.
    assert matched([0] * 9 + [1] * 6, [4] * 10 + [np.nan] * 5, 2) == [4, 8]


def test_a_row_counts_for_the_customers_it_stands_for_when_numbers_go_on():
    # Of the first cluster two of seven customers come from segment 7, which is no half of it, but one of two rows.
    labels, former, weights = np.array([0, 0, 1, 1]), np.array([7, np.nan, 7, 9]), np.array([2.0, 5, 8, 20])
    assert matched_segment_ids(labels, former, weights, 2, next_id=10) == [10, 9]


def test_pairs_share_as_many_customers_as_any_assignment_can():
    rng = np.random.default_rng(8)
    for _ in range(30):
        labels, former = rng.integers(4, size=60), rng.integers(1, 5, size=60)
        shared = np.array([[((labels == new) & (former == old)).sum() for old in range(1, 5)] for new in range(4)])
        best = max(sum(shared[new, old] for new, old in enumerate(order)) for order in itertools.permutations(range(4)))
        ids = matched_segment_ids(labels, former.astype(float), np.ones(60), 4, next_id=5)
        # Pairs under the threshold got new numbers; those that count belong to a best assignment.
        kept = sum(shared[new, segment - 1] for new, segment in enumerate(ids) if segment < 5)
        assert kept <= best
        for new, segment in enumerate(ids):
            if segment < 5:
                smaller = min((labels == new).sum(), (former == segment).sum())
                assert shared[new, segment - 1] >= smaller / 2


@pytest.mark.parametrize("customers", [1, 2, 20, 500])
def test_a_segment_of_any_size_reaches_its_own_customers_and_no_stranger(customers):
    rng = np.random.default_rng(4)
    distances = np.concatenate([np.hypot(*rng.normal(size=(2, 2000))), np.hypot(*rng.normal(size=(2, customers)))])
    labels = np.repeat([0, 1], [2000, customers])
    reach = outlier_distances(distances, labels, np.ones(len(labels)), 2)
    assert (distances <= reach[labels]).mean() > 0.999
    assert (reach > 3).all()
    assert (reach < 10).all()


def test_the_fence_is_that_of_a_worked_example():
    """Medians by weight are 3 and 10 of the two segments and 10 of all, so the segments reach 109 / 13 and 10.

    The quotients 1, 2 and 3 times 13 / 109, 1 and 2 have the quartiles 39 / 109 and 1, and the fence is 4 times their
    difference over the upper one.
    """
    distances, labels, weights = np.array([1.0, 2, 3, 10, 20]), np.array([0, 0, 0, 1, 1]), np.array([1.0, 1, 4, 7, 1])
    fence = 1 + 4 * (1 - 39 / 109)
    expected = [109 / 13 * fence, 10 * fence]
    assert outlier_distances(distances, labels, weights, 2).tolist() == pytest.approx(expected)


def test_where_most_customers_are_at_their_center_the_farthest_is_no_stranger():
    distances = np.array([0.0, 0, 0, 5])
    assert outlier_distances(distances, np.array([0, 0, 1, 1]), np.ones(4), 2).tolist() == [5, 5]
