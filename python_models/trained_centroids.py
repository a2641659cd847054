"""K-Means fits, kept as rows: every model ever trained, its segments numbered as the champion before it did."""

import hashlib
import json
from datetime import UTC, datetime
from importlib.metadata import version

import numpy as np
import pandas as pd

RESTARTS = 25
OUTLIER_QUANTILE = 0.99

COLUMNS = {
    "segmentation": "str",
    "model_version": "int32",
    "segment_id": "int32",
    "feature": "str",
    "feature_position": "int32",
    "weight": "float64",
    "center": "float64",
    "scale": "float64",
    "outlier_distance": "float64",
    "training_share": "float64",
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
    points : array of shape (n_samples, n_features)
        Standardised and feature-weighted.
    weights : array of shape (n_samples,)
        How many customers each row stands for.

    Returns
    -------
    centers : array of shape (n_clusters, n_features)
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


def matched_segment_ids(centers: pd.DataFrame, incumbents: pd.DataFrame, next_id: int) -> list[int]:
    """Number new centers as the segments they continue.

    New and old centers are paired by optimal assignment on their distance (scipy's `linear_sum_assignment`), in the
    old model's scales. A pair counts only if the new center lies within the old segment's outlier distance, or
    nearer to it than half the way to the next old center.

    Parameters
    ----------
    centers : DataFrame, one row per cluster and one column per feature, in the features' own units
    incumbents : DataFrame, the champion's long rows (`segment_id`, `feature`, `center`, `scale`, `outlier_distance`)
        Empty for a first model. Features that only one side has are left out of the distance.
    next_id : int
        The first number that no segment of this segmentation ever had.

    Returns
    -------
    list of int, one segment_id per row of `centers`
    """
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    shared = [feature for feature in centers.columns if feature in set(incumbents["feature"])]
    segment_ids: dict[int, int] = {}
    if shared:
        scales = incumbents.groupby("feature")["scale"].first()[shared]
        old = incumbents.pivot(index="segment_id", columns="feature", values="center")[shared]
        spacing = cdist(old / scales, old / scales)
        np.fill_diagonal(spacing, np.inf if len(old) > 1 else 0)
        outlier_distances = incumbents.groupby("segment_id")["outlier_distance"].first().loc[old.index]
        reach = np.maximum(outlier_distances.to_numpy(), spacing.min(axis=0) / 2)
        distances = cdist(centers[shared] / scales, old / scales)
        within_reach = distances <= reach
        # Out of reach costs more than all pairs within reach together.
        costs = np.where(within_reach, distances, distances.sum() + 1)
        for row, column in zip(*linear_sum_assignment(costs), strict=True):
            if within_reach[row, column]:
                segment_ids[row] = int(old.index[column])
    for row in range(len(centers)):
        if row not in segment_ids:
            segment_ids[row] = next_id
            next_id += 1
    return [segment_ids[row] for row in range(len(centers))]


def nearest(points: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Label each row of `points` with the row number of the nearest center; the first wins a tie."""
    from scipy.spatial.distance import cdist

    return cdist(points, centers, "sqeuclidean").argmin(axis=1)


def silhouette(points: np.ndarray, labels: np.ndarray) -> float:
    """Mean silhouette; NaN where it is not defined (fewer than two clusters, or nothing but singletons)."""
    from sklearn.metrics import silhouette_score

    if not 2 <= len(set(labels)) < len(points):
        return float("nan")
    return float(silhouette_score(points, labels))


def trained_centroids(
    sample: pd.DataFrame,
    features: pd.DataFrame,
    incumbents: pd.DataFrame,
    n_clusters: int,
    seed: int,
    next_id: int,
) -> pd.DataFrame:
    """Train one segmentation and return its centroids as rows.

    Parameters
    ----------
    sample : DataFrame, one row per sampled customer, in a fixed order
        Holds `sample_weight`, `is_evaluated` and one column per feature, in the feature's own unit.
    features : DataFrame, one row per feature, in order
        Holds `feature`, `feature_position`, `weight`, `mean` and `scale`.
    incumbents : DataFrame, the current champion's rows; empty for a first model
    n_clusters : int
        Lowered to the number of distinct customers if there are fewer.
    seed : int
    next_id : int
        The first number that no segment of this segmentation ever had.

    Returns
    -------
    DataFrame, n_clusters x len(features) rows
        `center` and `scale` in the feature's own unit; `outlier_distance`, the distance that 99 % of the segment's
        customers keep to, in scaled units; and the scores of the fit, equal on every row.
    """
    names = features["feature"].tolist()
    means, scales = (features.set_index("feature")[column] for column in ("mean", "scale"))
    points = (sample[names].to_numpy() - means.to_numpy()) / scales.to_numpy()
    weights = sample["sample_weight"].to_numpy()
    n_clusters = min(n_clusters, len(np.unique(points, axis=0)))
    scaled_centers, labels, inertia = fit_kmeans(points, weights, n_clusters, seed)

    centers = pd.DataFrame(scaled_centers * scales.to_numpy() + means.to_numpy(), columns=names)
    shares = np.bincount(labels, weights=weights, minlength=n_clusters) / weights.sum()
    distances = np.linalg.norm(points - scaled_centers[labels], axis=1)
    reach = [
        np.quantile(
            distances[labels == cluster],
            OUTLIER_QUANTILE,
            weights=weights[labels == cluster],
            method="inverted_cdf",
        )
        for cluster in range(n_clusters)
    ]
    segments = centers.assign(
        segment_id=matched_segment_ids(centers, incumbents, next_id),
        training_share=shares,
        outlier_distance=reach,
    )
    rows = segments.melt(
        id_vars=["segment_id", "training_share", "outlier_distance"], var_name="feature", value_name="center"
    ).merge(features[["feature", "feature_position", "weight", "scale"]], on="feature")

    is_evaluated = sample["is_evaluated"].to_numpy(dtype=bool)
    evaluated = points[is_evaluated]
    incumbent_silhouette = float("nan")
    if set(incumbents["feature"]) == set(names):
        old = incumbents.pivot(index="segment_id", columns="feature", values="center")[names]
        old_centers = (old.to_numpy() - means.to_numpy()) / scales.to_numpy()
        incumbent_silhouette = silhouette(evaluated, nearest(evaluated, old_centers))
    return rows.assign(
        n_clusters=n_clusters,
        inertia=inertia,
        silhouette=silhouette(evaluated, labels[is_evaluated]),
        smallest_share=shares.min(),
        incumbent_version=incumbents["model_version"].max() if len(incumbents) else pd.NA,
        incumbent_silhouette=incumbent_silhouette,
    ).sort_values(["segment_id", "feature_position"], ignore_index=True)


def digest(*parts: str | bytes) -> str:
    """SHA-256 of the parts in order."""
    joined = hashlib.sha256()
    for part in parts:
        joined.update(part.encode() if isinstance(part, str) else part)
    return joined.hexdigest()


def former_centroids(dbt, session) -> pd.DataFrame:
    """The registry as the last build left it; empty on the first build."""
    try:
        return session.sql(f"select * from {dbt.this}").df()
    except Exception:  # each engine has its own error for a table that is not there yet
        return pd.DataFrame(columns=list(COLUMNS))


def model(dbt, session):
    """One row per model version, segment and feature. A fit equal to the latest adds none."""
    settings = dbt.config.get("meta")
    former = former_centroids(dbt, session)
    sample = dbt.ref("training_sample").df().sort_values(["segmentation", "customer_id"])
    features = dbt.ref("segmentation_features").df().sort_values(["segmentation", "feature_position"])
    counts = dbt.ref("cluster_counts").df().set_index("segmentation")
    scores = dbt.ref("cluster_count_scores").df().set_index(["segmentation", "n_clusters"])
    incumbents = dbt.ref("incumbent_centroids").df()

    seed = settings["random_seed"]
    versions = json.dumps({package: version(package) for package in ("numpy", "scikit-learn", "scipy")})
    parts = [former]
    for segmentation in [] if settings["freeze_training"] else counts.index:
        own = features[features["segmentation"] == segmentation]
        rows = sample.loc[
            sample["segmentation"] == segmentation,
            ["customer_id", "sample_weight", "is_evaluated", *own["feature"]],
        ]
        n_clusters = int(counts.loc[segmentation, "n_clusters"])
        data_hash = digest(pd.util.hash_pandas_object(rows, index=False).to_numpy().tobytes())
        fit_hash = digest(data_hash, own.to_csv(index=False), json.dumps([n_clusters, seed, RESTARTS]), versions)
        past = former[former["segmentation"] == segmentation]
        latest = past[past["model_version"] == past["model_version"].max()]
        if fit_hash in set(latest["fit_hash"]):
            continue
        next_id = int(past["segment_id"].max()) + 1 if len(past) else 1
        champion = incumbents[incumbents["segmentation"] == segmentation]
        # `dbt build --empty` leaves no champion, but must not make the next build forget the segments' numbers.
        fitted = trained_centroids(rows, own, champion if len(champion) else latest, n_clusters, seed, next_id)
        parts.append(
            fitted.assign(
                segmentation=segmentation,
                model_version=int(past["model_version"].max()) + 1 if len(past) else 1,
                features=json.dumps(dict(zip(own["feature"], own["weight"], strict=True))),
                random_seed=seed,
                training_rows=len(rows),
                data_hash=data_hash,
                fit_hash=fit_hash,
                package_versions=versions,
                stability=scores["stability"].get((segmentation, n_clusters), np.nan),
                trained_at=datetime.now(UTC).replace(tzinfo=None),
            )
        )
    registry = pd.concat([part for part in parts if len(part)] or [former])
    return registry.reindex(columns=list(COLUMNS)).astype(COLUMNS)
