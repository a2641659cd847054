"""Scores for every candidate number of segments, so that SQL can choose and a reader can see why."""

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

# Rows that gap, stability and separation are computed on: drawn from the evaluated ones, so that time has a bound.
STUDIED_ROWS = 1500
RESTARTS = 20
GAP_REFERENCES = 10
GAP_RESTARTS = 3
BOOTSTRAPS = 20
# With fewer starts bootstrap models disagree because they are poor, not because their samples differ.
BOOTSTRAP_RESTARTS = 3

# The search for groups: first scales of features from an over-clustering, then a few starts from each of them.
OVERCLUSTERING = 10
SCALE_STARTS = 8
GROUP_RESTARTS = 3
NEIGHBORS = 5
# A row is scattered when the log distance to its fifth neighbor lies this many robust deviations above the median.
SCATTER_LIMIT = 3.0
# A window on the line between two centers is a quarter of their distance wide.
VALLEY_WINDOW = 0.25
VALLEY_STEPS = 25
MAX_STEPS = 50

SCORES = [
    *["inertia", "explained", "silhouette", "davies_bouldin", "calinski_harabasz", "gap", "gap_standard_error"],
    *["stability", "separation", "valley", "center_distance", "smallest_share"],
]
COLUMNS = {
    "segmentation": "str",
    "n_clusters": "int64",
    "score": "str",
    "value": "float64",
    "scores_hash": "str",
}


def scores_hash(sample: pd.DataFrame, points: pd.DataFrame, settings: dict) -> str:
    """Identify what the scores are and depend on: the sample, its coordinates, the settings, this file's constants."""
    digest = hashlib.sha256()
    constants = [
        *[SCORES, STUDIED_ROWS, RESTARTS, GAP_REFERENCES, GAP_RESTARTS, BOOTSTRAPS, BOOTSTRAP_RESTARTS],
        *[OVERCLUSTERING, SCALE_STARTS, GROUP_RESTARTS, NEIGHBORS, SCATTER_LIMIT, VALLEY_WINDOW, VALLEY_STEPS],
    ]
    digest.update(json.dumps([settings, constants], sort_keys=True).encode())
    digest.update(points["coordinate"].to_numpy().tobytes())
    digest.update(pd.util.hash_pandas_object(sample, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def chances(starts: int, rows: int, n_clusters: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw what k-means++ leaves to chance, for several starts: the first point, and numbers from 0 to 1 for the next.

    Returns
    -------
    first : integer array of shape (starts,)
    later : array of shape (starts, n_clusters, n_trials)
    """
    trials = 2 + int(np.log(n_clusters))
    drawn = [(rng.integers(rows, size=1)[0], rng.random((n_clusters, trials))) for _ in range(starts)]
    first, later = zip(*drawn, strict=True)
    return np.array(first), np.array(later)


def joined(drawn: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Put what `chances` drew for several sets of points one after the other."""
    return tuple(map(np.concatenate, zip(*drawn, strict=True)))


def first_centers(points: np.ndarray, first: np.ndarray, later: np.ndarray) -> np.ndarray:
    """Choose starting centers by greedy k-means++ (Arthur, Vassilvitskii, SODA 2007), for several fits at once.

    Parameters
    ----------
    points : array of shape (n_fits, n_samples, n_features)
    first, later : arrays of shapes (n_fits,) and (n_fits, n_clusters, n_trials)
        As `chances` draws them.

    Returns
    -------
    array of shape (n_fits, n_clusters, n_features)
    """
    fits = np.arange(len(points))
    lengths = (points**2).sum(axis=2)[:, None]
    drawn = points[fits, first][:, None]
    centers, nearest = [], np.full(lengths.shape, np.inf)
    for trials in later.swapaxes(0, 1):
        squared = (drawn**2).sum(axis=2)[..., None] + lengths - 2 * drawn @ points.swapaxes(1, 2)
        nearer = np.minimum(nearest, np.maximum(squared, 0))
        best = nearer.sum(axis=2).argmin(axis=1)
        centers.append(drawn[fits, best])
        nearest = nearer[fits, best][:, None]
        cumulated = nearest.cumsum(axis=2)
        draws = trials[..., None] * cumulated[..., -1:]
        places = np.minimum((cumulated < draws).sum(axis=2), points.shape[1] - 1)
        drawn = points[fits[:, None], places]
    return np.stack(centers, axis=1)


def k_means(
    points: np.ndarray, centers: np.ndarray, scales: np.ndarray, is_adaptive: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Lloyd's K-Means for several fits at once, from given centers; it may learn the scale of each feature on the way.

    Hundreds of small fits spend most of scikit-learn's time on checking arguments, and none of its algorithms rescales.
    The adaptive form sets each feature's scale to its spread within clusters after every step, so that a feature
    without groups stops steering (Diday, Govaert, "Classification automatique avec distances adaptatives", RAIRO 11
    (1977)); it lowers the determinant of a diagonal within-cluster covariance (Friedman, Rubin, JASA 62 (1967)).

    Parameters
    ----------
    points : array of shape (n_fits, n_samples, n_features)
        Centered, every feature with some variance.
    centers : array of shape (n_fits, n_clusters, n_features)
        Where to start.
    scales : array of shape (n_fits, n_features)
        What a difference in each feature is divided by, at the start.
    is_adaptive : bool
        Learn the scales.

    Returns
    -------
    loss : array of shape (n_fits,)
        Inertia in units of `scales`; of an adaptive fit the sum of the logarithms of its scales. Infinite if a
        cluster became empty.
    labels : array of shape (n_fits, n_samples)
    centers : array of shape (n_fits, n_clusters, n_features)
    scales : array of shape (n_fits, n_features)
    """
    n_samples, n_clusters = points.shape[1], centers.shape[1]
    squares = (points**2).sum(axis=1)
    # A feature must not run away with all the weight because some cluster holds a single value of it.
    floor = 4e-4 * squares / n_samples
    centers, scales, within = centers.copy(), scales.copy(), np.empty_like(scales)
    labels = np.full(points.shape[:2], -1)
    is_whole = np.ones(len(points), dtype=bool)
    going, own = np.arange(len(points)), points
    for step in range(MAX_STEPS):
        squared_scales = scales[going, None] ** 2
        squares_of_centers = (centers[going] ** 2 / squared_scales).sum(axis=2)[..., None]
        distances = squares_of_centers - 2 * (centers[going] / squared_scales) @ own.swapaxes(1, 2)
        nearest = distances.argmin(axis=1)
        n_moved = (nearest != labels[going]).sum(axis=1)
        if not n_moved.all():
            going, own, nearest, n_moved = (each[n_moved > 0] for each in (going, own, nearest, n_moved))
        labels[going] = nearest
        members = (nearest[:, None] == np.arange(n_clusters)[:, None]).astype(float)
        sizes = members.sum(axis=2)[..., None]
        centers[going] = np.where(sizes > 0, members @ own / np.maximum(sizes, 1), centers[going])
        left = (squares[going] - (sizes * centers[going] ** 2).sum(axis=1)) / n_samples
        within[going] = np.maximum(left, floor[going])
        is_whole[going] = (sizes > 0).all(axis=(1, 2))
        # The first steps keep the given scales, until the clusters mean something.
        if is_adaptive and step > 1:
            scales[going] = np.sqrt(within[going])
        # The last few rows that still move change no score.
        still = n_moved > n_samples // 500
        if not still.all():
            going, own = going[still], own[still]
        if not len(going):
            break
    loss = np.log(within).sum(axis=1) / 2 if is_adaptive else n_samples * (within / scales**2).sum(axis=1)
    return np.where(is_whole, loss, np.inf), labels, centers, scales


def best_fits(
    points: np.ndarray, drawn: tuple[np.ndarray, np.ndarray], scales: np.ndarray, is_adaptive: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """For each set of points, the fit of least loss among several k-means++ starts of `k_means`.

    Parameters
    ----------
    points : array of shape (n_sets, n_samples, n_features)
    drawn : arrays of shapes (n_sets * starts,) and (n_sets * starts, n_clusters, n_trials)
        As `chances` draws them, the starts of one set after those of another.
    scales : array of shape (n_sets, n_features)

    Returns
    -------
    loss, labels, centers, scales : arrays of n_sets
        As `k_means` returns them.
    """
    starts = len(drawn[0]) // len(points)
    points, scales = points.repeat(starts, axis=0), scales.repeat(starts, axis=0)
    found = k_means(points, first_centers(points / scales[:, None], *drawn) * scales[:, None], scales, is_adaptive)
    best = found[0].reshape(-1, starts).argmin(axis=1) + starts * np.arange(len(points) // starts)
    return tuple(each[best] for each in found)


def gap_statistic(
    points: np.ndarray, log_inertia: float, n_clusters: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Gap statistic of one number of clusters, and its standard error.

    The reference data are uniform over the box that the principal components of `points` span: variant (b) of
    Tibshirani, Walther, Hastie, "Estimating the number of clusters in a data set via the gap statistic",
    J. R. Statist. Soc. B 63 (2001).

    Parameters
    ----------
    points : array of shape (n_samples, n_features)
        Centered.
    log_inertia : float
        Logarithm of the inertia of the clustering of `points`.

    Returns
    -------
    gap, standard error : float
        Mean log inertia of the references less `log_inertia`, and the references' standard deviation times
        sqrt(1 + 1 / references).
    """
    _, _, components = np.linalg.svd(points, full_matrices=False)
    turned = points @ components.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    uniform, drawn = [], []
    for _ in range(GAP_REFERENCES):
        uniform.append(rng.uniform(low, high, size=turned.shape))
        # A reference has no clusters to miss, so few starts are enough.
        drawn.append(chances(GAP_RESTARTS, len(points), n_clusters, rng))
    references = np.array(uniform)
    references -= references.mean(axis=1, keepdims=True)
    # Fewer points than features span fewer components than features.
    equal = np.ones((GAP_REFERENCES, turned.shape[1]))
    reference = np.log(best_fits(references, joined(drawn), equal)[0])
    return np.mean(reference) - log_inertia, np.std(reference) * np.sqrt(1 + 1 / GAP_REFERENCES)


def bootstrap_stability(points: np.ndarray, labels: np.ndarray, n_clusters: int, rng: np.random.Generator) -> float:
    """Mean adjusted Rand index between `labels` and those of models fitted to bootstrap samples.

    Every bootstrap model labels all of `points`, as in Fang, Wang, "Selection of the number of clusters via the
    bootstrap method", Computational Statistics & Data Analysis 56 (2012).

    Returns
    -------
    float, about 0 for chance, 1 when every bootstrap model agrees
    """
    from sklearn.metrics import adjusted_rand_score

    rows, drawn = [], []
    for _ in range(BOOTSTRAPS):
        rows.append(rng.integers(len(points), size=len(points)))
        drawn.append(chances(BOOTSTRAP_RESTARTS, len(points), n_clusters, rng))
    resampled = points[np.array(rows)]
    middles = resampled.mean(axis=1, keepdims=True)
    equal = np.ones((BOOTSTRAPS, points.shape[1]))
    centers = best_fits(resampled - middles, joined(drawn), equal)[2] + middles
    refitted = ((centers**2).sum(axis=2)[..., None] - 2 * centers @ points.T).argmin(axis=1)
    return float(np.mean([adjusted_rand_score(labels, each) for each in refitted]))


def spread_ties(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Spread recorded values over the width they were rounded to, so that whole years or points leave no valleys.

    That width is the usual step between two values. A value that many share may have been rounded to a wider one, as
    the logarithms of 1, 2 and 3 purchases were: the step to the nearer of its two neighbors, because an empty gap
    between two groups must stay one. The lowest and the highest value have one neighbor; the next step beyond tells
    whether a gap lies between.

    Parameters
    ----------
    points : array of shape (n_samples, n_features)
        Every feature with more than two values.
    """
    spread = points.copy()
    for position, column in enumerate(points.T):
        values, places, sharing = np.unique(column.round(9), return_inverse=True, return_counts=True)
        steps = np.diff(values)
        nearer = np.minimum(np.append(2 * steps[1], steps), np.append(steps, 2 * steps[-2]))
        usual = np.median(steps)
        widths = np.where(sharing > NEIGHBORS, np.maximum(nearer, usual), usual)
        spread[:, position] += widths[places] * rng.uniform(-0.5, 0.5, len(points))
    return spread


def neighbor_scales(points: np.ndarray) -> np.ndarray:
    """Spread of each feature among near neighbors: small where a feature has groups, before any group is known.

    Art, Gnanadesikan, Kettenring, "Data-based metrics for cluster analysis", Utilitas Mathematica 21A (1982).
    """
    from scipy.spatial import cKDTree

    overall = points.std(axis=0)
    scales = overall
    for _ in range(5):
        scaled = points / scales
        neighbors = cKDTree(scaled).query(scaled, k=min(NEIGHBORS, len(points) - 1) + 1)[1][:, 1:]
        near = np.sqrt(((points[:, None] - points[neighbors]) ** 2).mean(axis=(0, 1)) / 2)
        near = np.maximum(near, 1e-3 * overall)
        near /= np.exp(np.log(near / overall).mean())
        if np.allclose(near, scales, rtol=0.02):
            break
        scales = near
    return scales


def is_typical(points: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Tell rows that have company from scattered ones, which would otherwise be groups of their own."""
    from scipy.spatial import cKDTree

    scaled = points / scales
    distance = cKDTree(scaled).query(scaled, k=min(NEIGHBORS, len(points) - 1) + 1)[0][:, -1]
    logs = np.log(np.maximum(distance, 1e-12))
    deviation = 1.4826 * np.median(np.abs(logs - np.median(logs)))
    return logs <= np.median(logs) + SCATTER_LIMIT * deviation


def valley_between(places: np.ndarray, distance: float) -> tuple[float, float]:
    """How surely, and how deep, two groups are parted by a valley on the line between their centers.

    A window slides from the one center to the other. At each place the count of points is compared with the lower of
    the highest counts on either side; without a valley both have the same expectation or the place is on a slope.

    Parameters
    ----------
    places : array of shape (n_points,)
        Where the points of both groups lie on the line: 0 at the first center, `distance` at the second.

    Returns
    -------
    separation : float
        The deepest fall, as a difference of two Poisson counts after Anscombe's transform, in standard errors.
    valley : float
        What is left there of the lower peak: 0 is an empty gap, 1 no valley.
    """
    ordered = np.sort(places)
    middles = np.linspace(0, distance, VALLEY_STEPS)
    half = distance * VALLEY_WINDOW / 2
    counts = np.searchsorted(ordered, middles + half) - np.searchsorted(ordered, middles - half)
    peaks = np.minimum(np.maximum.accumulate(counts), np.maximum.accumulate(counts[::-1])[::-1])
    falls = np.sqrt(2) * (np.sqrt(peaks + 0.375) - np.sqrt(counts + 0.375))
    deepest = falls.argmax()
    return float(falls[deepest]), float(counts[deepest] / max(peaks[deepest], 1))


def weakest_separation(points: np.ndarray, labels: np.ndarray, n_clusters: int) -> tuple[float, float, float]:
    """How well separated the least separated two clusters are, by each of three measures over all pairs.

    Returns
    -------
    separation, valley : float
        The least and the most of `valley_between`.
    center_distance : float
        The least distance of two centers, in standard deviations of their points around them along the line between:
        about 2.7 where one normal crowd is cut in half, 3.5 for a uniform one, more by chance where points are few and
        features many. After D of Ashman, Bird, Zepf, "Detecting bimodality in astronomical datasets", Astronomical
        Journal 108 (1994).
    """
    centers = np.array([points[labels == cluster].mean(axis=0) for cluster in range(n_clusters)])
    projected = points @ centers.T
    pairs = []
    for first in range(n_clusters):
        for second in range(first):
            between = centers[second] - centers[first]
            distance = np.linalg.norm(between)
            if distance == 0:
                return 0.0, 1.0, 0.0
            either = (labels == first) | (labels == second)
            along = projected[either, second] - projected[either, first] - centers[first] @ between
            places = along / distance
            around = np.where(labels[either] == first, places, places - distance)
            spread = np.sqrt((around**2).mean())
            pairs.append((*valley_between(places, distance), distance / spread if spread else np.inf))
    separations, valleys, distances = zip(*pairs, strict=True)
    return min(separations), max(valleys), min(distances)


def best_adaptive_fit(
    points: np.ndarray, scales: list[np.ndarray], starts: int, n_clusters: int, rng: np.random.Generator
) -> tuple[float, np.ndarray, np.ndarray]:
    """Loss, labels and scales of the best fit that learns its scales, among several starts from each of the scales."""
    drawn = chances(len(scales) * starts, len(points), n_clusters, rng)
    sets = np.broadcast_to(points, (len(scales), *points.shape))
    loss, labels, _, found = best_fits(sets, drawn, np.array(scales), is_adaptive=True)
    best = loss.argmin()
    return loss[best], labels[best], found[best]


def group_separation(points: np.ndarray, candidates: list[int], seed: int) -> dict[int, tuple[float, float, float]]:
    """How well separated the least separated two of k groups are, for every k.

    Groups that are there are parted by valleys in the density of customers; bands cut through a crowd are not. K-Means
    in the segmentation's own scales can miss groups that only some features show, so the groups are looked for in
    scales that adapt (see `k_means`), from starts that over-cluster the data or leave features out. The scales of one k
    never depend on a higher one, so neither does the choice.

    Parameters
    ----------
    points : array of shape (n_samples, n_features)
    candidates : list of int, ascending

    Returns
    -------
    dict of n_clusters to (separation, valley, center_distance)
        As in `weakest_separation`. Empty if no feature has more than two values: categories are apart by nature, and
        say nothing about groups.
    """
    rng = np.random.default_rng(seed)
    measured = [len(np.unique(column.round(9))) > 2 for column in points.T]
    if not any(measured):
        return {}
    points = spread_ties(points[:, measured], rng)
    near = neighbor_scales(points)
    points = points[is_typical(points, near)]
    points = points - points.mean(axis=0)
    overall = points.std(axis=0)
    n_features = points.shape[1]

    starts = [overall, near]
    while n_features > 1 and len(starts) < SCALE_STARTS:
        is_kept = rng.random(n_features) < 0.5
        if is_kept.all() or not is_kept.any():
            is_kept = np.arange(n_features) == rng.integers(n_features)
        starts.append(np.where(is_kept, overall, 5 * overall))
    most = min(OVERCLUSTERING, max(2, len(points) // 10))
    tight = best_adaptive_fit(points, starts, 1, most, rng)[2]

    separations = {}
    scales_found = [overall, near, tight]
    for n_clusters in candidates:
        rng = np.random.default_rng([seed, n_clusters])
        loss, labels, scales = best_adaptive_fit(points, scales_found, GROUP_RESTARTS, n_clusters, rng)
        if np.isfinite(loss):
            separations[n_clusters] = weakest_separation(points / scales, labels, n_clusters)
            scales_found = [overall, near, tight, scales]
    return separations


def cluster_count_scores(
    points: np.ndarray, weights: np.ndarray, is_evaluated: np.ndarray, candidates: list[int], seed: int
) -> pd.DataFrame:
    """Fit K-Means for every candidate number of clusters and score each fit.

    Parameters
    ----------
    points : array of shape (n_samples, n_features)
        Standardized and feature-weighted.
    weights : array of shape (n_samples,)
        How many customers each row stands for.
    is_evaluated : boolean array of shape (n_samples,)
        The rows on which the scores other than inertia, explained and smallest_share are computed, unweighted.
    candidates : list of int, ascending
        Those that the data cannot carry (fewer distinct rows than clusters and one more) are left out; if none is
        left, the one candidate is a single cluster, without scores.
    seed : int

    Returns
    -------
    DataFrame, one row per candidate, one column per score
        inertia
            Weighted sum of squared distances from the nearest center, in squared standardized units, over all
            customers the sample stands for. Lower is tighter; it always falls with more clusters.
        explained
            Share by which the inertia is below that of a single cluster, 0 to 1.
        silhouette
            Mean silhouette, -1 to 1: how much nearer points are to their own cluster than to the next.
        davies_bouldin
            0 and up: spread within clusters over the distance between them, for the worst neighbor. Lower is better.
        calinski_harabasz
            0 and up: variance between clusters over variance within. Higher is better.
        gap, gap_standard_error
            How much lower the log of the inertia is than on data without clusters, and how sure that is.
        stability
            Mean adjusted Rand index between these clusters and those of bootstrap samples: about 0 for chance, 1 when
            all agree.
        separation
            How surely the least separate two of this many groups are parted by a gap: the fall of the density between
            them, in standard errors. Groups are looked for in scales that follow the spread within them, without
            scattered points. NaN when no feature has more than two values.
        valley
            What is left of the lower peak's density in the most filled gap between two groups: 0 is empty, 1 no gap.
        center_distance
            How far the centers of the nearest two groups are apart, in standard deviations of their points along the
            line between; a crowd cut in half has about 3.
        smallest_share
            The smallest cluster's share of customers, 0 to 1.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score
    from threadpoolctl import threadpool_limits

    evaluated = points[is_evaluated]
    distinct = len(np.unique(evaluated, axis=0))
    if not distinct:
        return pd.DataFrame()
    if distinct <= min(candidates):
        return pd.DataFrame([{"n_clusters": 1, "smallest_share": 1.0}])
    candidates = [k for k in candidates if k < distinct]
    drawn = np.random.default_rng(seed).permutation(len(evaluated))[:STUDIED_ROWS]
    middle = evaluated[drawn].mean(axis=0)
    studied = evaluated[drawn] - middle
    equal = np.ones((1, points.shape[1]))
    total = float(weights @ ((points - np.average(points, axis=0, weights=weights)) ** 2).sum(axis=1))

    def scored(n_clusters: int) -> tuple[dict[str, float], np.ndarray]:
        """Score one number of clusters; returns the labels of the evaluated rows too."""
        rng = np.random.default_rng([seed, n_clusters])
        drawn_starts = chances(RESTARTS, len(studied), n_clusters, rng)
        (inertia,), _, (centers,), _ = best_fits(studied[None], drawn_starts, equal)
        fitted = KMeans(n_clusters, init=centers + middle, n_init=1).fit(points, sample_weight=weights)
        labels = fitted.labels_[is_evaluated]
        gap, gap_standard_error = gap_statistic(studied, np.log(inertia), n_clusters, rng)
        sizes = np.bincount(fitted.labels_, weights=weights, minlength=n_clusters)
        found = {
            "n_clusters": n_clusters,
            "inertia": fitted.inertia_,
            "explained": 1 - fitted.inertia_ / total,
            "davies_bouldin": davies_bouldin_score(evaluated, labels),
            "calinski_harabasz": calinski_harabasz_score(evaluated, labels),
            "gap": gap,
            "gap_standard_error": gap_standard_error,
            "stability": bootstrap_stability(studied, labels[drawn], n_clusters, rng),
            "smallest_share": sizes.min() / sizes.sum(),
        }
        return found, labels

    # A core for each thread, because sums shared between threads differ in their last bits from run to run.
    with (
        threadpool_limits(limits=1),
        ThreadPoolExecutor(os.cpu_count(), initializer=threadpool_limits, initargs=(1,)) as threads,
    ):
        separations = threads.submit(group_separation, studied, candidates, seed)
        scores, labels = zip(*threads.map(scored, candidates), strict=True)
        silhouettes = mean_silhouettes(evaluated, dict(zip(candidates, labels, strict=True)))
    of_groups = ["separation", "valley", "center_distance"]
    none = (np.nan,) * len(of_groups)
    parted = pd.DataFrame([separations.result().get(n_clusters, none) for n_clusters in candidates], columns=of_groups)
    return pd.DataFrame(scores).join(parted).assign(silhouette=silhouettes)


def mean_silhouettes(points: np.ndarray, labels_of: dict[int, np.ndarray]) -> list[float]:
    """Mean silhouette of several clusterings of the same points, whose distances are computed once.

    Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis", J. Comput.
    Appl. Math. 20 (1987). A point that is alone in its cluster counts 0.
    """
    from sklearn.metrics import pairwise_distances_chunked

    members = {k: np.eye(k)[labels] for k, labels in labels_of.items()}
    stacked = np.hstack(list(members.values()))
    sums = np.vstack([chunk @ stacked for chunk in pairwise_distances_chunked(points)])
    means, first = [], 0
    for n_clusters, own in members.items():
        sizes = own.sum(axis=0)
        totals = sums[:, first : first + n_clusters]
        first += n_clusters
        labels = labels_of[n_clusters]
        every = np.arange(len(points))
        others = sizes[labels] - 1
        inside = totals[every, labels] / np.maximum(others, 1)
        outside = totals / np.where(sizes > 0, sizes, np.nan)
        outside[every, labels] = np.nan
        nearest = np.nanmin(outside, axis=1)
        widths = np.where(others > 0, (nearest - inside) / np.maximum(np.maximum(inside, nearest), 1e-300), 0)
        means.append(float(widths.mean()))
    return means


def model(dbt, session):
    """One row per segmentation, candidate number of segments and score; unchanged input is not scored again."""
    settings = dict(dbt.config.get("meta"))
    is_frozen = settings.pop("freeze_training")
    sample = dbt.ref("training_sample").df().sort_values(["segmentation", "customer_id"])
    points = dbt.ref("training_points").df().sort_values(["segmentation", "customer_id", "dimension"])

    current_hash = scores_hash(sample, points, settings)
    former = dbt.source("state", "cluster_count_scores").df()[list(COLUMNS)]
    if is_frozen or set(former["scores_hash"]) == {current_hash}:
        return former

    counts = settings["cluster_counts"]
    parts = []
    for segmentation, own in points.groupby("segmentation"):
        rows = sample[sample["segmentation"] == segmentation]
        fixed = settings["segmentations"][segmentation].get("n_clusters", counts["min"])
        candidates = sorted({*range(counts["min"], counts["max"] + 1), fixed})
        coordinates = own["coordinate"].to_numpy().reshape(len(rows), -1)
        weights = rows["sample_weight"].to_numpy()
        is_evaluated = rows["is_evaluated"].to_numpy()
        scores = cluster_count_scores(coordinates, weights, is_evaluated, candidates, settings["random_seed"])
        if len(scores):
            long = scores.reindex(columns=["n_clusters", *SCORES]).melt("n_clusters", var_name="score").dropna()
            parts.append(long.assign(segmentation=segmentation, scores_hash=current_hash))
    table = pd.concat(parts) if parts else pd.DataFrame()
    return table.reindex(columns=COLUMNS).astype(COLUMNS)
