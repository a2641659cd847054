"""Tables whose number of groups is known, because a generator put the groups there, or none."""

import numpy as np

STRUCTURELESS = ["uniform", "gaussian", "correlated", "heavy_tailed", "lognormal"]


def group_centers(rng: np.random.Generator, n_groups: int, n_features: int) -> np.ndarray:
    """Place centers so that everyone's nearest other is 5 to 8 away."""
    while True:
        centers = [np.zeros(n_features)]
        for _ in range(2000):
            direction = rng.normal(size=n_features)
            step = direction / np.linalg.norm(direction) * rng.uniform(5, 8)
            center = centers[rng.integers(len(centers))] + step
            if min(np.linalg.norm(center - other) for other in centers) >= 5:
                centers.append(center)
            if len(centers) == n_groups:
                return np.array(centers)


def table_of_groups(seed: int, n_groups: int, n_rows: int, n_features: int | None = None) -> np.ndarray:
    """Draw spherical groups of standard deviation 1 with uneven sizes, noise features and scattered outliers.

    Sizes differ by up to 10:1, the smallest has at least 12 rows; there are 2 to 8 real features, at most as many of
    noise, and 1 to 5 % of the rows are outliers, scattered over up to twice the extent of the groups.
    """
    rng = np.random.default_rng([seed, n_groups, n_rows])
    n_features = n_features or int(rng.integers(2, 9))
    n_outliers = round(rng.uniform(0.01, 0.05) * n_rows)
    sizes = rng.uniform(1, rng.uniform(1, 10), n_groups)
    sizes = np.maximum(12, (sizes / sizes.sum() * (n_rows - n_outliers)).astype(int))
    sizes[sizes.argmax()] += n_rows - n_outliers - sizes.sum()
    grouped = np.repeat(group_centers(rng, n_groups, n_features), sizes, axis=0)
    grouped += rng.normal(size=grouped.shape)
    middle, reach = grouped.mean(axis=0), np.abs(grouped - grouped.mean(axis=0)).max(axis=0)
    outliers = middle + reach * rng.uniform(1, 2) * rng.uniform(-1, 1, (n_outliers, n_features))
    noise_shape = (n_rows, int(rng.integers(0, n_features + 1)))
    noise = rng.normal(size=noise_shape) if rng.integers(2) else rng.uniform(-2, 2, noise_shape)
    table = np.hstack([np.vstack([grouped, outliers]), noise])
    return rng.permutation(table, axis=0)


def structureless_table(seed: int, kind: str, n_rows: int, n_features: int | None = None) -> np.ndarray:
    """Draw one crowd without gaps, of 2 to 6 features unless the caller says otherwise."""
    rng = np.random.default_rng([seed, STRUCTURELESS.index(kind), n_rows])
    n_features = n_features or int(rng.integers(2, 7))
    shape = (n_rows, n_features)
    if kind == "uniform":
        return rng.uniform(size=shape)
    if kind == "gaussian":
        return rng.normal(size=shape)
    if kind == "correlated":
        return rng.normal(size=shape) @ rng.normal(size=(n_features, n_features))
    if kind == "heavy_tailed":
        return rng.standard_t(3, size=shape)
    return rng.lognormal(0, rng.uniform(0.5, 1), size=shape)
