"""What other clustering algorithms make of the same customers, each with parameters that a rule reads off the data."""

import hashlib
import json
import time
from typing import NamedTuple

import numpy as np
import pandas as pd

COLUMNS = {
    "segmentation": "str",
    "algorithm": "str",
    "parameters": "str",
    "clusters": "int32",
    "noise_share": "float64",
    "silhouette": "float64",
    "davies_bouldin": "float64",
    "calinski_harabasz": "float64",
    "smallest_share": "float64",
    "agreement_with_champion": "float64",
    "fit_seconds": "float64",
    "is_finding": "bool",
    "reading": "str",
    "scores_hash": "str",
}

NOISE = -1
RESTARTS = 10
# Version of the rules below: raise it when one changes, so that tables of earlier builds are made again.
RULES = 4
# What scikit-learn adds to the variances of a mixture's components, and how far over it one counts as flat.
VARIANCE_FLOOR = 1e-6
FLAT_VARIANCE = 10 * VARIANCE_FLOOR


class Clustering(NamedTuple):
    """Labels of each row, the parameters and the rule that chose them, and why they are no finding, if so."""

    labels: np.ndarray
    parameters: str
    flaw: str = ""


def scores_hash(*frames: pd.DataFrame, settings: dict) -> str:
    """Identify everything the scores depend on: the frames, the settings and the rules."""
    digest = hashlib.sha256(json.dumps([settings, RESTARTS, RULES], sort_keys=True).encode())
    for frame in frames:
        digest.update(frame.to_csv(index=False).encode())
    return digest.hexdigest()


def knee(heights: np.ndarray) -> float:
    """Height of an ascending curve where it bends up: the point farthest below the chord between its ends.

    Both axes are scaled to 0..1 (Satopaa, Albrecht, Irwin, Raghavan, "Finding a kneedle in a haystack", 2011).

    >>> knee(np.array([1.0, 1.1, 1.2, 1.3, 9.0]))
    1.3
    """
    rise = heights[-1] - heights[0]
    if rise <= 0:
        return float(heights[-1])
    below = np.linspace(0, 1, len(heights)) - (heights - heights[0]) / rise
    return float(heights[below.argmax()])


def kmeans(points: np.ndarray, names: list[str], n_clusters: int, candidates: list[int], seed: int) -> Clustering:
    """K-Means with the number of segments that the project chose."""
    from sklearn.cluster import KMeans

    labels = KMeans(n_clusters, n_init=RESTARTS, random_state=seed).fit_predict(points)
    return Clustering(labels, f"{n_clusters} clusters, the number chosen")


def collapse(points: np.ndarray, labels: np.ndarray, covariances: np.ndarray, names: list[str]) -> str:
    """Say which components of a Gaussian mixture are flat in some direction, '' if none is.

    A component that shrinks to a plane, such as the customers of one gender, has a likelihood without bound, so that
    neither its fit nor its BIC says anything of the customers (Day, "Estimating the components of a mixture of normal
    distributions", Biometrika 56, 1969).

    Parameters
    ----------
    points : array of shape (n_samples, n_dimensions)
    labels : array of shape (n_samples,)
        Component of each row.
    covariances : array of shape (n_components, n, n)
        With the floor that scikit-learn adds to the variances.
    names : list of str
        What each dimension of `points` is called.
    """
    flat = np.flatnonzero(np.linalg.eigvalsh(covariances).min(axis=1) <= FLAT_VARIANCE)
    if not len(flat):
        return ""
    varies = np.ptp(points, axis=0) > 0
    one_valued = [
        varies & (np.ptp(points[labels == component], axis=0) == 0) for component in flat if component in labels
    ]
    often = np.sum(one_valued, axis=0)
    shared = dict.fromkeys(name for name, times in zip(names, often, strict=True) if 0 < times == often.max())
    cause = f"single values of {' and '.join(shared)}" if shared else "customers too few or too much alike"
    return f"{len(flat)} of its {len(covariances)} components collapse on {cause}, which fits too well to mean anything"


def gaussian_mixture(
    points: np.ndarray, names: list[str], n_clusters: int, candidates: list[int], seed: int
) -> Clustering:
    """Gaussian mixture with full covariances and the number of components of lowest BIC."""
    from sklearn.mixture import GaussianMixture

    # Directions in which no two customers differ, as one of the values of a category, would make every component flat.
    centered = points - points.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov(centered, rowvar=False).reshape(points.shape[1], -1))
    varied = centered @ directions[:, variances > FLAT_VARIANCE]
    fits = [GaussianMixture(k, reg_covar=VARIANCE_FLOOR, random_state=seed).fit(varied) for k in candidates]
    best = min(fits, key=lambda fit: fit.bic(varied))
    labels = best.predict(varied)
    flaw = collapse(points, labels, best.covariances_, names)
    return Clustering(labels, f"{best.n_components} components, the lowest BIC", flaw)


def ward(points: np.ndarray, names: list[str], n_clusters: int, candidates: list[int], seed: int) -> Clustering:
    """Ward's agglomerative clustering, its tree cut where the next merge costs most over the merge before."""
    from scipy.cluster.hierarchy import cut_tree, linkage

    tree = linkage(points, "ward")
    jumps = {k: tree[-k + 1, 2] - tree[-k, 2] for k in candidates}
    best = max(candidates, key=lambda k: (jumps[k], -k))
    labels = cut_tree(tree, n_clusters=best)[:, 0]
    return Clustering(labels, f"{best} clusters, the largest jump between merges")


def dbscan(points: np.ndarray, names: list[str], n_clusters: int, candidates: list[int], seed: int) -> Clustering:
    """DBSCAN with twice as many neighbors as features, and `eps` at the knee of their distances.

    Ester, Kriegel, Sander, Xu, "A density-based algorithm for discovering clusters", KDD 1996; the number of
    neighbors after Sander, Ester, Kriegel, Xu, Data Mining and Knowledge Discovery 2 (1998).
    """
    from sklearn.cluster import DBSCAN
    from sklearn.neighbors import NearestNeighbors

    neighbors = min(2 * points.shape[1], len(points))
    distances, _ = NearestNeighbors(n_neighbors=neighbors).fit(points).kneighbors(points)
    eps = max(knee(np.sort(distances[:, -1])), np.finfo(float).tiny)
    labels = DBSCAN(eps=eps, min_samples=neighbors).fit_predict(points)
    return Clustering(labels, f"{neighbors} neighbors within {eps:.3g}, the knee of their distances")


def hdbscan(points: np.ndarray, names: list[str], n_clusters: int, candidates: list[int], seed: int) -> Clustering:
    """HDBSCAN with as many neighbors as DBSCAN and clusters of at least the square root of the rows."""
    from sklearn.cluster import HDBSCAN

    neighbors = min(2 * points.shape[1], len(points))
    smallest = max(2, round(len(points) ** 0.5))
    labels = HDBSCAN(min_cluster_size=smallest, min_samples=neighbors, copy=True).fit_predict(points)
    return Clustering(labels, f"{neighbors} neighbors, clusters of at least {smallest} rows, the square root of all")


ALGORITHMS = {
    "K-Means": kmeans,
    "Gaussian mixture": gaussian_mixture,
    "Ward": ward,
    "DBSCAN": dbscan,
    "HDBSCAN": hdbscan,
}


def percent(share: float) -> str:
    """Return a share that is over 0 as a percentage that is.

    >>> percent(0.004), percent(0.126)
    ('under 1 %', '13 %')
    """
    return f"{100 * share:.0f} %" if share >= 0.01 else "under 1 %"


def reading(score: dict, flaw: str) -> str:
    """One sentence on what an algorithm saw."""
    if flaw:
        return f"{score['algorithm']} ({score['parameters']}) finds nothing to go by: {flaw}."
    if score["clusters"] == 0:
        found = "sees no group, only noise"
    elif score["clusters"] == 1:
        found = "sees one group only"
    else:
        found = f"sees {score['clusters']} groups"
    if score["noise_share"] > 0 and score["clusters"] > 0:
        found += f" and leaves {percent(score['noise_share'])} of the customers out"
        found += "" if np.isnan(score["silhouette"]) else ", whom its scores leave out too"
    agreement = score["agreement_with_champion"]
    if np.isnan(agreement):
        agrees = "there is no champion to compare with"
    else:
        degrees = {
            0.995: "the champion's groups",
            0.9: "nearly the champion's groups",
            0.65: "much like the champion's groups",
            0.3: "partly like the champion's groups",
        }
        agrees = next(
            (degree for least, degree in degrees.items() if agreement >= least), "unlike the champion's groups"
        )
        agrees += f" (adjusted Rand {agreement:.2f})"
    return f"{score['algorithm']} ({score['parameters']}) {found}; {agrees}."


def algorithm_scores(
    points: np.ndarray,
    names: list[str],
    champion_labels: np.ndarray | None,
    n_clusters: int,
    candidates: list[int],
    seed: int,
) -> pd.DataFrame:
    """Cluster the same customers with every algorithm and score each result.

    Parameters
    ----------
    points : array of shape (n_samples, n_features)
        Standardized and feature-weighted.
    names : list of str
        What each column of `points` is called; the values of a category share one name.
    champion_labels : array of shape (n_samples,) or None
        The segment of each row by the champion, if there is one.
    n_clusters : int
        The number of segments chosen for K-Means.
    candidates : list of int
        Numbers of clusters that the Gaussian mixture and Ward choose from.
    seed : int

    Returns
    -------
    DataFrame, one row per algorithm
        The scores leave out the rows that an algorithm calls noise; in `agreement_with_champion`, the adjusted Rand
        index, noise counts as a group of its own. A score that needs two clusters is NaN with fewer; every score is
        NaN where `is_finding` is false, because the fit says nothing of the customers.
    """
    from sklearn.metrics import (
        adjusted_rand_score,
        calinski_harabasz_score,
        davies_bouldin_score,
        silhouette_score,
    )
    from threadpoolctl import threadpool_limits

    scores = []
    # One thread, because sums shared between threads differ in their last bits from run to run.
    with threadpool_limits(limits=1):
        for algorithm, cluster in ALGORITHMS.items():
            start = time.perf_counter()
            labels, parameters, flaw = cluster(points, names, n_clusters, candidates, seed)
            fit_seconds = time.perf_counter() - start
            is_clustered = labels != NOISE
            grouped, groups = points[is_clustered], labels[is_clustered]
            sizes = np.unique(groups, return_counts=True)[1]
            is_scored = 2 <= len(sizes) < len(groups) and not flaw
            score = {
                "algorithm": algorithm,
                "parameters": parameters,
                "clusters": len(sizes),
                "noise_share": 1 - len(groups) / len(points),
                "silhouette": silhouette_score(grouped, groups) if is_scored else np.nan,
                "davies_bouldin": davies_bouldin_score(grouped, groups) if is_scored else np.nan,
                "calinski_harabasz": calinski_harabasz_score(grouped, groups) if is_scored else np.nan,
                "smallest_share": sizes.min() / len(points) if len(sizes) and not flaw else np.nan,
                "agreement_with_champion": np.nan
                if champion_labels is None or flaw
                else adjusted_rand_score(champion_labels, labels),
                "fit_seconds": fit_seconds,
                "is_finding": not flaw,
            }
            scores.append(score | {"reading": reading(score, flaw)})
    return pd.DataFrame(scores)


def model(dbt, session):
    """One row per segmentation and algorithm; unchanged input is not clustered again."""
    settings = dict(dbt.config.get("meta"))
    is_frozen = settings.pop("freeze_training")
    sample = dbt.ref("training_sample").df().query("is_evaluated").sort_values(["segmentation", "customer_id"])
    points = dbt.ref("training_points").df().sort_values(["segmentation", "customer_id", "dimension"])
    points = points.merge(sample[["segmentation", "customer_id"]], on=["segmentation", "customer_id"])
    labels = dbt.ref("segmentation_features").df().sort_values(["segmentation", "dimension"])[["segmentation", "label"]]
    counts = dbt.ref("cluster_counts").df().sort_values("segmentation")[["segmentation", "n_clusters"]]
    champions = dbt.ref("sample_segments").df()
    sample = sample.merge(champions[["segmentation", "customer_id", "segment_id"]], on=["segmentation", "customer_id"])
    sample = sample.sort_values(["segmentation", "customer_id"], ignore_index=True)

    current_hash = scores_hash(sample, points, labels, counts, settings=settings)
    former = dbt.source("state", "algorithm_scores").df()[list(COLUMNS)]
    if is_frozen or set(former["scores_hash"]) == {current_hash}:
        return former

    bounds = settings["cluster_counts"]
    parts = []
    for segmentation, n_clusters in counts.itertuples(index=False):
        rows = sample[sample["segmentation"] == segmentation]
        coordinates = points.loc[points["segmentation"] == segmentation, "coordinate"].to_numpy()
        coordinates = coordinates.reshape(len(rows), -1)
        distinct = len(np.unique(coordinates, axis=0))
        candidates = [k for k in range(bounds["min"], bounds["max"] + 1) if k < distinct]
        if not candidates:
            continue
        champion = None if rows["segment_id"].isna().any() else rows["segment_id"].to_numpy()
        names = labels.loc[labels["segmentation"] == segmentation, "label"].tolist()
        scores = algorithm_scores(
            coordinates, names, champion, min(n_clusters, distinct), candidates, settings["random_seed"]
        )
        parts.append(scores.assign(segmentation=segmentation, scores_hash=current_hash))
    table = pd.concat(parts) if parts else pd.DataFrame()
    return table.reindex(columns=list(COLUMNS)).astype(COLUMNS)
