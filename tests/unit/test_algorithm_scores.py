"""Other algorithms on the same customers: their scores and their rules, against scikit-learn."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import DBSCAN, AgglomerativeClustering, KMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import (
    adjusted_rand_score,
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_score,
)
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from python_models.algorithm_scores import algorithm_scores, collapse, knee, reading, ward


@pytest.fixture
def mall_points(warehouse) -> np.ndarray:
    """Income and spending of the mall customers, standardized, in the order of the training sample."""
    rows = warehouse.query("""
        select annual_income_k, spending_score from features.training_sample
        where segmentation = 'income_spending' order by customer_id
    """)
    return StandardScaler().fit_transform(rows)


@pytest.fixture
def scores(warehouse) -> pd.DataFrame:
    table = warehouse.query("select * from clustering.algorithm_scores where segmentation = 'income_spending'")
    return table.set_index("algorithm")


def test_every_algorithm_finds_well_separated_groups():
    centers = np.array([[0, 0], [20, 0], [0, 20], [20, 20]])
    points, groups = make_blobs([60, 50, 70, 60], centers=centers, cluster_std=1, random_state=1)
    found = algorithm_scores(points, ["x", "y"], groups, n_clusters=4, candidates=[2, 3, 4, 5, 6], seed=1)
    assert found["algorithm"].tolist() == ["K-Means", "Gaussian mixture", "Ward", "DBSCAN", "HDBSCAN"]
    assert found["clusters"].tolist() == [4] * 5
    assert (found["agreement_with_champion"] > 0.8).all()
    same = found[found["agreement_with_champion"] == 1]
    assert same["algorithm"].tolist()[:3] == ["K-Means", "Gaussian mixture", "Ward"]
    for score in same.itertuples():
        assert score.silhouette == pytest.approx(silhouette_score(points, groups))
        assert score.davies_bouldin == pytest.approx(davies_bouldin_score(points, groups))
        assert score.calinski_harabasz == pytest.approx(calinski_harabasz_score(points, groups))
        assert score.smallest_share == pytest.approx(50 / 240)
        assert score.noise_share == 0
    parameters = found.set_index("algorithm")["parameters"]
    assert parameters["K-Means"] == "4 clusters, the number chosen"
    assert parameters["Gaussian mixture"] == "4 components, the lowest BIC"
    assert parameters["DBSCAN"].startswith("4 neighbors within ")
    # The square root of 240 is 15.5, and the even number is nearer.
    assert parameters["HDBSCAN"] == "4 neighbors, clusters of at least 15 rows, the square root of all"


def test_three_customers_are_clustered_too():
    points = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 5.0]])
    found = algorithm_scores(points, ["x", "y"], None, n_clusters=2, candidates=[2], seed=1).set_index("algorithm")
    assert found.loc[["K-Means", "Ward"], "clusters"].tolist() == [2, 2]
    assert "3 neighbors" in found.loc["DBSCAN", "parameters"]


@pytest.mark.parametrize(
    ("points", "candidates", "parts"),
    [
        # Merges at 1, 1, 1, 14.1 and 40.8: the last costs most over the one before.
        ([[0], [1], [10], [11], [30], [31]], [2, 3, 4], [0, 0, 0, 0, 1, 1]),
        # Three pairs equally far apart: merges at 1, 1, 1, 141 and 141.
        ([[0, 0], [0, 1], [100, 0], [100, 1], [50, 86], [50, 87]], [2, 3, 4], [0, 0, 1, 1, 2, 2]),
        # Four pairs, so that below four clusters all merges cost the same: the fewest clusters do.
        ([[0], [1], [100], [101], [200], [201], [300], [301]], [5, 6, 7], None),
    ],
)
def test_wards_tree_is_cut_before_the_merge_that_costs_most_over_the_one_before(points, candidates, parts):
    labels, parameters, flaw = ward(np.array(points, dtype=float), [], 0, candidates, 1)
    if parts:
        assert adjusted_rand_score(labels, parts) == 1
    expected = len(set(parts)) if parts else 5
    assert parameters == f"{expected} clusters, the largest jump between merges"
    assert len(set(labels)) == expected
    assert flaw == ""


def test_the_knee_is_the_point_farthest_below_the_chord():
    assert knee(np.array([1.0, 1.1, 1.2, 1.3, 9.0])) == 1.3
    assert knee(np.array([2.0, 2.0, 2.0])) == 2.0


def test_components_that_collapse_are_counted_and_their_cause_named():
    """The second of two components is flat in two directions; its customers have one gender, and any income."""
    points = np.array([[1.0, 0, 1], [2, 1, 0], [3, 0, 1], [4, 0, 1], [5, 0, 1], [6, 0, 1]])
    labels, names = np.array([0, 0, 0, 1, 1, 1]), ["income", "gender", "gender"]
    covariances = np.array([np.eye(3), np.diag([1, 1e-6, 1e-6])])
    flaw = collapse(points, labels, covariances, names)
    assert flaw.startswith("1 of its 2 components collapse on single values of gender, which")
    points[3:, 1:] = [[0, 1], [1, 0], [0, 1]]
    flaw = collapse(points, labels, covariances, names)
    assert flaw.startswith("1 of its 2 components collapse on customers too few or too much alike, which")
    assert collapse(points, labels, np.array([np.eye(3)] * 2), names) == ""


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "sees 3 groups; partly like the champion's groups (adjusted Rand 0.50)"),
        ({"clusters": 0, "noise_share": 1.0, "silhouette": np.nan, "agreement_with_champion": 0.0},
         "sees no group, only noise; unlike the champion's groups (adjusted Rand 0.00)"),
        ({"clusters": 1, "noise_share": 0.126, "silhouette": np.nan, "agreement_with_champion": np.nan},
         "sees one group only and leaves 13 % of the customers out; there is no champion to compare with"),
        ({"noise_share": 0.004, "agreement_with_champion": 1.0},
         "sees 3 groups and leaves under 1 % of the customers out, whom its scores leave out too; the champion's "
         "groups (adjusted Rand 1.00)"),
        ({"noise_share": 0.01, "agreement_with_champion": 0.29},
         "sees 3 groups and leaves 1 % of the customers out, whom its scores leave out too; unlike the champion's "
         "groups (adjusted Rand 0.29)"),
    ],
)  # fmt: skip
def test_a_reading_says_what_was_seen_and_how_like_the_segments_it_is(changes, sentence):
    score = {"algorithm": "DBSCAN", "parameters": "4 neighbors", "clusters": 3, "noise_share": 0.0, "silhouette": 0.4}
    told = reading(score | {"agreement_with_champion": 0.5} | changes, "")
    assert told == f"DBSCAN (4 neighbors) {sentence}."


@pytest.mark.parametrize(
    ("agreement", "degree"),
    [(0.995, "the"), (0.994, "nearly the"), (0.9, "nearly the"), (0.89, "much like the"), (0.65, "much like the"),
     (0.64, "partly like the"), (0.3, "partly like the"), (0.29, "unlike the")],
)  # fmt: skip
def test_likeness_to_the_segments_is_said_in_five_degrees(agreement, degree):
    score = {"algorithm": "Ward", "parameters": "", "clusters": 2, "noise_share": 0.0, "silhouette": 0.4}
    told = reading(score | {"agreement_with_champion": agreement}, "")
    assert f"groups; {degree} champion's groups (" in told


def test_scores_are_scikit_learns_on_the_labels_of_scikit_learn(mall_points, scores):
    neighbors, eps = re.match(r"(\d+) neighbors within ([\d.]+)", scores.loc["DBSCAN", "parameters"]).groups()
    champion = KMeans(5, n_init=20, random_state=3).fit_predict(mall_points)
    for algorithm, labels in {
        "K-Means": champion,
        "Ward": AgglomerativeClustering(int(scores.loc["Ward", "clusters"])).fit_predict(mall_points),
        "DBSCAN": DBSCAN(eps=float(eps), min_samples=int(neighbors)).fit_predict(mall_points),
    }.items():
        is_clustered = labels != -1
        points, groups = mall_points[is_clustered], labels[is_clustered]
        assert scores.loc[algorithm, "clusters"] == len(set(groups))
        assert scores.loc[algorithm, "noise_share"] == pytest.approx(1 - is_clustered.mean())
        assert scores.loc[algorithm, "silhouette"] == pytest.approx(silhouette_score(points, groups))
        assert scores.loc[algorithm, "davies_bouldin"] == pytest.approx(davies_bouldin_score(points, groups))
        assert scores.loc[algorithm, "calinski_harabasz"] == pytest.approx(calinski_harabasz_score(points, groups))
        assert scores.loc[algorithm, "agreement_with_champion"] == pytest.approx(adjusted_rand_score(champion, labels))


def test_the_radius_of_dbscan_is_where_the_curve_is_farthest_from_its_chord(mall_points, scores):
    """The distance to the fourth neighbor counted with the customer itself, as scikit-learn counts it."""
    distances = np.sort(np.sort(cdist(mall_points, mall_points), axis=1)[:, 3])
    curve = MinMaxScaler().fit_transform(np.column_stack([np.arange(len(distances)), distances]))
    chord = curve[-1] - curve[0]
    offsets = np.abs(chord[0] * (curve[:, 1] - curve[0, 1]) - chord[1] * (curve[:, 0] - curve[0, 0]))
    farthest = distances[offsets.argmax()]
    assert knee(distances) == pytest.approx(farthest)
    assert f"within {farthest:.3g}," in scores.loc["DBSCAN", "parameters"]


def test_a_heap_without_groups_is_said_to_be_one():
    points = np.random.default_rng(2).uniform(size=(200, 2))
    found = algorithm_scores(points, ["x", "y"], None, n_clusters=2, candidates=[2, 3], seed=1).set_index("algorithm")
    assert found.loc["DBSCAN", "clusters"] == 1
    assert np.isnan(found.loc["DBSCAN", "silhouette"])
    assert "sees one group only" in found.loc["DBSCAN", "reading"]
    assert found["agreement_with_champion"].isna().all()


def test_a_mixture_that_collapses_on_a_category_is_no_finding():
    """Two values of a category make one plane each, wherever the customers lie; scikit-learn's floor shows it."""
    rng = np.random.default_rng(3)
    gender = rng.integers(0, 2, 400)
    points = np.column_stack([rng.normal(size=(400, 2)), gender, 1 - gender, np.full(400, 3.0)])
    names = ["income", "spending", "gender", "gender", "constant"]
    found = algorithm_scores(points, names, gender, n_clusters=2, candidates=[2, 3, 4], seed=1).set_index("algorithm")
    mixture = found.loc["Gaussian mixture"]
    assert not mixture["is_finding"]
    assert "collapse on single values of gender," in mixture["reading"]
    assert mixture[["silhouette", "davies_bouldin", "calinski_harabasz", "smallest_share"]].isna().all()
    assert np.isnan(mixture["agreement_with_champion"])
    assert found.drop(index="Gaussian mixture")["is_finding"].all()


def test_a_mixture_of_spread_groups_is_a_finding_beside_a_constant_and_a_category_that_follows_from_the_rest():
    centers = np.array([[0, 0], [8, 0], [0, 8]])
    points, groups = make_blobs([80, 80, 80], centers=centers, cluster_std=1, random_state=4)
    points = np.column_stack([points, points.sum(axis=1), np.full(240, 1.0)])
    found = algorithm_scores(points, list("abcd"), groups, 3, [2, 3, 4], seed=1).set_index("algorithm")
    assert found["is_finding"].all()
    assert found.loc["Gaussian mixture", "clusters"] == 3
    assert found.loc["Gaussian mixture", "agreement_with_champion"] == 1


def test_customers_that_a_score_leaves_out_are_counted_in_its_reading():
    rng = np.random.default_rng(5)
    groups, _ = make_blobs([100, 100], centers=np.array([[0, 0], [30, 30]]), cluster_std=1, random_state=5)
    points = np.vstack([groups, rng.uniform(-200, 200, (40, 2))])
    found = algorithm_scores(points, ["x", "y"], None, 2, [2, 3], seed=1).set_index("algorithm")
    for algorithm in ("DBSCAN", "HDBSCAN"):
        score = found.loc[algorithm]
        assert score["noise_share"] > 0.1
        assert f"leaves {100 * score['noise_share']:.0f} % of the customers out" in score["reading"]
        assert "whom its scores leave out too" in score["reading"]
    assert not found.loc[["K-Means", "Ward"], "reading"].str.contains("leave").any()
