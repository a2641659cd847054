"""The number of segments is chosen in SQL; its knee must be the one a knee finder sees, its scores scikit-learn's."""

import numpy as np
import pandas as pd
import pytest
from kneed import KneeLocator
from project import Warehouse, further
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score
from sklearn.preprocessing import StandardScaler


def votes_of(warehouse: Warehouse, segmentation: str) -> pd.DataFrame:
    return warehouse.query(
        f"select * from clustering.cluster_count_votes where segmentation = '{segmentation}' order by criterion"
    ).set_index("criterion")


def scores_of(warehouse: Warehouse, segmentation: str) -> pd.DataFrame:
    """One row per candidate number of segments, one column per score."""
    scores = warehouse.query(f"from clustering.cluster_count_scores where segmentation = '{segmentation}'")
    return scores.pivot(index="n_clusters", columns="score", values="value").reset_index()


@pytest.mark.parametrize("segmentation", ["income_spending", "demographic"])
def test_the_elbow_is_where_kneed_finds_it(warehouse, segmentation):
    scores = scores_of(warehouse, segmentation)
    knee = KneeLocator(scores["n_clusters"], scores["inertia"], curve="convex", direction="decreasing").knee
    assert votes_of(warehouse, segmentation).loc["elbow", "vote"] == knee


def test_income_and_spending_choose_five_by_their_own_evidence(warehouse):
    counts = warehouse.query("select * from clustering.cluster_counts where segmentation = 'income_spending'").iloc[0]
    assert (counts["n_clusters"], counts["is_natural"], counts["is_fixed"]) == (5, True, False)
    assert counts["reason"].startswith("5 natural groups, the most with a gap between every two of them")
    votes = votes_of(warehouse, "income_spending")
    assert votes.loc[["separation", "silhouette", "elbow"], "vote"].tolist() == [5, 5, 5]
    assert counts["reason"].endswith(f"The runner-up is {counts['runner_up_count']}.")


@pytest.mark.long
def test_a_fixed_number_of_segments_is_kept_and_the_evidence_with_it(new_warehouse):
    features = {"annual_income_k": 1, "spending_score": 1}
    new_warehouse.dbt(
        "build", project_vars={"segmentations": {"income_spending": {"features": features, "n_clusters": 3}}}
    )
    counts = new_warehouse.query("select * from clustering.cluster_counts").iloc[0]
    assert (counts["n_clusters"], counts["is_fixed"], counts["is_natural"]) == (3, True, True)
    assert counts["reason"].startswith("Fixed at 3 by the project; the scores would choose 5. 5 natural groups")
    assert votes_of(new_warehouse, "income_spending").loc["silhouette", "vote"] == 5
    assert new_warehouse.query("select count(*) as segments from marts.segments")["segments"][0] == 3


@pytest.mark.long
def test_the_choice_does_not_depend_on_how_far_the_search_goes(warehouse, tmp_path):
    chosen = "select segmentation, n_clusters, is_natural, clearness from clustering.cluster_counts order by 1"
    shared = """
        select * exclude (scores_hash) from clustering.cluster_count_scores
        where n_clusters <= 6 order by segmentation, n_clusters, score
    """
    for most in (6, 13):
        other = Warehouse(tmp_path / str(most))
        other.folder.mkdir()
        other.dbt("seed")
        other.dbt("run", "--select", "+cluster_counts", project_vars={"cluster_counts": {"min": 2, "max": most}})
        pd.testing.assert_frame_equal(other.query(chosen), warehouse.query(chosen))
        pd.testing.assert_frame_equal(other.query(shared), warehouse.query(shared))
        # Stability likes 6 best, and abstains where 6 is the end of the range.
        votes, usual = votes_of(other, "income_spending")["vote"], votes_of(warehouse, "income_spending")["vote"]
        assert votes[votes < most].to_dict() == usual[usual < most].to_dict()


@pytest.mark.long
def test_criteria_abstain_where_the_range_ends_before_they_can_tell(new_warehouse):
    """Up to 4 everything on income and spending still rises: only at 5 does it turn. Groups that are apart are."""
    new_warehouse.dbt("seed")
    new_warehouse.dbt("run", "--select", "+cluster_counts", project_vars={"cluster_counts": {"min": 2, "max": 4}})
    votes = votes_of(new_warehouse, "income_spending")
    assert pd.isna(votes.loc["silhouette", "vote"])
    assert votes.loc["silhouette", "evidence"] == (
        "Abstains: the silhouette is highest at 4, the end of what was tried."
    )
    assert (votes["vote"].drop("separation").dropna() < 4).all()


@pytest.fixture(scope="module")
def mall_points(warehouse) -> np.ndarray:
    """Income and spending of the mall customers, standardized."""
    return StandardScaler().fit_transform(
        warehouse.query("select annual_income_k, spending_score from marts.customers")
    )


def test_scores_are_scikit_learns(warehouse, mall_points):
    scores = scores_of(warehouse, "income_spending")
    for score in scores.query("n_clusters in (3, 5)").itertuples():
        best = KMeans(score.n_clusters, n_init=50, random_state=9).fit(mall_points)
        assert score.inertia == pytest.approx(best.inertia_)
        assert score.silhouette == pytest.approx(silhouette_score(mall_points, best.labels_))
        assert score.davies_bouldin == pytest.approx(davies_bouldin_score(mall_points, best.labels_))
        assert score.calinski_harabasz == pytest.approx(calinski_harabasz_score(mall_points, best.labels_))
        assert score.smallest_share == pytest.approx(np.bincount(best.labels_).min() / len(mall_points))


@pytest.mark.parametrize("n_clusters", [5, *further(2, 8)])
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
    told = scores_of(warehouse, "income_spending").set_index("n_clusters").loc[n_clusters]
    # Means of 10 and of 100 references: four standard errors of their difference.
    assert told["gap"] == pytest.approx(gap, abs=4 * np.std(logs) * np.sqrt(1 / 10 + 1 / 100))
    assert told["gap_standard_error"] == pytest.approx(np.std(logs), rel=0.8)
