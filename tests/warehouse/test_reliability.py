"""Borders, memberships and rules of the mall data, against refits and queries that know nothing of them."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

SEGMENTATIONS = ["income_spending", "demographic"]


@pytest.mark.parametrize("segmentation", SEGMENTATIONS)
def test_borders_are_where_fresh_bootstrap_refits_reassign_customers(warehouse, segmentation):
    points = warehouse.query(f"select * from features.training_points where segmentation = '{segmentation}'")
    points = points.pivot(index="customer_id", columns="dimension", values="coordinate")
    sample = warehouse.query(f"select * from marts.customer_segments where segmentation = '{segmentation}'")
    sample = sample.set_index("customer_id").loc[points.index]
    centers = points.groupby(sample["segment_id"]).mean().to_numpy()
    points, labels = points.to_numpy(), sample["segment_id"].rank(method="dense").to_numpy(dtype=int) - 1
    rng, kept = np.random.default_rng(123), np.zeros(len(points))
    for refit in range(200):
        drawn = points[rng.integers(len(points), size=len(points))]
        with threadpool_limits(limits=1):
            fitted = KMeans(len(centers), n_init=10, random_state=1000 + refit).fit(drawn)
        _, order = linear_sum_assignment(cdist(centers, fitted.cluster_centers_, "sqeuclidean"))
        kept += fitted.predict(points) == order[labels]
    reassigned, found = kept / 200 < 0.9, sample["is_boundary"].to_numpy(dtype=bool)
    assert reassigned.sum() > 5
    assert (found & reassigned).sum() >= 0.8 * reassigned.sum()
    assert (found & reassigned).sum() >= 0.8 * found.sum()
    assert sample["membership"].mean() == pytest.approx((kept / 200).mean(), abs=0.02)


def test_every_customer_has_one_row_and_a_membership_that_matches_its_border(warehouse):
    told = warehouse.query("select * from marts.customer_segments")
    assert not told.duplicated(["segmentation", "customer_id"]).any()
    assert told["membership"].between(0, 1).all()
    assert (told["is_boundary"] == (told["membership"] < 0.9)).all()


def test_intervals_of_sizes_hold_the_sizes_and_the_mall_segments_come_back(warehouse):
    segments = warehouse.query("""
        select segments.share, reliability.*
        from marts.segments
        inner join clustering.segment_reliability as reliability
            on segments.segmentation = reliability.segmentation and segments.segment_id = reliability.segment_id
    """)
    assert len(segments) == len(warehouse.query("select * from marts.segments"))
    assert (segments["share"].between(segments["share_low"], segments["share_high"])).all()
    assert segments["is_reproducible"].all()
    assert segments["reading"].str.startswith("Comes back in refits:").all()


@pytest.mark.parametrize("segmentation", SEGMENTATIONS)
def test_rules_run_as_they_are_and_agree_with_the_segments(warehouse, segmentation):
    rules = warehouse.query(f"select * from marts.segment_rules where segmentation = '{segmentation}'")
    segments = rules["segment_id"].nunique()
    assert segments == warehouse.query("select * from marts.segments")["segmentation"].eq(segmentation).sum()
    assert len(rules) <= 2 * segments
    ruled = {}
    for rule in rules.itertuples():
        under = warehouse.query(f"""
            select customer_id, {segmentation}_segment_id as segment_id from marts.customers where {rule.rule_sql}
        """)
        assert rule.rule_precision == pytest.approx((under["segment_id"] == rule.segment_id).mean())
        assert not ruled.keys() & set(under["customer_id"])
        ruled |= dict(zip(under["customer_id"], under["segment_id"] == rule.segment_id, strict=True))
    assert len(ruled) == len(warehouse.query("select * from marts.customers"))
    assert np.mean(list(ruled.values())) == pytest.approx(rules["agreement"].iloc[0])
    assert rules["agreement"].iloc[0] >= 0.97
