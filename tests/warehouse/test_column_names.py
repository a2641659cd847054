"""A customer's column may have the name of what the models make on the way: the results are those of any other name."""

import random
from pathlib import Path

import pandas as pd
import pytest
from project import Warehouse

# What scoring, the reasons of a segment and the upgrades call things on the way, in the order of the alphabet.
NAMES = [
    *["along_1", "change", "choice", "comparison", "coordinate", "current_value", "direction", "effort", "former_x"],
    *["id_1", "is_boundary", "lead_1", "margin", "maximum", "membership", "minimum", "model", "nearest", "reach_1"],
    *["reason", "sample", "scale", "second", "slot", "step", "value_rank", "w", "weight"],
]
NEUTRAL = [f"m{number:02d}" for number in range(len(NAMES))]


def built(folder: Path, names: list[str]) -> dict[str, pd.DataFrame]:
    """What marts say of 80 customers in four groups, whose other columns are noise."""
    chance = random.Random(5)
    rows = pd.DataFrame({"id": [f"c{number:02d}" for number in range(80)]})
    rows["aaa"] = [round(chance.gauss((5, 5, 30, 30)[number % 4], 1), 3) for number in range(80)]
    rows["zzz"] = [round(chance.gauss((20, 90, 20, 90)[number % 4], 5), 3) for number in range(80)]
    for position, name in enumerate(names):
        rows[name] = [round(chance.gauss(10 * (position % 7), 1 + position % 5), 3) for _ in range(80)]
    folder.mkdir()
    rows.to_csv(folder / "customers.csv", index=False)
    warehouse = Warehouse(folder)
    columns = {name: {"label": f"label {position}"} for position, name in enumerate(["aaa", "zzz", *names])}
    warehouse.dbt(
        "build",
        project_vars={
            "customers_file": str(folder / "customers.csv"),
            "customer_columns": {"customer_id": {"from": "id"}} | columns,
            "segmentations": {
                "small": {"features": {"aaa": 1, "zzz": 1}},
                "wide": {"features": {"aaa": 1} | dict.fromkeys(names, 0.5), "n_clusters": 3},
            },
            "value_features": {"aaa": 1} | dict.fromkeys(names, 1),
            "fixed_features": [],
            "cluster_counts": {"min": 2, "max": 4},
        },
    )
    return {
        "customer_segments": warehouse.query(
            "select * exclude (clipped_features, imputed_features) from marts.customer_segments order by all"
        ),
        "upgrade_candidates": warehouse.query("select * exclude (feature) from marts.upgrade_candidates order by all"),
        "customers": warehouse.query(f"select customer_id, {', '.join(names)} from marts.customers order by 1"),
    }


@pytest.mark.long
def test_names_of_the_project_give_the_results_of_any_other_name(tmp_path):
    named, neutral = built(tmp_path / "named", NAMES), built(tmp_path / "neutral", NEUTRAL)
    for table, rows in neutral.items():
        assert len(rows) > 0
        pd.testing.assert_frame_equal(named[table].set_axis(rows.columns, axis="columns"), rows)
