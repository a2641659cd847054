"""Customer segmentation as notebooks do it, in pandas or polars and scikit-learn. Prints its inertia by k as JSON."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
from sklearn.cluster import Birch, KMeans, MiniBatchKMeans
from sklearn.metrics import pairwise_distances_argmin_min, silhouette_score
from sklearn.preprocessing import StandardScaler

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]
SILHOUETTE_ROWS = 5000
CANDIDATES = range(2, 11)


def read(path: Path, library: str):
    """The customers as a frame of pandas or polars."""
    if library == "polars":
        import polars as pl  # noqa: PLC0415 - of one contender

        return pl.read_parquet(path)
    return duckdb.read_parquet(str(path)).df()


def by_k_means(
    points: np.ndarray, n_clusters: int, estimator: type, n_init: int | str
) -> Iterator[tuple[int, np.ndarray, float]]:
    """Number of clusters, labels and inertia of a fit for every candidate, and last of one with `n_clusters`."""
    for k in [*CANDIDATES, n_clusters]:
        fitted = estimator(k, n_init=n_init, random_state=42).fit(points)
        yield k, fitted.predict(points) if k == n_clusters else fitted.labels_, float(fitted.inertia_)


def by_birch(points: np.ndarray, n_clusters: int) -> Iterator[tuple[int, np.ndarray, float]]:
    """The same of BIRCH, whose tree is grown once and cut for every candidate."""
    tree = Birch(n_clusters=None, threshold=0.1).fit(points)
    for k in [*CANDIDATES, n_clusters]:
        # Without points it only groups the leaves anew.
        tree.set_params(n_clusters=k).partial_fit()
        labels = tree.predict(points)
        centers = np.array([points[labels == label].mean(axis=0) for label in np.unique(labels)])
        yield k, labels, float((pairwise_distances_argmin_min(points, centers)[1] ** 2).sum())


def segment(path: Path, n_clusters: int, library: str, algorithm: str, n_init: int | str) -> dict[int, float]:
    """Read, scale, try every k from 2 to 10, segment with `n_clusters` and profile.

    Returns
    -------
    dict, k: inertia over all customers
    """
    customers = read(path, library)
    points = StandardScaler().fit_transform(customers[FEATURES].to_numpy())
    judged = np.random.default_rng(42).choice(len(points), min(SILHOUETTE_ROWS, len(points)), replace=False)
    if algorithm == "birch":
        fits = by_birch(points, n_clusters)
    else:
        fits = by_k_means(points, n_clusters, MiniBatchKMeans if algorithm == "minibatch" else KMeans, n_init)
    inertia, labels = {}, None
    for k, labels, inertia[k] in fits:  # noqa: B007 - the last labels are the segments
        silhouette_score(points[judged], labels[judged])
    if library == "polars":
        import polars as pl  # noqa: PLC0415

        aggregates = [getattr(pl.col(FEATURES), name)().name.suffix(f" {name}") for name in ("mean", "median")]
        customers.with_columns(segment=labels).group_by("segment").agg(*aggregates, pl.len())
    else:
        customers["segment"] = labels
        customers.groupby("segment")[FEATURES].agg(["mean", "median", "count"])
    return inertia


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("n_clusters", type=int)
    parser.add_argument("--library", choices=["pandas", "polars"], default="pandas", help="what holds the customers")
    parser.add_argument("--algorithm", choices=["kmeans", "minibatch", "birch"], default="kmeans")
    parser.add_argument("--n-init", default="auto", help="restarts of each fit of K-Means")
    arguments = parser.parse_args()
    restarts = arguments.n_init if arguments.n_init == "auto" else int(arguments.n_init)
    print(json.dumps(segment(arguments.path, arguments.n_clusters, arguments.library, arguments.algorithm, restarts)))
