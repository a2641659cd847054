"""Customer segmentation as notebooks do it: everything in pandas and scikit-learn. Prints its inertia by k as JSON."""

import argparse
import json
from pathlib import Path

import duckdb
import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]
SILHOUETTE_ROWS = 5000


def segment(path: Path, n_clusters: int, estimator: type, n_init: int | str) -> dict[int, float]:
    """Read, scale, try every k from 2 to 10, predict with `n_clusters` and profile.

    Returns
    -------
    dict, k: inertia over all customers
    """
    customers = duckdb.read_parquet(str(path)).df()
    points = StandardScaler().fit_transform(customers[FEATURES])
    judged = np.random.default_rng(42).choice(len(points), min(SILHOUETTE_ROWS, len(points)), replace=False)
    inertia = {}
    for k in range(2, 11):
        fitted = estimator(k, n_init=n_init, random_state=42).fit(points)
        inertia[k] = float(fitted.inertia_)
        silhouette_score(points[judged], fitted.labels_[judged])
    customers["segment"] = estimator(n_clusters, n_init=n_init, random_state=42).fit(points).predict(points)
    customers.groupby("segment")[FEATURES].agg(["mean", "median", "count"])
    return inertia


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("n_clusters", type=int)
    parser.add_argument("--n-init", default="auto", help="restarts of each fit")
    parser.add_argument("--minibatch", action="store_true")
    arguments = parser.parse_args()
    restarts = arguments.n_init if arguments.n_init == "auto" else int(arguments.n_init)
    print(
        json.dumps(
            segment(arguments.path, arguments.n_clusters, MiniBatchKMeans if arguments.minibatch else KMeans, restarts)
        )
    )
