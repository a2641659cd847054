"""The number of segments is chosen in SQL; its knee must be the one a knee finder sees, its scores scikit-learn's."""

import numpy as np
import pytest
from kneed import KneeLocator
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score
from sklearn.preprocessing import StandardScaler

from python_models.cluster_count_scores import cluster_count_scores


@pytest.mark.parametrize("segmentation", ["income_spending", "demographic"])
def test_the_elbow_is_where_kneed_finds_it(warehouse, segmentation):
    scores = warehouse.query(
        f"select * from clustering.cluster_count_scores where segmentation = '{segmentation}' order by n_clusters"
    )
    knee = KneeLocator(scores["n_clusters"], scores["inertia"], curve="convex", direction="decreasing").knee
    vote = warehouse.query(f"select elbow_vote from clustering.cluster_counts where segmentation = '{segmentation}'")
    assert vote["elbow_vote"][0] == knee


def test_income_and_spending_choose_five_by_their_own_evidence(warehouse):
    counts = warehouse.query("select * from clustering.cluster_counts where segmentation = 'income_spending'").iloc[0]
    assert counts["n_clusters"] == 5
    assert not counts["is_fixed"]
    assert counts["winning_votes"] >= 3
    assert "3 of 4 criteria agree" in counts["reason"]


def test_a_fixed_number_of_segments_overrides_the_votes(new_warehouse):
    features = {"annual_income_k": 1, "spending_score": 1}
    new_warehouse.dbt(
        "build", project_vars={"segmentations": {"income_spending": {"features": features, "n_clusters": 3}}}
    )
    counts = new_warehouse.query("select * from clustering.cluster_counts").iloc[0]
    assert (counts["n_clusters"], counts["is_fixed"], counts["silhouette_vote"]) == (3, True, 5)
    assert new_warehouse.query("select count(*) as segments from marts.segments")["segments"][0] == 3


@pytest.fixture(scope="module")
def mall_points(warehouse) -> np.ndarray:
    """Income and spending of the mall customers, standardised."""
    return StandardScaler().fit_transform(
        warehouse.query("select annual_income_k, spending_score from marts.customers")
    )


def test_scores_are_scikit_learns(warehouse, mall_points):
    scores = warehouse.query("select * from clustering.cluster_count_scores where segmentation = 'income_spending'")
    for score in scores.query("n_clusters in (3, 5)").itertuples():
        best = KMeans(score.n_clusters, n_init=50, random_state=9).fit(mall_points)
        assert score.inertia == pytest.approx(best.inertia_)
        assert score.silhouette == pytest.approx(silhouette_score(mall_points, best.labels_))
        assert score.davies_bouldin == pytest.approx(davies_bouldin_score(mall_points, best.labels_))
        assert score.calinski_harabasz == pytest.approx(calinski_harabasz_score(mall_points, best.labels_))
        assert score.smallest_share == pytest.approx(np.bincount(best.labels_).min() / len(mall_points))


@pytest.mark.parametrize("n_clusters", [2, 5, 8])
def test_the_gap_statistic_is_that_of_tibshirani_walther_and_hastie(warehouse, mall_points, n_clusters):
    """Reference data are uniform in the box along the principal axes, turned back; 100 of them leave little chance."""
    rng = np.random.default_rng(11)
    axes = PCA().fit(mall_points)
    turned = axes.transform(mall_points)
    logs = []
    for _ in range(100):
        uniform = rng.uniform(turned.min(axis=0), turned.max(axis=0), turned.shape)
        logs.append(np.log(KMeans(n_clusters, n_init=10, random_state=1).fit(axes.inverse_transform(uniform)).inertia_))
    gap = np.mean(logs) - np.log(KMeans(n_clusters, n_init=50, random_state=1).fit(mall_points).inertia_)
    told = warehouse.query(f"""
        select gap, gap_standard_error from clustering.cluster_count_scores
        where segmentation = 'income_spending' and n_clusters = {n_clusters}
    """).iloc[0]
    # Means of 20 and of 100 references: four standard errors of their difference.
    assert told["gap"] == pytest.approx(gap, abs=4 * np.std(logs) * np.sqrt(1 / 20 + 1 / 100))
    assert told["gap_standard_error"] == pytest.approx(np.std(logs), rel=0.6)


@pytest.mark.filterwarnings("error")
def test_few_customers_are_scored_without_a_warning():
    points = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [5.0, 5.0]])
    scores = cluster_count_scores(points, np.ones(4), np.ones(4, dtype=bool), [2, 3, 4], seed=42)
    assert scores["n_clusters"].tolist() == [2, 3]
