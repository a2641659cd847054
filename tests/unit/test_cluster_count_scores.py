"""Scores for the number of segments against scikit-learn, closed forms and tables whose groups are known."""

import numpy as np
import pandas as pd
import pytest
from project import PROJECT
from scipy.stats import median_abs_deviation
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score, calinski_harabasz_score, davies_bouldin_score, silhouette_score
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from python_models.cluster_count_scores import (
    best_fits,
    bootstrap_stability,
    chances,
    cluster_count_scores,
    first_centers,
    gap_statistic,
    group_separation,
    is_typical,
    k_means,
    mean_silhouettes,
    neighbor_scales,
    scores_hash,
    spread_ties,
    valley_between,
    weakest_separation,
)


@pytest.fixture
def mall_points() -> np.ndarray:
    """Income and spending of the mall customers, standardized."""
    customers = pd.read_csv(PROJECT / "seeds" / "mall_customers.csv")
    return StandardScaler().fit_transform(customers[["Annual Income (k$)", "Spending Score (1-100)"]])


def blobs(seed: int, centers: list[list[float]], rows: int = 50) -> tuple[np.ndarray, np.ndarray]:
    points, labels = make_blobs([rows] * len(centers), centers=np.array(centers), cluster_std=1, random_state=seed)
    return points - points.mean(axis=0), labels


def test_every_score_is_scikit_learns_on_weighted_customers_of_whom_a_part_is_evaluated():
    points, groups = blobs(1, [[0, 0], [9, 0], [0, 30]])
    weights = np.where(groups == 0, 1, 3)
    is_evaluated = np.arange(150) % 2 == 0
    scores = cluster_count_scores(points, weights, is_evaluated, [2, 3, 4], 1)
    assert scores["n_clusters"].tolist() == [2, 3, 4]
    everyone, evaluated = points.repeat(weights, axis=0), points[is_evaluated]
    total = ((everyone - everyone.mean(axis=0)) ** 2).sum()
    for score in scores[scores["n_clusters"] < 4].itertuples():
        best = KMeans(score.n_clusters, n_init=20, random_state=3).fit(everyone)
        labels = best.predict(evaluated)
        assert score.inertia == pytest.approx(best.inertia_)
        assert score.explained == pytest.approx(1 - best.inertia_ / total)
        assert score.smallest_share == pytest.approx(np.bincount(best.labels_).min() / len(everyone))
        assert score.silhouette == pytest.approx(silhouette_score(evaluated, labels))
        assert score.davies_bouldin == pytest.approx(davies_bouldin_score(evaluated, labels))
        assert score.calinski_harabasz == pytest.approx(calinski_harabasz_score(evaluated, labels))
    by_count = scores.set_index("n_clusters")
    assert by_count.loc[3, "smallest_share"] == pytest.approx(50 / 350)
    assert by_count.loc[3, "stability"] == 1
    assert is_separated(tuple(by_count.loc[3, ["separation", "valley", "center_distance"]]))
    assert not is_separated(tuple(by_count.loc[4, ["separation", "valley", "center_distance"]]))


def test_customers_too_few_to_choose_among_are_one_cluster_and_none_are_nothing():
    twice = np.array([[0.0, 0.0], [1.0, 0.0]]).repeat(5, axis=0)
    alone = cluster_count_scores(twice, np.ones(10), np.ones(10, dtype=bool), [2, 3], 1)
    assert alone.to_dict("records") == [{"n_clusters": 1, "smallest_share": 1.0}]
    assert cluster_count_scores(np.empty((0, 2)), np.ones(0), np.ones(0, dtype=bool), [2, 3], 1).empty


def test_mean_silhouettes_are_scikit_learns_and_a_lone_point_counts_0():
    points, groups = blobs(2, [[0, 0], [5, 0]], rows=20)
    alone = np.where(np.arange(40) == 7, 2, groups)
    labels_of = {2: groups, 3: alone, 4: np.arange(40) % 4}
    found = mean_silhouettes(points, labels_of)
    assert found == pytest.approx([silhouette_score(points, labels) for labels in labels_of.values()])


def test_fits_from_given_centers_are_scikit_learns_in_any_scales():
    points, _ = blobs(3, [[0, 0], [3, 0], [0, 3], [3, 3]])
    centers = points[[0, 60, 90, 140]]
    others = points[[1, 2, 3, 199]]  # takes more steps than the first ones
    starts, scales = np.array([centers, others, centers]), np.array([[1.0, 1.0], [1.0, 1.0], [0.5, 3.0]])
    every = np.array([points, 2 * points, points])
    found = k_means(every, starts, scales)
    for own, start, scale, loss, labels, center, kept in zip(every, starts, scales, *found, strict=True):
        fitted = KMeans(4, init=start / scale, n_init=1, tol=0, algorithm="lloyd").fit(own / scale)
        assert loss == pytest.approx(fitted.inertia_)
        assert center == pytest.approx(fitted.cluster_centers_ * scale)
        np.testing.assert_array_equal(labels, fitted.labels_)
        np.testing.assert_array_equal(kept, scale)
    np.testing.assert_array_equal(starts[0], points[[0, 60, 90, 140]])
    lost = k_means(every[:2], np.array([centers[:2], [[0.0, 0.0], [1e6, 0.0]]]), scales[:2])[0]
    assert np.isinf(lost).tolist() == [False, True]


def test_adaptive_scales_are_the_spread_within_clusters():
    points, groups = blobs(4, [[-6, 0], [6, 0]], rows=200)
    points[:, 1] *= 3
    starts = np.array([[-1.0, -3.0], [1.0, 3.0]])
    (loss,), (labels,), _, (scales,) = k_means(points[None], starts[None], np.array([[1.0, 0.7]]), is_adaptive=True)
    assert adjusted_rand_score(groups, labels) == 1
    within = np.sqrt(np.mean([points[groups == group].var(axis=0) for group in (0, 1)], axis=0))
    assert scales == pytest.approx(within)
    assert loss == pytest.approx(np.log(within).sum())


def test_a_feature_of_two_values_does_not_take_all_the_weight():
    """Within the two clusters it has no spread at all, so a fiftieth of its overall spread stands for it."""
    points, _ = blobs(11, [[0, 0]], rows=200)
    points[:, 0] = np.repeat([-1.0, 1.0], 100)
    starts, first_scales = np.array([[-0.1, -2.0], [0.1, 2.0]]), np.array([1.0, 2.0])
    _, (labels,), _, (scales,) = k_means(points[None], starts[None], first_scales[None], is_adaptive=True)
    assert adjusted_rand_score(labels, points[:, 0]) == 1
    assert scales[0] == pytest.approx(points[:, 0].std() / 50)


def test_the_best_of_several_starts_has_the_least_loss():
    points, groups = blobs(5, [[0, 0], [8, 0], [0, 8], [8, 8], [4, 20]])
    sets = np.array([points, 3 * points])
    found = best_fits(sets, chances(20, len(points), 5, np.random.default_rng(1)), np.ones((2, 2)))
    for own, loss, labels, centers, _ in zip(sets, *found, strict=True):
        assert loss == pytest.approx(KMeans(5, n_init=20, random_state=1).fit(own).inertia_)
        assert adjusted_rand_score(labels, groups) == 1
        assert len(centers) == 5


def test_first_centers_are_points_far_apart():
    """Five distant heaps: greedy k-means++ draws one point of each, whatever the seed."""
    points, groups = blobs(6, [[0, 0], [500, 0], [0, 500], [500, 500], [250, 2000]])
    drawn = chances(20, len(points), 5, np.random.default_rng(1))
    assert len(set(drawn[0])) > 10
    for centers in first_centers(np.broadcast_to(points, (20, *points.shape)), *drawn):
        places = [np.flatnonzero((points == center).all(axis=1)).item() for center in centers]
        assert sorted(groups[places]) == [0, 1, 2, 3, 4]


def test_the_gap_of_a_uniform_crowd_is_zero_whichever_way_it_lies():
    """One cluster, and a thin crowd turned by 45 degrees: its own box along the principal axes is its reference."""
    rng = np.random.default_rng(7)
    gaps, errors = [], []
    for seed in range(30):
        points = np.column_stack([rng.uniform(-50, 50, 400), rng.uniform(-1, 1, 400)])
        points = points @ np.array([[1, 1], [-1, 1]]) / np.sqrt(2)
        points -= points.mean(axis=0)
        gap, error = gap_statistic(points, np.log((points**2).sum()), 1, np.random.default_rng(seed))
        gaps.append(gap)
        errors.append(error)
    # The variance of the logarithm of a sum of squares of n uniform numbers is 0.8 / n.
    deviation = np.sqrt(0.8 / 400)
    assert np.mean(gaps) == pytest.approx(0, abs=4 * deviation * np.sqrt(1.1 / 30))
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(deviation * np.sqrt(1.1), rel=0.15)


def test_bootstrap_models_agree_on_groups_far_apart_and_not_on_halves_of_a_ring():
    points, groups = blobs(8, [[0, 0], [30, 0], [0, 30]])
    assert bootstrap_stability(points, groups, 3, np.random.default_rng(1)) == 1
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    ring = np.column_stack([np.cos(angles), np.sin(angles)])
    # Halves cut at random directions agree to a third on average: the mean of (1 - 2x)^2 for x uniform in 0 to 1.
    halves = [bootstrap_stability(ring, (angles < np.pi).astype(int), 2, np.random.default_rng(s)) for s in range(15)]
    assert np.mean(halves) == pytest.approx(1 / 3, abs=0.1)


@pytest.mark.parametrize(
    ("values", "rows", "widths"),
    [
        # Whole numbers: each is spread over one, but the last, far off, is taken for rounded to twice a step.
        ([0, 1, 2, 3, 100], 400, [1, 1, 1, 1, 2]),
        ([0, 97, 98, 99, 100], 400, [2, 1, 1, 1, 1]),
        # Steps that grow: the nearer neighbor tells.
        ([0, 1, 3, 7, 15, 31], 400, [4, 4, 4, 4, 8, 16]),
        # Of few customers' values nobody can tell, so the usual step stands.
        ([0, 1, 3, 7, 15, 31], 5, [4, 4, 4, 4, 4, 4]),
    ],
)
def test_values_are_spread_over_the_width_they_were_rounded_to(values, rows, widths):
    points = np.repeat(np.array(values, dtype=float), rows)[:, None]
    offsets = (spread_ties(points, np.random.default_rng(1)) - points).reshape(len(values), rows)
    reach = 2 * np.abs(offsets).max(axis=1)
    assert (reach <= widths).all()
    if rows > 5:
        assert reach == pytest.approx(widths, rel=0.05)
        assert np.abs(offsets.mean(axis=1) / widths).max() < 0.1
    else:
        assert (reach > 0.4 * np.array(widths)).all()


def test_near_neighbors_are_close_where_a_feature_has_groups():
    rng = np.random.default_rng(9)
    grouped = np.repeat([-10.0, 10.0], 300) + rng.normal(size=600)
    points = np.column_stack([grouped, rng.normal(size=(600, 2))])
    scales = neighbor_scales(points)
    overall = points.std(axis=0)
    # The spread of everyone is kept on average, and the feature of the groups gives way to the others.
    assert np.log(scales / overall).mean() == pytest.approx(0, abs=1e-9)
    shrunk = scales / overall
    assert shrunk[0] < 0.5 * shrunk[1:].min()
    assert shrunk[1] == pytest.approx(shrunk[2], rel=0.2)
    np.testing.assert_allclose(neighbor_scales(np.array([[0.0], [1.0], [3.0]])), np.std([0, 1, 3]))


def test_a_row_far_from_all_others_is_scattered():
    rng = np.random.default_rng(10)
    points = np.vstack([rng.normal(size=(300, 2)), [[40.0, 0.0], [0.0, -40.0]]])
    scales = np.array([1.0, 2.0])
    # The first neighbor that scikit-learn names is the row itself.
    distances = NearestNeighbors(n_neighbors=6).fit(points / scales).kneighbors(points / scales)[0][:, -1]
    logs = np.log(distances)
    limit = np.median(logs) + 3 * median_abs_deviation(logs, scale="normal")
    np.testing.assert_array_equal(is_typical(points, scales), logs <= limit)
    typical = is_typical(points, np.ones(2))
    assert typical[:300].mean() > 0.95
    assert not typical[300:].any()
    # In a scale in which they are near they are not.
    assert is_typical(points, np.array([1e4, 1e4])).tolist() == typical.tolist()


def test_a_valley_is_as_deep_as_its_fewest_points():
    """Heaps of 10 and 8 at the ends with 4 at each quarter between: every window holds one of the five places."""
    places = np.repeat([0.0, 0.25, 0.5, 0.75, 1.0], [10, 4, 4, 4, 8])
    separation, valley = valley_between(3 * places, 3.0)
    assert valley == 0.5
    assert separation == pytest.approx(np.sqrt(2) * (np.sqrt(8.375) - np.sqrt(4.375)))
    separation, valley = valley_between(np.repeat([0.0, 1.0], [10, 8]), 1.0)
    assert valley == 0
    assert separation == pytest.approx(np.sqrt(2) * (np.sqrt(8.375) - np.sqrt(0.375)))
    separation, valley = valley_between(np.repeat([0.0, 0.25, 0.5, 0.75, 1.0], 6), 1.0)
    assert (separation, valley) == (0, 1)


def test_the_weakest_of_all_pairs_counts():
    line = np.concatenate([np.linspace(-1, 1, 50) + place for place in (0, 100, 104)])
    labels = np.repeat([0, 1, 2], 50)
    points = np.column_stack([line, np.zeros(150)])
    near = weakest_separation(points[50:], labels[50:] - 1, 2)
    assert weakest_separation(points, labels, 3) == pytest.approx(near)
    # Along the line between two centers each half deviates as evenly spread numbers from -1 to 1 do.
    assert near[2] == pytest.approx(4 / np.linspace(-1, 1, 50).std())
    assert weakest_separation(np.zeros((4, 1)), np.array([0, 0, 1, 1]), 2) == (0, 1, 0)
    assert weakest_separation(np.array([[0.0], [1.0]]), np.array([0, 1]), 2)[2] == np.inf


def test_how_apart_groups_are_does_not_depend_on_how_far_the_search_goes(mall_points):
    far = group_separation(mall_points, [2, 3, 4, 5, 6], seed=1)
    assert group_separation(mall_points, [2, 3, 4], seed=1) == {k: far[k] for k in (2, 3, 4)}


def test_scores_are_made_again_when_anything_they_depend_on_changes():
    sample = pd.DataFrame({"customer_id": ["a", "b"], "sample_weight": [1.0, 2.0]})
    points = pd.DataFrame({"coordinate": [0.5, 1.5]})
    hashes = {
        scores_hash(sample, points, {"random_seed": 1}),
        scores_hash(sample, points, {"random_seed": 2}),
        scores_hash(sample.assign(sample_weight=[1.0, 3.0]), points, {"random_seed": 1}),
        scores_hash(sample, points * 2, {"random_seed": 1}),
    }
    assert len(hashes) == 4
    assert scores_hash(sample.copy(), points.copy(), {"random_seed": 1}) in hashes


@pytest.mark.filterwarnings("error")
def test_more_features_than_customers_are_scored():
    """The box of the gap statistic spans no more dimensions than there are customers."""
    points = np.random.default_rng(4).normal(size=(12, 40))
    scores = cluster_count_scores(points, np.ones(12), np.ones(12, dtype=bool), [2, 3], 1)
    assert scores["n_clusters"].tolist() == [2, 3]
    assert np.isfinite(scores["gap"]).all()


@pytest.mark.filterwarnings("error")
def test_few_customers_are_scored_without_a_warning():
    points = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [5.0, 5.0]])
    scores = cluster_count_scores(points, np.ones(4), np.ones(4, dtype=bool), [2, 3, 4], seed=42)
    assert scores["n_clusters"].tolist() == [2, 3]


@pytest.mark.parametrize("n_clusters", [2, 4, 5])
def test_stability_is_what_well_optimised_bootstrap_models_agree_to(mall_points, n_clusters):
    """scikit-learn's best of ten starts is the truth; at 2 and 4 bootstrap samples disagree, at 5 they do not.

    At 2 a bootstrap model agrees to nearly all or to nearly nothing, so one mean of twenty is known to 0.07 only.
    """
    rng = np.random.default_rng(1)
    labels = KMeans(n_clusters, n_init=30, random_state=0).fit_predict(mall_points)
    agreements = []
    with threadpool_limits(limits=1):
        for _ in range(100):
            resampled = mall_points[rng.integers(200, size=200)]
            refit = KMeans(n_clusters, n_init=10, random_state=0).fit(resampled)
            agreements.append(adjusted_rand_score(labels, refit.predict(mall_points)))
    stabilities = [
        bootstrap_stability(mall_points, labels, n_clusters, np.random.default_rng(seed)) for seed in range(5)
    ]
    # Means of a hundred bootstrap models each: four standard errors of their difference.
    assert np.mean(stabilities) == pytest.approx(np.mean(agreements), abs=4 * np.std(agreements) * np.sqrt(2 / 100))


def is_separated(scores: tuple[float, float, float]) -> bool:
    """Whether the vote takes it for a gap."""
    separation, valley, center_distance = scores
    return separation >= 1.25 and valley <= 0.35 and center_distance >= 4.35


def test_two_groups_are_apart_and_one_is_not():
    rng = np.random.default_rng(0)
    one = rng.normal(size=(300, 3))
    two = np.vstack([one[:150], one[150:] + np.array([6, 0, 0])])
    assert is_separated(group_separation(StandardScaler().fit_transform(two), [2], seed=1)[2])
    assert not is_separated(group_separation(StandardScaler().fit_transform(one), [2], seed=1)[2])


def test_rounded_values_and_categories_are_no_groups():
    rng = np.random.default_rng(0)
    ratings = rng.integers(1, 6, (400, 2)).astype(float)
    gender = rng.integers(0, 2, 400).astype(float)
    for columns in ([ratings], [ratings, gender], [rng.normal(size=400), gender, 1 - gender]):
        points = StandardScaler().fit_transform(np.column_stack(columns))
        assert not any(map(is_separated, group_separation(points, [2, 3, 4, 5], seed=1).values()))
    assert group_separation(np.column_stack([gender, 1 - gender]), [2, 3], seed=1) == {}


def test_a_crowd_cut_in_half_has_the_distance_that_theory_gives():
    """Halves of a normal have means 1.596 and deviations 0.603 apart, those of a uniform 0.5 and 0.144."""
    rng = np.random.default_rng(0)
    for crowd, distance in ((rng.normal(size=200_000), 2.65), (rng.uniform(size=200_000), np.sqrt(12))):
        labels = (crowd > np.median(crowd)).astype(int)
        assert weakest_separation(crowd[:, None], labels, 2)[2] == pytest.approx(distance, rel=0.02)


def test_counts_on_a_logarithmic_scale_are_no_groups():
    """1, 2 and 3 purchases lie far apart as logarithms, where most values lie close."""
    rng = np.random.default_rng(5)
    purchases = np.maximum(1, rng.lognormal(1.5, 1.2, 600).round())
    points = StandardScaler().fit_transform(np.log1p(np.column_stack([purchases, rng.lognormal(3, 1, 600)])))
    assert not any(map(is_separated, group_separation(points, [2, 3, 4], seed=1).values()))


def test_groups_that_noise_hides_from_k_means_are_found():
    """Two features hold six groups, two are noise: K-Means in these scales splits the noise instead."""
    rng = np.random.default_rng(3)
    centers = np.array([[x, y] for x in (0, 6, 12) for y in (0, 6)])
    labels = np.repeat(range(6), 80)
    points = np.hstack([centers[labels] + rng.normal(size=(480, 2)), rng.uniform(-1, 1, (480, 2))])
    points = StandardScaler().fit_transform(points)
    assert adjusted_rand_score(labels, KMeans(6, n_init=20, random_state=0).fit_predict(points)) < 0.8
    separations = group_separation(points, list(range(2, 10)), seed=1)
    assert max(k for k, separation in separations.items() if is_separated(separation)) == 6
