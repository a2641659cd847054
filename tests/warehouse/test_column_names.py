"""A customer's column may have the name of what the models make on the way: the results are those of any other name."""

import random
import re
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
BATCH = 45


def neutral_names(n_names: int) -> list[str]:
    """Return names that no model uses, in the order of the alphabet."""
    return [f"qq{number:02d}" for number in range(n_names)]


def project_vars(folder: Path, names: list[str]) -> dict:
    """Return the vars of a project with these columns: every fifth is a category, the others are clustered on."""
    numbers = [name for position, name in enumerate(names) if position % 5 < 4]
    columns = {name: {"label": f"label {position}"} for position, name in enumerate(["aaa", "zzz", *names])}
    for name in set(names) - set(numbers):
        columns[name]["type"] = "category"
    return {
        "customers_file": str(folder / "customers.csv"),
        "customer_columns": {"customer_id": {"from": "id"}} | columns,
        "segmentations": {
            "small": {"features": {"aaa": 1, "zzz": 1}},
            "wide": {"features": {"aaa": 1} | dict.fromkeys(numbers, 0.5), "n_clusters": 3},
        },
        "value_features": {"aaa": 3 * len(names)} | dict.fromkeys(numbers, 1),
        "fairness_attributes": [name for name in names if name not in numbers],
        "fixed_features": [],
        "cluster_counts": {"min": 2, "max": 4},
    }


def built(folder: Path, names: list[str]) -> tuple[Warehouse, dict[str, pd.DataFrame]]:
    """What marts say of 80 customers in four groups, whose other columns are noise."""
    chance = random.Random(5)
    rows = pd.DataFrame({"id": [f"c{number:02d}" for number in range(80)]})
    rows["aaa"] = [round(chance.gauss((5, 5, 30, 30)[number % 4], 1), 3) for number in range(80)]
    rows["zzz"] = [round(chance.gauss((20, 90, 20, 90)[number % 4], 5), 3) for number in range(80)]
    for position, name in enumerate(names):
        rows[name] = [round(chance.gauss(10 * (position % 7), 1 + position % 5), 3) for _ in range(80)]
        if position % 5 == 4:
            rows[name] = [f"level {value > 10 * (position % 7)}" for value in rows[name]]
    folder.mkdir()
    rows.to_csv(folder / "customers.csv", index=False)
    warehouse = Warehouse(folder)
    warehouse.dbt("build", "--exclude-resource-type", "test", "unit_test", project_vars=project_vars(folder, names))
    listed = ", ".join(f'"{name}"' for name in names)
    return warehouse, {
        "customer_segments": warehouse.query(
            "select * exclude (clipped_features, imputed_features) from marts.customer_segments order by all"
        ),
        "upgrade_candidates": warehouse.query("select * exclude (feature) from marts.upgrade_candidates order by all"),
        "segment_fairness": warehouse.query("select * exclude (attribute) from marts.segment_fairness order by all"),
        "customers": warehouse.query(f"select customer_id, {listed} from marts.customers order by 1"),
    }


def check_equal(named: dict[str, pd.DataFrame], neutral: dict[str, pd.DataFrame], names: list[str]) -> None:
    """Compare tables but for the names of columns, and of the features that a cell names."""
    for table, rows in neutral.items():
        assert len(rows) > 0
        pd.testing.assert_frame_equal(named[table].set_axis(rows.columns, axis="columns"), rows, obj=f"{table} {names}")


def names_on_the_way(warehouse: Warehouse) -> list[str]:
    """Return every word of the compiled models that is no text or comment and could be the name of a column."""
    words = set()
    for path in (warehouse.folder / "target").glob("compiled/**/*.sql"):
        code = re.sub(r"--[^\n]*|'(?:[^']|'')*'|\"[^\"]*\"", " ", path.read_text())
        words |= set(re.findall(r"(?<![\w$])[a-z][a-z0-9_]{0,50}(?!\w)", code))
    own = {"customer_id", "aaa", "zzz", *neutral_names(BATCH)}
    return sorted(word for word in words - own if "__" not in word and not word.startswith("qq"))


@pytest.mark.long
def test_names_of_the_project_give_the_results_of_any_other_name(tmp_path):
    _, named = built(tmp_path / "named", NAMES)
    _, neutral = built(tmp_path / "neutral", neutral_names(len(NAMES)))
    check_equal(named, neutral, NAMES)


@pytest.mark.long
def test_every_word_of_the_compiled_models_works_as_a_name_or_is_refused(tmp_path):
    warehouse, neutral = built(tmp_path / "neutral", neutral_names(BATCH))
    words = names_on_the_way(warehouse)
    assert len(words) > 500

    checked = warehouse.operations([("check_vars", {}, project_vars(tmp_path, [word])) for word in words])
    refusals = {word: said for word, (is_taken, said) in zip(words, checked, strict=True) if not is_taken}
    for word, said in refusals.items():
        assert f"`{word}`" in said, said
        assert "use another name, as in `my_" in said, said

    # Neighbors in the alphabet go into different builds: `held_mean` beside `held` would be refused.
    accepted = [word for word in words if word not in refusals]
    accepted += accepted[: -len(accepted) % BATCH]
    n_builds = len(accepted) // BATCH
    for first in range(n_builds):
        names = sorted(accepted[first::n_builds])
        _, named = built(tmp_path / f"named_{first}", names)
        check_equal(named, neutral, names)
