"""How far chance alone could have moved the champion's segments: what refits to bootstrap samples agree on."""

import numpy as np
import pandas as pd

REFITS = 200
# Few rows are refitted quickly, and a share of refits near the limit of a border is known better: to 0.013, not 0.02.
REFITS_OF_FEW = 500
# More training rows than this are thinned, which makes chance look a little larger than it is.
REFIT_ROWS = 20_000
STARTS = 10
# Few steps on few rows tell which starts are worth finishing.
TRIAL_ROWS = 1000
TRIAL_STEPS = 3
FINALISTS = 5
# Of many rows the trial tells more and a finish costs more.
FINALISTS_OF_MANY = 2
TOLERANCE = 1e-6
# Distances held in memory at a time.
CELLS = 2_000_000
# Steps of the calibration end where membership passes one of these.
LEVELS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0]
# A pair of segments with fewer customers between them borrows those of the whole segment, or of all.
ROWS_OF_A_CURVE = 5
SIZE_QUANTILES = [0.025, 0.975]

STEP_COLUMNS = ["runner_up", "lead_from", "lead_to", "membership"]
COLUMNS = {
    "segmentation": "str",
    "model_version": "int32",
    "segment_id": "int32",
    "runner_up_segment_id": "Int32",
    "lead_from": "float64",
    "lead_to": "float64",
    "membership": "float64",
    "training_rows": "int64",
    "silhouette": "float64",
    "stability": "float64",
    "share_low": "float64",
    "share_high": "float64",
    "refits": "int32",
}


def refits_of(rows: int) -> int:
    """How many refits a sample of this many rows gets."""
    return REFITS_OF_FEW if rows <= TRIAL_ROWS else REFITS


def bootstrap_counts(rows: int, refits: int, rng: np.random.Generator) -> np.ndarray:
    """How often each row is drawn into each bootstrap sample, as an array of shape (refits, rows)."""
    draws = (rng.integers(rows, size=rows) for _ in range(refits))
    return np.stack([np.bincount(drawn, minlength=rows) for drawn in draws]).astype(float)


def squared_distances(points: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Squared distances of every point from every center, as an array of shape (..., n_clusters, n_samples)."""
    crossed = np.matmul(centers, points.T)
    crossed *= -2
    crossed += (centers**2).sum(axis=-1)[..., None]
    crossed += (points**2).sum(axis=1)
    return crossed


def kmeans_plus_plus(points: np.ndarray, weights: np.ndarray, n_clusters: int, rng: np.random.Generator) -> np.ndarray:
    """Draw k-means++ starts for many weightings of the same points.

    Arthur, Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007.

    Parameters
    ----------
    points : array of shape (n_samples, n_features)
    weights : array of shape (n_fits, n_samples)

    Returns
    -------
    array of shape (n_fits, n_clusters, n_features)
    """
    centers = np.empty((len(weights), n_clusters, points.shape[1]))
    nearest = None
    for cluster in range(n_clusters):
        chances = (weights if nearest is None else weights * nearest).cumsum(axis=1)
        draws = rng.random(len(weights)) * chances[:, -1]
        drawn = (chances <= draws[:, None]).sum(axis=1).clip(max=len(points) - 1)
        centers[:, cluster] = points[drawn]
        distances = squared_distances(points, centers[:, cluster]).clip(min=0)
        nearest = distances if nearest is None else np.minimum(nearest, distances)
    return centers


def lloyd(points: np.ndarray, weights: np.ndarray, starts: np.ndarray, steps: int = 300) -> tuple[np.ndarray, ...]:
    """Run Lloyd's algorithm for many weightings of the same points at once, until no label changes.

    Parameters
    ----------
    points : array of shape (n_samples, n_features)
    weights : array of shape (n_fits, n_samples)
    starts : array of shape (n_fits, n_clusters, n_features)

    Returns
    -------
    centers : array of shape (n_fits, n_clusters, n_features)
        A cluster that loses all its points stays where it is.
    inertia : array of shape (n_fits,)
    """
    centers, inertia = starts.copy(), np.empty(len(starts))
    labels = np.full(weights.shape, -1, dtype=np.int16)
    columns = np.column_stack([np.ones(len(points)), points])
    moving = np.arange(len(starts))
    for _ in range(steps):
        distances = squared_distances(points, centers[moving])
        nearest = distances.argmin(axis=1).astype(np.int16)
        own = weights[moving]
        inertia[moving] = (own * distances.min(axis=1)).sum(axis=1)
        settled = (nearest == labels[moving]).all(axis=1)
        labels[moving] = nearest
        for cluster in range(starts.shape[1]):
            sums = np.matmul(own * (nearest == cluster), columns)
            filled = sums[:, 0] > 0
            centers[moving[filled], cluster] = sums[filled, 1:] / sums[filled, :1]
        moving = moving[~settled]
        if not len(moving):
            break
    return centers, inertia


def promising_starts(
    points: np.ndarray, weights: np.ndarray, champion: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Where each weighting's refit should start: the champion's centers and the best of its own k-means++ starts.

    The champion's alone would make segments look steadier than they are, because Lloyd's algorithm stays in the
    nearest local optimum. Starts are tried for a few steps, on at most `TRIAL_ROWS` rows.

    Returns
    -------
    array of shape (n_fits, finalists + 1, n_clusters, n_features)
    """
    fits, rows, shape = len(weights), len(points), champion.shape
    subset = np.arange(rows) if rows <= TRIAL_ROWS else np.sort(rng.choice(rows, TRIAL_ROWS, replace=False))
    repeated = weights[:, subset].repeat(STARTS, axis=0)
    drawn = kmeans_plus_plus(points[subset], repeated, len(champion), rng)
    tried, inertia = lloyd(points[subset], repeated, drawn, TRIAL_STEPS)
    finishing = FINALISTS if rows <= TRIAL_ROWS else FINALISTS_OF_MANY
    best = inertia.reshape(fits, STARTS).argsort(axis=1, kind="stable")[:, :finishing]
    finalists = np.take_along_axis(tried.reshape(fits, STARTS, *shape), best[..., None, None], axis=1)
    return np.concatenate([np.broadcast_to(champion, (fits, 1, *shape)), finalists], axis=1)


def best_fits(points: np.ndarray, weights: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Run Lloyd's algorithm from each weighting's starts; the centers of the fit with the lowest inertia."""
    fits, tries, *shape = starts.shape
    if len(points) <= TRIAL_ROWS:
        centers, inertia = lloyd(points, weights.repeat(tries, axis=0), starts.reshape(-1, *shape))
        best = inertia.reshape(fits, tries).argmin(axis=1)
        return centers[np.arange(fits) * tries + best]
    # One compiled fit after another is faster where there are many rows, and a third of them was not drawn.
    return np.stack(
        [best_fit(points[own > 0], own[own > 0], tried) for own, tried in zip(weights, starts, strict=True)]
    )


def best_fit(points: np.ndarray, weights: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Run scikit-learn's K-Means from each of the starts; the centers of the fit with the lowest inertia."""
    from sklearn.cluster import KMeans

    fits = (
        KMeans(len(start), init=start, n_init=1, tol=TOLERANCE).fit(points, sample_weight=weights) for start in starts
    )
    return min(fits, key=lambda fit: fit.inertia_).cluster_centers_


def bootstrap_refits(
    points: np.ndarray, weights: np.ndarray, champion: np.ndarray, seed: int, refits: int
) -> tuple[np.ndarray, np.ndarray]:
    """Refit the champion to bootstrap samples of its training rows.

    Parameters
    ----------
    points : array of shape (n_samples, n_features)
        In scaled units.
    weights : array of shape (n_samples,)
        How many customers each row stands for.
    champion : array of shape (n_clusters, n_features)

    Returns
    -------
    centers : array of shape (refits, n_clusters, n_features)
        In no particular order.
    shares : array of shape (refits, n_clusters)
        Share of its bootstrap sample that each cluster holds.
    """
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(seed)
    per_chunk = max(1, CELLS // max(len(points), len(champion) * STARTS * min(len(points), TRIAL_ROWS)))
    centers, shares = [], []
    # One thread, because sums shared between threads differ in their last bits from run to run.
    with threadpool_limits(limits=1):
        for first in range(0, refits, per_chunk):
            drawn = bootstrap_counts(len(points), min(per_chunk, refits - first), rng) * weights
            found = best_fits(points, drawn, promising_starts(points, drawn, champion, rng))
            nearest = squared_distances(points, found).argmin(axis=1)
            sizes = [(drawn * (nearest == cluster)).sum(axis=1) for cluster in range(len(champion))]
            centers.append(found)
            shares.append(np.stack(sizes, axis=1) / drawn.sum(axis=1, keepdims=True))
    return np.concatenate(centers), np.concatenate(shares)


def overlaps(labels: np.ndarray, refitted: np.ndarray, weights: np.ndarray, n_clusters: int) -> tuple[np.ndarray, ...]:
    """Pair a refit's clusters with the champion's so that most customers stay where they are, one to one.

    Returns
    -------
    order : array of shape (n_clusters,)
        The refit's cluster that continues each of the champion's.
    shared : array of shape (n_clusters, n_clusters)
        Customers that the champion (rows) and the refit (columns, in their own order) put into each pair.
    """
    from scipy.optimize import linear_sum_assignment

    pairs = np.bincount(labels * n_clusters + refitted, weights=weights, minlength=n_clusters**2)
    shared = pairs.reshape(n_clusters, n_clusters)
    return linear_sum_assignment(-shared)[1], shared


def membership_steps(leads: np.ndarray, memberships: np.ndarray, weights: np.ndarray) -> pd.DataFrame:
    """Membership as a function of the lead that never falls, in a few steps.

    Isotonic regression (pool adjacent violators), its steps merged where they lie between the same two `LEVELS`.

    Returns
    -------
    DataFrame, one row per step
        `lead_from`, the lowest lead of the step (0 for the first), `lead_to`, where the next begins (NaN for the
        last), and `membership`, the mean of the step.
    """
    from sklearn.isotonic import IsotonicRegression

    order = leads.argsort(kind="stable")
    leads, memberships, weights = leads[order], memberships[order], weights[order]
    rising = IsotonicRegression(y_min=0, y_max=1).fit(leads, memberships, sample_weight=weights).predict(leads)
    level = np.searchsorted(LEVELS, rising.round(9), side="right")
    firsts = np.flatnonzero(np.diff(level, prepend=-1))
    starts = np.concatenate([[0.0], (leads[firsts[1:] - 1] + leads[firsts[1:]]) / 2])
    means = np.add.reduceat(memberships * weights, firsts) / np.add.reduceat(weights, firsts)
    return pd.DataFrame({"lead_from": starts, "lead_to": np.append(starts[1:], np.nan), "membership": means})


def reliability(
    points: np.ndarray,
    weights: np.ndarray,
    is_evaluated: np.ndarray,
    labels: np.ndarray,
    runners_up: np.ndarray,
    leads: np.ndarray,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure how far chance alone could have moved each segment and each customer.

    Parameters
    ----------
    points : array of shape (n_samples, n_features)
        In scaled units.
    weights : array of shape (n_samples,)
        How many customers each row stands for.
    is_evaluated : boolean array of shape (n_samples,)
        The rows whose silhouettes are taken, unweighted.
    labels : integer array of shape (n_samples,)
        The champion's segments, numbered from 0 without a gap.
    runners_up : integer array of shape (n_samples,)
        The segments second nearest; -1 where there is none.
    leads : array of shape (n_samples,)
        By how much the own center is nearer than the runner-up's; NaN where there is none. A share of the distance,
        as the margin is, tells borders worse: far from both centers refits do not move a border less.
    seed : int

    Returns
    -------
    segments : DataFrame, one row per segment
        `segment`, `training_rows`, mean `silhouette`, `stability` (mean over the refits of the Jaccard index with the
        refit's most similar cluster: Hennig, "Cluster-wise assessment of cluster stability", Computational
        Statistics & Data Analysis 52, 2007), `share_low` and `share_high` (percentile interval of its share of
        customers, 95 %).
    steps : DataFrame, one row per segment, runner-up and step of the lead
        `segment`, `runner_up`, `training_rows`, and the columns of `membership_steps`.
    """
    from sklearn.metrics import silhouette_samples

    n_clusters = labels.max() + 1
    evaluated_labels = labels[is_evaluated]
    silhouettes = np.full(len(evaluated_labels), np.nan)
    if 2 <= len(set(evaluated_labels)) < len(evaluated_labels):
        silhouettes = silhouette_samples(points[is_evaluated], evaluated_labels)
    members = labels == np.arange(n_clusters)[:, None]
    champion = (members * weights) @ points / (members @ weights)[:, None]

    if len(points) > REFIT_ROWS:
        thinned = np.sort(np.random.default_rng(seed).choice(len(points), REFIT_ROWS, replace=False))
        points, weights, labels = points[thinned], weights[thinned], labels[thinned]
        runners_up, leads = runners_up[thinned], leads[thinned]
    centers, sizes = bootstrap_refits(points, weights, champion, seed, refits_of(len(points)))
    stayed, jaccards, shares = np.zeros(len(points)), [], []
    for refit, refit_sizes in zip(centers, sizes, strict=True):
        refitted = squared_distances(points, refit).argmin(axis=0)
        order, shared = overlaps(labels, refitted, weights, n_clusters)
        stayed += refitted == order[labels]
        united = shared.sum(axis=1, keepdims=True) + shared.sum(axis=0) - shared
        jaccards.append((shared / np.where(united > 0, united, 1)).max(axis=1))
        shares.append(refit_sizes[order])
    low, high = np.quantile(shares, SIZE_QUANTILES, axis=0)
    segments = pd.DataFrame(
        {
            "segment": range(n_clusters),
            "training_rows": np.bincount(labels, minlength=n_clusters),
            "silhouette": [
                silhouettes[evaluated_labels == segment].mean() if (evaluated_labels == segment).any() else np.nan
                for segment in range(n_clusters)
            ],
            "stability": np.mean(jaccards, axis=0),
            "share_low": low,
            "share_high": high,
        }
    )

    is_usable = ~np.isnan(leads) & (runners_up >= 0)
    steps = []
    for segment in range(n_clusters) if is_usable.any() else []:
        for runner_up in set(range(n_clusters)) - {segment}:
            of_segment = is_usable & (labels == segment)
            of_pair = of_segment & (runners_up == runner_up)
            own = next((rows for rows in (of_pair, of_segment) if rows.sum() >= ROWS_OF_A_CURVE), is_usable)
            curve = membership_steps(leads[own], stayed[own] / len(centers), weights[own])
            steps.append(curve.assign(segment=segment, runner_up=runner_up, training_rows=of_pair.sum()))
    return segments, pd.concat(steps) if steps else pd.DataFrame()


def model(dbt, session):
    """Two kinds of rows for each champion ever: one per segment, and one per segment, runner-up and step of the lead.

    A model version is refitted once, when it is first the champion, to the sample of that day.
    """
    known = dbt.source("state", "reliability_fits").df()[list(COLUMNS)]
    seed = dbt.config.get("meta")["random_seed"]
    sample = dbt.ref("training_sample").df().sort_values(["segmentation", "customer_id"])
    coordinates = dbt.ref("training_points").df().sort_values(["segmentation", "customer_id", "dimension"])
    assigned = dbt.ref("sample_segments").df().sort_values(["segmentation", "customer_id"])
    centroids = dbt.ref("segment_centroids").df()
    versions = centroids.groupby("segmentation")["model_version"].max()

    parts = [known]
    done = set(zip(known["segmentation"], known["model_version"], strict=True))
    for segmentation, version in versions.items():
        if (segmentation, version) in done:
            continue
        rows = sample[sample["segmentation"] == segmentation]
        own = assigned[assigned["segmentation"] == segmentation]
        if not len(rows) or own["segment_id"].isna().any():
            continue
        points = coordinates.loc[coordinates["segmentation"] == segmentation, "coordinate"].to_numpy()
        if not len(points):  # made by rule, and nothing to refit
            continue
        segment_ids = np.unique(own["segment_id"].to_numpy(dtype=int))
        segments, steps = reliability(
            points.reshape(len(rows), -1),
            rows["sample_weight"].to_numpy(),
            rows["is_evaluated"].to_numpy(dtype=bool),
            np.searchsorted(segment_ids, own["segment_id"].to_numpy(dtype=int)),
            own["runner_up_segment_id"]
            .map({number: place for place, number in enumerate(segment_ids)})
            .fillna(-1)
            .to_numpy(dtype=int),
            (own["runner_up_distance"] - own["distance"]).to_numpy(dtype=float, na_value=np.nan),
            seed,
        )
        both = pd.concat([segments, steps]).reindex(columns=[*segments.columns, *STEP_COLUMNS])
        both["segment_id"] = segment_ids[both["segment"].to_numpy(dtype=int)]
        both["runner_up_segment_id"] = both["runner_up"].map(dict(enumerate(segment_ids)))
        parts.append(both.assign(segmentation=segmentation, model_version=version, refits=refits_of(len(rows))))
    table = pd.concat([part for part in parts if len(part)] or [known])
    return table.reindex(columns=list(COLUMNS)).astype(COLUMNS)
