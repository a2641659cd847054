"""Tables of customers whose groups are known, damaged as real tables are: what a build must get right, or tell of."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from known_tables import group_centers

NAMES = ["first", "second", "third", "fourth"]
SHARES = [0.01, 0.03, 0.1, 0.3]
ROWS = [200, 600, 2000]
KINDS = {
    "whales": [0.003, 0.01, 0.03],
    "typos": [0.003, 0.01, 0.03],
    "cents for dollars": SHARES,
    "mixed units": SHARES,
    "swapped columns": SHARES,
    "repeated customers": SHARES,
    "missing values": SHARES,
    "missing block": SHARES,
    "constant": [1],
    "category of one value": [1],
    "category of 500 values": [1],
}


@dataclass
class Table:
    """Customers with damage and without, the group each was drawn from, and the features that a warning has to name.

    `damaged` is empty where it is the rows that a warning has to speak of.
    """

    customers: pd.DataFrame
    group: np.ndarray
    damaged: list[str]
    undamaged: pd.DataFrame


def clean_table(seed: int, n_rows: int, n_features: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Draw groups as `group_centers` places them, on scales as customers' columns have them.

    Each feature starts anywhere between 0.1 and 1,000 and has whole numbers or cents. In half of them groups and spread
    lie on the scale of the logarithm, as money does, and it ends 3 to 6 times higher; the others end 3 to 30 times
    higher.

    Returns
    -------
    customers : DataFrame
        The features alone.
    group : array of int
    """
    rng = np.random.default_rng([seed, n_rows, n_features])
    n_groups = int(rng.integers(2, 6))
    sizes = rng.uniform(1, 3, n_groups)
    sizes = np.maximum(20, (sizes / sizes.sum() * n_rows).astype(int))
    sizes[sizes.argmax()] += n_rows - sizes.sum()
    group = rng.permutation(np.repeat(np.arange(n_groups), sizes))
    latent = group_centers(rng, n_groups, n_features)[group] + rng.normal(size=(n_rows, n_features))
    columns = {}
    for name, values in zip(NAMES, latent.T, strict=False):
        place = (values - values.min()) / np.ptp(values)
        lowest = 10 ** rng.uniform(-1, 3)
        is_linear = bool(rng.integers(2))
        value = lowest * (1 + rng.uniform(2, 29) * place if is_linear else rng.uniform(3, 6) ** place)
        columns[name] = value.round(0 if lowest > 10 and rng.integers(2) else 2)
    return pd.DataFrame(columns), group


def damaged_table(seed: int, kind: str, share: float, n_rows: int, n_features: int) -> Table:
    """Draw a table and damage that share of its rows, drawn at random, or a column as a whole."""
    undamaged, group = clean_table(seed, n_rows, n_features)
    customers = undamaged.copy()
    rng = np.random.default_rng([seed, list(KINDS).index(kind), n_rows])
    rows = rng.permutation(n_rows)[: max(1, round(share * n_rows))]
    name, other = rng.permutation(customers.columns)[:2]
    place, elsewhere = customers.columns.get_loc(name), customers.columns.get_loc(other)
    damaged = [name]
    if kind == "whales":
        customers.iloc[rows, place] *= rng.uniform(20, 200, len(rows)).round(2)
    elif kind == "typos":
        customers.iloc[rows, place] *= rng.choice([10, 100, 1000], len(rows))
    elif kind == "cents for dollars":
        customers.iloc[rows, place] *= 100
    elif kind == "mixed units":
        factor = rng.choice([10, 12, 1000, 1 / 10, 1 / 12, 1 / 1000])
        customers.iloc[rows, place] = (customers.iloc[rows, place] * factor).round(4)
    elif kind == "swapped columns":
        # Within one range nothing tells a swapped row from a customer of its own: docs/method.md says so.
        smaller, larger = sorted([name, other], key=lambda column: customers[column].median())
        if customers[larger].median() < 10 * customers[smaller].median():
            customers[larger] *= 10
        customers.iloc[rows, [place, elsewhere]] = customers.iloc[rows, [elsewhere, place]].to_numpy()
        damaged = [name, other]
    elif kind == "repeated customers":
        customers = pd.concat([customers, customers.iloc[rows]], ignore_index=True)
        group, damaged = np.concatenate([group, group[rows]]), []
    elif kind == "missing values":
        customers.iloc[rows, place] = np.nan
    elif kind == "missing block":
        rows = np.argsort(customers[other].to_numpy(), kind="stable")[-len(rows) :]
        customers.iloc[rows, place] = np.nan
    elif kind == "constant":
        customers[name] = 7.0
    else:
        levels = rng.choice(500 if kind == "category of 500 values" else 1, n_rows)
        customers["shop"], damaged = [f"shop {level}" for level in levels], ["shop"]
    return Table(customers, group, damaged, undamaged)
