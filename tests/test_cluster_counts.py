"""The number of segments is chosen in SQL; its knee must be the one a knee finder sees."""

import pytest
from kneed import KneeLocator


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
