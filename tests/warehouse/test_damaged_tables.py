"""Of tables with damage that is known, the build recovers the groups, or warns of the damage, or refuses.

None of it may pass in silence: the groups lost, and no sentence that names the damaged feature.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from compiled import RepeatedBuild
from damaged_tables import KINDS, NAMES, ROWS, Table, clean_table, damaged_table
from sklearn.metrics import adjusted_rand_score

RECOVERED = 0.8


class Project:
    """One project per layout of columns, built when a table first needs it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.builds: dict[tuple[str, ...], RepeatedBuild] = {}

    def load(self, customers: pd.DataFrame) -> RepeatedBuild:
        """Return the project for these columns, with the customers loaded."""
        features = tuple(customers.columns)
        customers = customers.assign(no=[f"{number:05}" for number in range(len(customers))])
        if features not in self.builds:
            folder = self.folder / "_".join(features)
            folder.mkdir()
            columns = {name: {"type": "category"} if name == "shop" else {} for name in features}
            self.builds[features] = RepeatedBuild(
                folder,
                customers,
                "+customer_scores",
                "+feature_doubts",
                customer_columns={"customer_id": {"from": "no"}} | columns,
                segmentations={"planted": {"features": dict.fromkeys(features, 1)}},
                value_features={NAMES[0]: 1},
                fixed_features=[],
                cluster_counts={"min": 2, "max": 8},
            )
        self.builds[features].load(customers)
        return self.builds[features]

    def doubts(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return what a build of these customers warns of."""
        build = self.load(customers)
        build.build("feature_doubts")
        return build.query("select * from features.feature_doubts")

    def agreement(self, customers: pd.DataFrame, group: np.ndarray) -> float:
        """Return the adjusted Rand index of the segments and the planted groups."""
        build = self.load(customers)
        build.build("customer_scores")
        found = build.query("select planted_segment_id from clustering.customer_scores order by customer_id")
        return adjusted_rand_score(group, found["planted_segment_id"])

    def outcome(self, table: Table) -> str:
        """Say what comes of a table: `warned`, `recovered`, `not found` or `silent`.

        `not found` are groups that a build does not find in the undamaged table either. Groups are looked for only
        where no warning was given: that takes most of the time.
        """
        doubts = self.doubts(table.customers)
        named = {*doubts["feature"], *doubts["other_feature"]} - {""}
        if (named & set(table.damaged)) or (not table.damaged and (doubts["kind"] == "repeated customers").any()):
            return "warned"
        if self.agreement(table.customers, table.group) >= RECOVERED:
            return "recovered"
        is_found = self.agreement(table.undamaged, table.group[: len(table.undamaged)]) >= RECOVERED
        return "silent" if is_found else "not found"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("damaged"))


def settings(seeds: range) -> list[tuple[int, str, float, int, int]]:
    """Spread kinds of damage and their shares over sizes and numbers of features."""
    drawn = []
    for seed in seeds:
        for number, (kind, share) in enumerate((kind, share) for kind, shares in KINDS.items() for share in shares):
            place = number + seed
            n_features = 3 if "category" in kind else 2 + place // 3 % 3
            drawn.append((seed, kind, share, ROWS[place % 3], n_features))
    return drawn


def check(project: Project, drawn: list[tuple[int, str, float, int, int]]) -> None:
    """Count what comes of the tables; none is silent, few have groups not found without damage either."""
    outcomes = pd.DataFrame(drawn, columns=["seed", "kind", "share", "rows", "features"])
    outcomes["outcome"] = [project.outcome(damaged_table(*setting)) for setting in drawn]
    print(pd.crosstab(outcomes["kind"], outcomes["outcome"], margins=True).to_string())
    silent = outcomes[outcomes["outcome"] == "silent"]
    assert silent.empty, silent.to_string()
    assert (outcomes["outcome"] == "not found").mean() <= 0.1


def test_no_damage_passes_in_silence(project):
    # Eleven of 33 tables, which are each kind and share once.
    check(project, settings(range(1))[::3])


def test_clean_tables_raise_no_doubt(project):
    for seed in range(100, 112):
        customers, _ = clean_table(seed, ROWS[seed % 3], 2 + seed // 3 % 3)
        assert project.doubts(customers).empty, seed


@pytest.mark.long
def test_no_damage_passes_in_silence_in_three_hundred_tables(project):
    for seeds in (range(1), range(1, 11)):
        check(project, settings(seeds))


@pytest.mark.long
def test_sixty_clean_tables_raise_no_doubt(project):
    for seed in range(60):
        customers, _ = clean_table(seed, ROWS[seed % 3], 2 + seed // 3 % 3)
        assert project.doubts(customers).empty, seed


def test_a_build_warns_of_every_damage_in_a_sentence(new_warehouse):
    customers, _ = clean_table(1, 600, 3)
    customers.loc[:59, "first"] *= 100
    customers.loc[100:199, "second"] = None
    customers.loc[5, "third"] *= 1e6
    customers = customers.assign(still=1, shop=[f"shop {number % 40}" for number in range(600)], no=range(600))
    customers["seldom"] = [number if number % 3 == 0 else None for number in range(600)]
    path = new_warehouse.folder / "customers.csv"
    customers.to_csv(path, index=False)
    built = new_warehouse.dbt(
        *("build", "--select", "+doubts", "--indirect-selection", "cautious", "--exclude-resource-type", "unit_test"),
        project_vars={
            "customers_file": str(path),
            "customer_columns": {"customer_id": {"from": "no"}, "shop": {"type": "category"}}
            | {name: {} for name in ("first", "second", "third", "still", "seldom")},
            "segmentations": {
                "planted": {"features": dict.fromkeys(["first", "second", "third", "still", "shop"], 1)},
                "rarely": {"features": {"third": {"weight": 1, "transform": "log"}, "seldom": 1}},
            },
            "value_features": {"first": 1},
            "fixed_features": [],
        },
    )
    doubts = new_warehouse.query("select kind, feature, warning from features.feature_doubts order by kind, feature")
    assert doubts[["kind", "feature"]].to_numpy().tolist() == [
        ["another unit", "first"],
        ["constant", "still"],
        ["held", "third"],
        ["incomplete", "rarely"],
        ["levels", "shop"],
        ["missing", "second"],
        ["missing", "seldom"],
    ]
    shown = new_warehouse.query("select doubt from reporting.doubts")["doubt"].tolist()
    said = " ".join(built.stdout.split())
    for sentence in doubts["warning"]:
        assert sentence in shown
        assert sentence in said
    assert "% of the customers seem to have first in another unit: it is 100 times higher" in said
    assert "Only 33.3 % of the customers have a value of every feature of rarely" in said
    assert f"up to {customers['third'].max():.0f}, and count as" in said
