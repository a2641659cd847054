"""K-Means fits of this build, one for each segmentation whose sample, features or settings are new."""

import hashlib
import json
from datetime import UTC, datetime
from importlib.metadata import version

import numpy as np
import pandas as pd

RESTARTS = 25
# A customer is far from a segment past so many interquartile ranges over the upper quartile of the distances: distances
# are skewed, and Tukey's three would take one in ten thousand customers of a round segment for strangers.
FENCE_LENGTH = 4
# How many customers the typical distance of all segments counts for beside a segment's own.
PRIOR_CUSTOMERS = 10
# A segment lives on where the smaller of the two shares at least this much of its customers.
SURVIVING_SHARE = 0.5

# What turns a customer's values into coordinates; another label alone is no reason to train.
SCALING = ["feature", "level", "weight", "fill_value", "low_fence", "high_fence", "transform", "mean", "scale"]

COLUMNS = {
    "segmentation": "str",
    "model_version": "int32",
    "segment_id": "int32",
    "dimension": "int32",
    "center": "float64",
    "outlier_distance": "float64",
    "training_share": "float64",
    "training_customers": "float64",
    "n_clusters": "int32",
    "features": "str",
    "random_seed": "int64",
    "training_rows": "int64",
    "data_hash": "str",
    "fit_hash": "str",
    "package_versions": "str",
    "inertia": "float64",
    "silhouette": "float64",
    "stability": "float64",
    "smallest_share": "float64",
    "incumbent_version": "Int32",
    "incumbent_silhouette": "float64",
    "trained_at": "datetime64[us]",
}


def fit_kmeans(
    points: np.ndarray, weights: np.ndarray, n_clusters: int, seed: int
) -> tuple[np.ndarray, np.ndarray, float]:
    """Fit K-Means until no customer changes cluster, the best of 25 k-means++ starts.

    Parameters
    ----------
    points : array of shape (n_samples, n_dimensions)
        Coordinates in scaled units.
    weights : array of shape (n_samples,)
        How many customers each row stands for.

    Returns
    -------
    centers : array of shape (n_clusters, n_dimensions)
        Largest cluster first, then by position, so that equal fits come out equal.
    labels : array of shape (n_samples,)
    inertia : float
    """
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    # One thread, because sums shared between threads differ in their last bits from run to run.
    with threadpool_limits(limits=1):
        fitted = KMeans(n_clusters, n_init=RESTARTS, tol=0, random_state=seed).fit(points, sample_weight=weights)
    sizes = np.bincount(fitted.labels_, weights=weights, minlength=n_clusters)
    rounded = fitted.cluster_centers_.round(9)
    order = np.lexsort((*rounded.T[::-1], -sizes.round(6)))
    return fitted.cluster_centers_[order], np.argsort(order)[fitted.labels_], float(fitted.inertia_)


def silhouette(points: np.ndarray, labels: np.ndarray) -> float:
    """Mean silhouette; NaN where it is not defined (fewer than two clusters, or nothing but singletons)."""
    from sklearn.metrics import silhouette_score

    if not 2 <= len(set(labels)) < len(points):
        return float("nan")
    return float(silhouette_score(points, labels))


def outlier_distances(distances: np.ndarray, labels: np.ndarray, weights: np.ndarray, n_clusters: int) -> np.ndarray:
    """How far from its center a customer of each segment may be before it belongs to none.

    Distances are divided by the median of their segment and a fence after Tukey is put around the quotients of all
    segments together (Tukey, "Exploratory Data Analysis", 1977). A median counts beside that of all customers, as
    if ten of those were in the segment, so that a segment of one or two has a reach as well.

    Parameters
    ----------
    distances : array of shape (n_samples,)
        From the own center, in scaled units.
    labels, weights : arrays of shape (n_samples,)

    Returns
    -------
    array of shape (n_clusters,), in scaled units
    """

    def quantiles(values: np.ndarray, of: np.ndarray, at: list[float]) -> np.ndarray:
        return np.quantile(values, at, weights=of, method="inverted_cdf")

    (typical,) = quantiles(distances, weights, [0.5])
    reach = np.empty(n_clusters)
    for cluster in range(n_clusters):
        own = labels == cluster
        (median,) = quantiles(distances[own], weights[own], [0.5])
        rows = own.sum()
        reach[cluster] = (rows * median + PRIOR_CUSTOMERS * typical) / (rows + PRIOR_CUSTOMERS)
    if typical == 0:
        return np.full(n_clusters, distances.max())
    quotients = distances / reach[labels]
    lower, upper = quantiles(quotients, weights, [0.25, 0.75])
    return reach * (upper + FENCE_LENGTH * (upper - lower))


def matched_segment_ids(
    labels: np.ndarray, former: np.ndarray, weights: np.ndarray, n_clusters: int, next_id: int
) -> list[int]:
    """Number new clusters as the segments that their customers come from.

    Clusters and former segments are paired so that the pairs share as many customers as possible (scipy's
    `linear_sum_assignment`). A pair counts where it shares at least half of the customers of the smaller of the two
    (the survival threshold of MONIC: Spiliopoulou, Ntoutsi, Theodoridis, Schult, KDD 2006).

    Parameters
    ----------
    labels : array of shape (n_samples,)
        Cluster of each row, from 0.
    former : array of shape (n_samples,)
        Segment that the champion puts the row in; NaN where it is far from all of them.
    weights : array of shape (n_samples,)
    n_clusters : int
    next_id : int
        The first number that no segment of this segmentation ever had.

    Returns
    -------
    list of int, one segment_id per cluster

    >>> matched_segment_ids(np.array([0, 0, 1, 1]), np.array([7, 7, np.nan, np.nan]), np.ones(4), 2, 9)
    [7, 9]
    """
    from scipy.optimize import linear_sum_assignment

    known = ~np.isnan(former)
    segments = np.unique(former[known])
    shared = np.zeros((n_clusters, len(segments)))
    np.add.at(shared, (labels[known], np.searchsorted(segments, former[known])), weights[known])
    sizes = np.bincount(labels, weights=weights, minlength=n_clusters)
    former_sizes = shared.sum(axis=0)
    segment_ids: dict[int, int] = {}
    for cluster, segment in zip(*linear_sum_assignment(shared, maximize=True), strict=True):
        smaller = min(sizes[cluster], former_sizes[segment])
        if shared[cluster, segment] >= SURVIVING_SHARE * smaller > 0:
            segment_ids[cluster] = int(segments[segment])
    for cluster in range(n_clusters):
        if cluster not in segment_ids:
            segment_ids[cluster] = next_id
            next_id += 1
    return [segment_ids[cluster] for cluster in range(n_clusters)]


def segment_fit(
    points: np.ndarray,
    weights: np.ndarray,
    is_evaluated: np.ndarray,
    former: np.ndarray,
    n_clusters: int,
    seed: int,
    next_id: int,
) -> pd.DataFrame:
    """Train one segmentation and return its centers as rows.

    Parameters
    ----------
    points : array of shape (n_samples, n_dimensions)
        The sampled customers in a fixed order, as coordinates in scaled units.
    weights : array of shape (n_samples,)
        How many customers each row stands for.
    is_evaluated : boolean array of shape (n_samples,)
        The rows that the silhouette is computed on.
    former : array of shape (n_samples,)
        Segment that the champion puts the row in; NaN where there is no champion or the row is far from its segments.
    n_clusters : int
        Lowered to the number of distinct customers if there are fewer.
    seed : int
    next_id : int
        The first number that no segment of this segmentation ever had.

    Returns
    -------
    DataFrame, n_clusters x n_dimensions rows
        `segment_id`; `dimension`, from 1; `center` and `outlier_distance` in scaled units; `training_share`, 0 to
        1, and `training_customers`; and the scores of the fit, equal on every row.
    """
    n_clusters = min(n_clusters, len(np.unique(points, axis=0)))
    centers, labels, inertia = fit_kmeans(points, weights, n_clusters, seed)
    sizes = np.bincount(labels, weights=weights, minlength=n_clusters)
    distances = np.linalg.norm(points - centers[labels], axis=1)
    reach = outlier_distances(distances, labels, weights, n_clusters)
    n_dimensions = points.shape[1]
    return pd.DataFrame(
        {
            "segment_id": np.repeat(matched_segment_ids(labels, former, weights, n_clusters, next_id), n_dimensions),
            "dimension": np.tile(np.arange(1, n_dimensions + 1), n_clusters),
            "center": centers.ravel(),
            "outlier_distance": np.repeat(reach, n_dimensions),
            "training_share": np.repeat(sizes / weights.sum(), n_dimensions),
            "training_customers": np.repeat(sizes, n_dimensions),
            "n_clusters": n_clusters,
            "inertia": inertia,
            "silhouette": silhouette(points[is_evaluated], labels[is_evaluated]),
            "smallest_share": sizes.min() / weights.sum(),
        }
    )


def digest(*parts: str | bytes) -> str:
    """SHA-256 of the parts in order."""
    joined = hashlib.sha256()
    for part in parts:
        joined.update(part.encode() if isinstance(part, str) else part)
    return joined.hexdigest()


def model(dbt, session):
    """One row per segmentation, segment and dimension, of the fits that the registry does not hold yet."""
    settings = dbt.config.get("meta")
    registry = dbt.source("state", "trained_centroids").df()
    # A build that died may have left the features of a version without its centers: that number is taken too.
    written = dbt.source("state", "trained_features").df()
    taken = written.groupby("segmentation")["model_version"].max()
    sample = dbt.ref("training_sample").df().sort_values(["segmentation", "customer_id"])
    points = dbt.ref("training_points").df().sort_values(["segmentation", "customer_id", "dimension"])
    incumbents = dbt.ref("incumbent_segments").df().sort_values(["segmentation", "customer_id"])
    features = dbt.ref("segmentation_features").df().sort_values(["segmentation", "dimension"])
    counts = dbt.ref("cluster_counts").df().set_index("segmentation")
    scores = dbt.ref("cluster_count_scores").df().query("score == 'stability'")
    stabilities = scores.set_index(["segmentation", "n_clusters"])["value"]

    seed = settings["random_seed"]
    versions = json.dumps({package: version(package) for package in ("numpy", "scikit-learn")})
    parts = []
    for segmentation in [] if settings["freeze_training"] else counts.index:
        own = features[features["segmentation"] == segmentation]
        rows = sample[sample["segmentation"] == segmentation]
        coordinates = points.loc[points["segmentation"] == segmentation, "coordinate"].to_numpy()
        coordinates = coordinates.reshape(len(rows), len(own))
        weights = rows["sample_weight"].to_numpy()
        is_evaluated = rows["is_evaluated"].to_numpy(dtype=bool)
        n_clusters = int(counts.loc[segmentation, "n_clusters"])
        data_hash = digest(coordinates.tobytes(), weights.tobytes(), is_evaluated.tobytes())
        fit_hash = digest(
            data_hash, own[SCALING].to_csv(index=False), json.dumps([n_clusters, seed, RESTARTS]), versions
        )
        past = registry[registry["segmentation"] == segmentation]
        latest = past[past["model_version"] == past["model_version"].max()]
        if fit_hash in set(latest["fit_hash"]):
            continue
        weight_of = dict(zip(own["feature"], own["weight"], strict=True))
        incumbent = incumbents[incumbents["segmentation"] == segmentation]
        former = incumbent["segment_id"].where(~incumbent["is_outlier"].fillna(False).astype(bool))
        former = former.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        is_comparable = bool(incumbent["is_comparable"].fillna(False).all())
        assigned = incumbent["segment_id"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        next_id = int(past["segment_id"].max()) + 1 if len(past) else 1
        parts.append(
            segment_fit(coordinates, weights, is_evaluated, former, n_clusters, seed, next_id).assign(
                segmentation=segmentation,
                model_version=int(taken.get(segmentation, 0)) + 1,
                features=json.dumps(weight_of),
                random_seed=seed,
                training_rows=len(rows),
                data_hash=data_hash,
                fit_hash=fit_hash,
                package_versions=versions,
                stability=stabilities.get((segmentation, n_clusters), np.nan),
                incumbent_version=incumbent["model_version"].max(),
                incumbent_silhouette=silhouette(coordinates[is_evaluated], assigned[is_evaluated])
                if is_comparable
                else np.nan,
                trained_at=datetime.now(UTC).replace(tzinfo=None),
            )
        )
    fits = pd.concat(parts) if parts else pd.DataFrame()
    return fits.reindex(columns=list(COLUMNS)).astype(COLUMNS)
