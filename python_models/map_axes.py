"""Two axes to draw a map over where a segmentation has more than two dimensions: its principal components."""

import numpy as np
import pandas as pd

COLUMNS = {
    "segmentation": "str",
    "axis": "int32",
    "dimension": "int32",
    "feature": "str",
    "level": "str",
    "label": "str",
    "fill_value": "float64",
    "low_fence": "float64",
    "high_fence": "float64",
    "transform": "str",
    "mean": "float64",
    "scale": "float64",
    "loading": "float64",
    "explained": "float64",
    "reading": "str",
}

AXES = 2
DIGITS = 9  # that a loading is kept to: the last ones of a sum differ from machine to machine
TOLD_SHARE = 0.5  # of the largest loading of an axis: what the others need to count
MOST_TOLD = 3  # features that an axis is told by


def principal_axes(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the directions in which customers differ most (Pearson, 1901; Hotelling, 1933).

    Parameters
    ----------
    points : array of shape (n_samples, n_dimensions)
        Standardized and feature-weighted, so that the map keeps the distances that the segments are made of.

    Returns
    -------
    loadings : array of shape (2, n_dimensions)
        Each of length 1, the direction of the largest variance first. The first loading that counts, of at least half
        of the largest, is positive, so that data that have hardly changed do not turn up mirrored.
    explained : array of shape (2,)
        Share of the variance along each, 0 to 1.
    """
    centered = points - points.mean(axis=0)
    variances, directions = np.linalg.eigh(centered.T @ centered)
    largest = np.argsort(-variances, kind="stable")[:AXES]
    loadings = np.round(directions[:, largest].T, DIGITS)
    counts = np.abs(loadings) >= TOLD_SHARE * np.abs(loadings).max(axis=1, keepdims=True)
    first = loadings[np.arange(len(loadings)), counts.argmax(axis=1)]
    loadings *= np.where(first < 0, -1, 1)[:, None]
    explained = np.clip(variances[largest] / variances.sum(), 0, 1)
    return loadings + 0.0, np.round(explained, DIGITS)  # no negative zero


def reading(loadings: np.ndarray, features: pd.DataFrame) -> str:
    """Say what there is more of along an axis, the strongest first.

    >>> named = {"feature": ["income", "visits"], "level": ["", ""], "label": ["income", "days of visits"]}
    >>> reading(np.array([0.8, -0.6]), pd.DataFrame(named))
    'higher income, fewer days of visits'
    """
    order = np.argsort(-np.abs(loadings), kind="stable")[:MOST_TOLD]
    told = [place for place in order if abs(loadings[place]) >= TOLD_SHARE * abs(loadings).max()]
    words = []
    for place in told:
        row, more = features.iloc[place], loadings[place] > 0
        if row["level"]:
            words.append(f"{row['label']} {'more' if more else 'less'} often {row['level']}")
        elif row["label"].startswith("days ") or row["feature"] == "purchases":
            words.append(f"{'more' if more else 'fewer'} {row['label']}")
        else:
            words.append(f"{'higher' if more else 'lower'} {row['label']}")
    return ", ".join(words)


def map_axes(points: np.ndarray, features: pd.DataFrame) -> pd.DataFrame:
    """Describe the axes of the map of one segmentation.

    Parameters
    ----------
    points : array of shape (n_samples, n_dimensions)
        Coordinates of the customers.
    features : DataFrame, one row per dimension, in order
        Holds `dimension`, `feature`, `level`, `label` and what turns a value into a coordinate.

    Returns
    -------
    DataFrame, one row per axis and dimension
        The columns of `features` with `axis`, `loading`, `explained` and `reading`. Empty where there is no map to
        make: of two dimensions, which are a map already, or of customers who are all alike.
    """
    from threadpoolctl import threadpool_limits

    if points.shape[1] <= AXES or not np.ptp(points, axis=0).any():
        return features.head(0)
    # One thread, because sums shared between threads differ in their last bits from run to run.
    with threadpool_limits(limits=1):
        loadings, explained = principal_axes(points)
    return pd.concat(
        features.assign(axis=axis, loading=own, explained=share, reading=reading(own, features))
        for axis, (own, share) in enumerate(zip(loadings, explained, strict=True), start=1)
    )


def model(dbt, session):
    """One row per segmentation of more than two dimensions, axis and dimension."""
    sample = dbt.ref("training_sample").df().query("is_evaluated")[["segmentation", "customer_id"]]
    points = dbt.ref("training_points").df().merge(sample, on=["segmentation", "customer_id"])
    points = points.sort_values(["segmentation", "customer_id", "dimension"])
    features = dbt.ref("segmentation_features").df().sort_values(["segmentation", "dimension"])
    parts = [pd.DataFrame()]
    for segmentation, rows in points.groupby("segmentation"):
        own = features[features["segmentation"] == segmentation].reset_index(drop=True)
        parts.append(map_axes(rows["coordinate"].to_numpy().reshape(-1, len(own)), own))
    return pd.concat(parts).reindex(columns=list(COLUMNS)).astype(COLUMNS)
