"""The number of segments is right on tables whose groups are known, and absent where there are none.

All tables of a battery are columns of one customer table, each with a segmentation of its own, so that one build of
the compiled SQL and its Python models scores them all.
"""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from known_tables import STRUCTURELESS, structureless_table, table_of_groups
from project import Warehouse

GROUP_COUNTS = range(2, 9)


def chosen_counts(folder: Path, tables: dict[str, np.ndarray], **project_vars) -> pd.DataFrame:
    """Build `clustering.cluster_counts` for equally long tables and return it, one row per name."""
    features = {name: [f"{name}_{i}" for i in range(table.shape[1])] for name, table in tables.items()}
    wide = pd.concat([pd.DataFrame(table, columns=features[name]) for name, table in tables.items()], axis=1)
    customers = wide.assign(no=range(len(wide)))
    duckdb.from_df(customers).write_parquet(str(folder / "customers.parquet"))
    warehouse = Warehouse(folder)
    warehouse.dbt(
        *("run", "--select", "+cluster_counts"),
        project_vars={
            "customers_file": str(folder / "customers.parquet"),
            "customer_columns": {"customer_id": {"from": ["no"]}} | {feature: {} for feature in wide},
            "segmentations": {name: {"features": dict.fromkeys(own, 1)} for name, own in features.items()},
            "value_features": {wide.columns[0]: 1},
            "fixed_features": [],
        }
        | project_vars,
    )
    return warehouse.query("select * from clustering.cluster_counts").set_index("segmentation")


def battery(n_rows: int, group_seeds: range, structureless_seeds: range) -> tuple[dict[str, np.ndarray], pd.Series]:
    """Draw tables and the true number of groups of each, 0 where there are none."""
    tables, truth = {}, {}
    for n_groups in GROUP_COUNTS:
        for seed in group_seeds:
            tables[f"groups_{n_groups}_{seed}"] = table_of_groups(seed, n_groups, n_rows)
            truth[f"groups_{n_groups}_{seed}"] = n_groups
    for kind in STRUCTURELESS:
        for seed in structureless_seeds:
            tables[f"{kind}_{seed}"] = structureless_table(seed, kind, n_rows)
            truth[f"{kind}_{seed}"] = 0
    return tables, pd.Series(truth, name="truth")


def check(counts: pd.DataFrame, truth: pd.Series) -> None:
    """Hold the choices against the goals: right in 90 %, no groups said in 90 % without and 3 % with groups."""
    judged = counts.join(truth)
    grouped, structureless = judged[judged["truth"] > 0], judged[judged["truth"] == 0]
    wrong = grouped.query("n_clusters != truth")[["truth", "n_clusters", "is_natural", "reason"]].to_string()
    found = structureless.query("is_natural")[["n_clusters", "reason"]].to_string()
    assert (grouped["n_clusters"] == grouped["truth"]).mean() >= 0.9, wrong
    assert grouped["is_natural"].mean() >= 0.97, wrong
    assert (~structureless["is_natural"]).mean() >= 0.9, found
    for row in judged.itertuples():
        assert row.reason.startswith(f"{row.n_clusters} natural groups" if row.is_natural else "No natural groups")


def test_planted_groups_are_counted_and_crowds_have_none(tmp_path):
    tables, truth = battery(300, range(1), range(1))
    check(chosen_counts(tmp_path, tables), truth)


@pytest.mark.long
@pytest.mark.parametrize(
    "n_rows",
    [pytest.param(200, marks=pytest.mark.xfail(reason="87 % of the numbers are right, docs/method.md")), 300, 1000],
)
def test_the_whole_battery(tmp_path, n_rows):
    """Ten tables of each kind for every size; a build each for two seeds, so that a failure names few."""
    parts = []
    for first in range(10, 20, 2):
        folder = tmp_path / str(first)
        folder.mkdir()
        tables, truth = battery(n_rows, range(first, first + 2), range(first, first + 2))
        parts.append((chosen_counts(folder, tables), truth))
    check(pd.concat([counts for counts, _ in parts]), pd.concat([truth for _, truth in parts]))
