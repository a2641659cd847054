"""Scores for every candidate number of segments, so that SQL can choose and a reader can see why."""

import hashlib
import json
import warnings

import numpy as np
import pandas as pd

RESTARTS = 10
GAP_REFERENCES = 20
# Reference data have no clusters to miss, so few starts find nearly the inertia that many do.
REFERENCE_RESTARTS = 3
BOOTSTRAPS = 20

COLUMNS = {
    "segmentation": "str",
    "n_clusters": "int64",
    "inertia": "float64",
    "silhouette": "float64",
    "davies_bouldin": "float64",
    "calinski_harabasz": "float64",
    "gap": "float64",
    "gap_standard_error": "float64",
    "stability": "float64",
    "smallest_share": "float64",
    "scores_hash": "str",
}


def scores_hash(sample: pd.DataFrame, points: pd.DataFrame, settings: dict) -> str:
    """Identify everything the scores depend on: the sample, its coordinates, the settings and this file's constants."""
    digest = hashlib.sha256()
    constants = [RESTARTS, GAP_REFERENCES, REFERENCE_RESTARTS, BOOTSTRAPS]
    digest.update(json.dumps([settings, constants], sort_keys=True).encode())
    digest.update(points["coordinate"].to_numpy().tobytes())
    digest.update(pd.util.hash_pandas_object(sample, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def gap_statistic(points: np.ndarray, log_inertia: float, n_clusters: int, seed: int) -> tuple[float, float]:
    """Gap statistic of one number of clusters, and its standard error.

    The reference data are uniform over the box that the principal components of `points` span: variant (b) of
    Tibshirani, Walther, Hastie, "Estimating the number of clusters in a data set via the gap statistic",
    J. R. Statist. Soc. B 63 (2001).

    Parameters
    ----------
    points : array of shape (n_samples, n_features)
    log_inertia : float
        Logarithm of the inertia of the clustering of `points`.

    Returns
    -------
    gap, standard error : float
        Mean log inertia of the references less `log_inertia`, and the references' standard deviation times
        sqrt(1 + 1 / references).
    """
    from sklearn.cluster import KMeans

    rng = np.random.default_rng(seed)
    _, _, components = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    turned = points @ components.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    reference = [
        np.log(
            KMeans(n_clusters, n_init=REFERENCE_RESTARTS, random_state=seed + i)
            .fit(rng.uniform(low, high, size=turned.shape))
            .inertia_
        )
        for i in range(GAP_REFERENCES)
    ]
    gap = np.mean(reference) - log_inertia
    return gap, np.std(reference) * np.sqrt(1 + 1 / GAP_REFERENCES)


def bootstrap_stability(points: np.ndarray, labels: np.ndarray, n_clusters: int, seed: int) -> float:
    """Mean adjusted Rand index between `labels` and those of models fitted to bootstrap samples.

    Every bootstrap model labels all of `points`, as in Fang, Wang, "Selection of the number of clusters via the
    bootstrap method", Computational Statistics & Data Analysis 56 (2012).

    Returns
    -------
    float, about 0 for chance, 1 when every bootstrap model agrees
    """
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.metrics import adjusted_rand_score

    rng = np.random.default_rng(seed)
    agreements = []
    with warnings.catch_warnings():
        # A bootstrap sample of few customers can hold fewer distinct ones than clusters, and then agrees less.
        warnings.simplefilter("ignore", ConvergenceWarning)
        for i in range(BOOTSTRAPS):
            resampled = points[rng.integers(len(points), size=len(points))]
            refit = KMeans(n_clusters, n_init=3, random_state=seed + i).fit(resampled)
            agreements.append(adjusted_rand_score(labels, refit.predict(points)))
    return float(np.mean(agreements))


def cluster_count_scores(
    points: np.ndarray, weights: np.ndarray, is_evaluated: np.ndarray, candidates: list[int], seed: int
) -> pd.DataFrame:
    """Fit K-Means for every candidate number of clusters and score each fit.

    Parameters
    ----------
    points : array of shape (n_samples, n_features)
        Standardised and feature-weighted.
    weights : array of shape (n_samples,)
        How many customers each row stands for.
    is_evaluated : boolean array of shape (n_samples,)
        The rows on which the scores other than inertia and smallest share are computed, unweighted.
    candidates : list of int
        Those that the data cannot carry (fewer distinct rows than clusters and one more) are left out; if none is
        left, the one candidate is a single cluster, without scores.
    seed : int

    Returns
    -------
    DataFrame, one row per candidate
        `inertia` sums over all customers the sample stands for, in squared standardised units; `smallest_share`
        is the smallest cluster's share of customers, 0 to 1.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, pairwise_distances, silhouette_score
    from threadpoolctl import threadpool_limits

    evaluated = points[is_evaluated]
    distinct = len(np.unique(evaluated, axis=0))
    if not distinct:
        return pd.DataFrame()
    if distinct <= min(candidates):
        return pd.DataFrame([{"n_clusters": 1, "smallest_share": 1.0}])
    scores = []
    # One thread, because sums shared between threads differ in their last bits from run to run.
    with threadpool_limits(limits=1):
        distances = pairwise_distances(evaluated)
        for n_clusters in [k for k in candidates if k < distinct]:
            fitted = KMeans(n_clusters, n_init=RESTARTS, random_state=seed).fit(points, sample_weight=weights)
            labels = fitted.labels_[is_evaluated]
            settled = KMeans(n_clusters, init=fitted.cluster_centers_, n_init=1).fit(evaluated)
            gap, gap_standard_error = gap_statistic(evaluated, np.log(settled.inertia_), n_clusters, seed)
            sizes = np.bincount(fitted.labels_, weights=weights, minlength=n_clusters)
            scores.append(
                {
                    "n_clusters": n_clusters,
                    "inertia": fitted.inertia_,
                    "silhouette": silhouette_score(distances, labels, metric="precomputed"),
                    "davies_bouldin": davies_bouldin_score(evaluated, labels),
                    "calinski_harabasz": calinski_harabasz_score(evaluated, labels),
                    "gap": gap,
                    "gap_standard_error": gap_standard_error,
                    "stability": bootstrap_stability(evaluated, labels, n_clusters, seed),
                    "smallest_share": sizes.min() / sizes.sum(),
                }
            )
    return pd.DataFrame(scores)


def former_scores(dbt, session) -> pd.DataFrame:
    """Return the table as the last build left it; empty on the first build or if its columns were others."""
    try:
        former = session.sql(f"select * from {dbt.this}").df()
    except Exception:  # each engine has its own error for a table that is not there yet
        former = pd.DataFrame()
    return former if list(former.columns) == list(COLUMNS) else pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS)


def model(dbt, session):
    """One row per segmentation and candidate number of segments; unchanged input is not scored again."""
    settings = dict(dbt.config.get("meta"))
    is_frozen = settings.pop("freeze_training")
    sample = dbt.ref("training_sample").df().sort_values(["segmentation", "customer_id"])
    points = dbt.ref("training_points").df().sort_values(["segmentation", "customer_id", "dimension"])

    current_hash = scores_hash(sample, points, settings)
    former = former_scores(dbt, session)
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
        parts.append(scores.assign(segmentation=segmentation, scores_hash=current_hash))
    table = pd.concat(parts) if parts else pd.DataFrame()
    return table.reindex(columns=COLUMNS).astype(COLUMNS)
