"""Numbers, registry, history and moves over many builds of customers and settings that come, go and come back."""

import copy
import os
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from history import NAMES, Witness, mall_customers, write_customers
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from project import Warehouse

WALKS = int(os.environ.get("MALL_SEGMENTS_WALKS", "4"))
STEPS = int(os.environ.get("MALL_SEGMENTS_STEPS", "12"))
SEED = int(os.environ.get("MALL_SEGMENTS_SEED", "42"))
# All that the witness reads, and what of it is new with every build: the names of segments are not looked at.
WHOLE = ["+segment_history", "+segment_migrations", "+customer_segments"]
CHANGING = ["+segment_changes", "segment_history", "segment_moves", "segment_migrations"]
MALL = mall_customers()
COLUMNS = {
    "customer_id": {"from": ["CustomerID"]},
    "gender": {"from": ["Gender"], "type": "category"},
    "age": {"from": ["Age"], "type": "number", "min": 0, "max": 120},
    "annual_income_k": {"from": ["Annual Income (k$)"], "type": "number", "min": 0},
    "spending_score": {"from": ["Spending Score (1-100)"], "type": "number", "min": 1, "max": 100},
}


class World:
    """A mall whose customers and settings change, the warehouse that follows it, and the witness."""

    def __init__(self, warehouse: Warehouse, chance: random.Random):
        self.warehouse = warehouse
        warehouse.dbt("seed")
        self.witness = Witness(warehouse)
        self.chance = chance
        self.customers = MALL.iloc[:150].copy()
        self.gone = MALL.iloc[:0].copy()
        self.segmentations = {
            "income_spending": {"features": {"annual_income_k": 1, "spending_score": 1}},
            "demographic": {"features": {"age": 1, "annual_income_k": 1, "spending_score": 1, "gender": 0.5}},
        }
        self.away: dict[str, dict] = {}
        self.columns = copy.deepcopy(COLUMNS)
        self.settings = {"random_seed": 42}
        self.pins: dict[str, int] = {}
        self.story: list[str] = []

    def some(self, customers: pd.DataFrame, most: int) -> pd.Index:
        """Draw some of the customers."""
        count = min(len(customers), self.chance.randint(1, most))
        return pd.Index(self.chance.sample(sorted(customers.index), count), name="customer_id")

    def build(self, *arguments: str, whole: bool = False, **settings) -> None:
        """Build what there is today, unless it is to be whole no more than changes the history, and let it be seen."""
        path = self.warehouse.folder / "customers.csv"
        write_customers(self.customers, path)
        self.story.append(" ".join(["dbt run", *arguments, *settings]))
        selected = WHOLE if whole else CHANGING
        project_vars = self.project_vars(path) | settings
        try:
            self.warehouse.dbt("run", *arguments, "--select", *selected, project_vars=project_vars)
            self.witness.see(self.as_named())
            if whole:
                self.witness.see_customers()
        except BaseException as error:
            error.add_note("The story so far:\n" + "\n".join(self.story))
            raise

    def project_vars(self, path: Path) -> dict:
        """Return what the project is set to today."""
        features = {name for own in self.segmentations.values() for name in own["features"]}
        pins = {name: version for name, version in self.pins.items() if name in self.segmentations}
        return self.settings | {
            "pinned_versions": pins,
            "customers_file": str(path),
            "segmentations": self.segmentations,
            "customer_columns": self.columns,
            "cluster_counts": {"min": 2, "max": 7},
            "fixed_features": [],
            "fairness_attributes": [],
            "value_features": {"spending_score": 1} if "spending_score" in features else {"annual_income_k": 1},
        }

    def as_named(self) -> pd.DataFrame:
        """Return the customers with their columns by the names that the settings give them."""
        return self.customers.rename(columns={NAMES[own["from"][0]]: name for name, own in self.columns.items()})

    def remove(self, customers: pd.Index) -> None:
        """Take customers away; they may return."""
        self.gone = pd.concat([self.gone, self.customers.loc[customers]])
        self.customers = self.customers.drop(customers)

    def do(self, *changes: Callable[["World"], None], arguments: tuple[str, ...] = (), **how) -> None:
        """Make changes, then build."""
        for change in changes:
            self.story.append(change.__name__)
            change(self)
        self.build(*arguments, **how)


def customers_join(world: World) -> None:
    """More like some there are, under ids that nobody had."""
    drawn = world.customers.loc[world.some(world.customers, 12)].copy()
    taken = {*world.customers.index, *world.gone.index, *MALL.index}
    first = max(int(customer) for customer in taken) + 1
    drawn.index = pd.Index([str(first + place) for place in range(len(drawn))], name="customer_id")
    drawn["spending_score"] = (drawn["spending_score"] + world.chance.randint(-9, 9)).clip(1, 100)
    world.customers = pd.concat([world.customers, drawn])


def a_group_joins(world: World) -> None:
    """Three times the income: unlike anybody."""
    first = 10_000 + 100 * len(world.story)
    rows = 30
    world.customers = pd.concat(
        [
            world.customers,
            pd.DataFrame(
                {
                    "gender": ["Female", "Male"] * (rows // 2),
                    "age": [world.chance.randint(20, 70) for _ in range(rows)],
                    "annual_income_k": [world.chance.randint(180, 200) for _ in range(rows)],
                    "spending_score": [world.chance.randint(40, 60) for _ in range(rows)],
                },
                index=pd.Index([str(first + place) for place in range(rows)], name="customer_id"),
            ),
        ]
    )


def customers_leave(world: World) -> None:
    world.remove(world.some(world.customers, 12))


def a_segment_leaves(world: World) -> None:
    segment_of = pd.Series(world.witness.known[world.chance.choice(sorted(world.witness.known))])
    segment = world.chance.choice(sorted(set(segment_of)))
    own = segment_of[segment_of == segment].index
    if len(world.customers) - len(own) >= 80:
        world.remove(world.customers.index[world.customers.index.isin(own)])


def customers_return(world: World) -> None:
    if len(world.gone):
        back = world.some(world.gone, 20)
        world.customers = pd.concat([world.customers, world.gone.loc[back]])
        world.gone = world.gone.drop(back)


def customers_change(world: World) -> None:
    changed = world.some(world.customers, 15)
    world.customers.loc[changed, "spending_score"] = [world.chance.randint(1, 100) for _ in changed]
    world.customers.loc[changed, "age"] = [world.chance.randint(18, 70) for _ in changed]


def values_go_missing(world: World) -> None:
    for column in ("annual_income_k", "age", "gender"):
        world.customers.loc[world.some(world.customers, 6), column] = None


def everybody_earns_more(world: World) -> None:
    world.customers["annual_income_k"] += world.chance.choice([8, 15])


def a_feature_goes_or_comes_back(world: World) -> None:
    age = next(name for name, own in world.columns.items() if own["from"] == ["Age"])
    for own in (*world.segmentations.values(), *world.away.values()):
        if "gender" in own["features"]:
            own["features"] = {name: 1 for name in own["features"] if name != age} | (
                {} if age in own["features"] else {age: 1}
            )


def a_feature_gets_another_name(world: World) -> None:
    former, new = ("age", "years") if "age" in world.columns else ("years", "age")
    world.columns = {new if name == former else name: own for name, own in world.columns.items()}
    for own in (*world.segmentations.values(), *world.away.values()):
        own["features"] = {new if name == former else name: weight for name, weight in own["features"].items()}


def a_weight_changes(world: World) -> None:
    name = world.chance.choice(sorted(world.segmentations))
    world.segmentations[name]["features"]["spending_score"] = world.chance.choice([0.5, 1, 2])


def a_segmentation_goes(world: World) -> None:
    if len(world.segmentations) > 1:
        name = world.chance.choice(sorted(world.segmentations))
        world.away[name] = world.segmentations.pop(name)


def a_segmentation_comes_back(world: World) -> None:
    if world.away:
        name = world.chance.choice(sorted(world.away))
        world.segmentations[name] = world.away.pop(name)


def a_segmentation_gets_another_name(world: World) -> None:
    new = {"demographic": "people", "people": "demographic"}
    world.segmentations = {new.get(name, name): own for name, own in world.segmentations.items()}


def another_number_of_segments(world: World) -> None:
    name = world.chance.choice(sorted(world.segmentations))
    if "n_clusters" in world.segmentations[name]:
        del world.segmentations[name]["n_clusters"]
    else:
        world.segmentations[name]["n_clusters"] = world.chance.choice([3, 4, 6, 8])


def another_seed(world: World) -> None:
    world.settings["random_seed"] += 1


def a_version_is_pinned_or_let_go(world: World) -> None:
    if world.pins:
        world.pins.clear()
    else:
        name = world.chance.choice(sorted(world.witness.known))
        world.pins[name] = world.chance.randint(1, int(world.witness.versions[name]))


def the_clock_is_set_back(world: World) -> None:
    with duckdb.connect(str(world.warehouse.path)) as connection:
        connection.execute("update clustering.segment_changes set seen_at = seen_at + interval 5 day")
    world.witness.rows.pop("clustering.segment_changes")


Change = Callable[[World], None]
CHANGES_OF_CUSTOMERS = [
    customers_join,
    a_group_joins,
    customers_leave,
    a_segment_leaves,
    customers_return,
    customers_change,
    values_go_missing,
    everybody_earns_more,
]
CHANGES_OF_SETTINGS = [
    a_feature_goes_or_comes_back,
    a_feature_gets_another_name,
    a_weight_changes,
    a_segmentation_goes,
    a_segmentation_comes_back,
    a_segmentation_gets_another_name,
    another_number_of_segments,
    another_seed,
    a_version_is_pinned_or_let_go,
    the_clock_is_set_back,
]


def test_history_is_true_when_customers_and_settings_go_and_come_back(new_warehouse):
    world = World(new_warehouse, random.Random(1))
    world.build(whole=True)
    world.do(customers_join, customers_leave, customers_change, a_feature_goes_or_comes_back)
    world.do(customers_leave, customers_change, a_segmentation_goes, the_clock_is_set_back)
    world.do(customers_return, a_segmentation_comes_back, a_feature_goes_or_comes_back)
    world.do(another_number_of_segments, arguments=("--full-refresh",))
    world.do(customers_change, a_version_is_pinned_or_let_go, a_feature_gets_another_name)
    world.do(customers_join, values_go_missing, a_version_is_pinned_or_let_go, whole=True)


class Walk(RuleBasedStateMachine):
    """Any changes, in any order, each judged by the witness; a failing walk is printed as Hypothesis drew it."""

    @initialize(chance=st.integers(0, 2**32))
    def first_build(self, chance: int) -> None:
        """Build 150 customers; whatever changes at random later is drawn by this chance."""
        self.folder = tempfile.TemporaryDirectory()
        self.world = World(Warehouse(Path(self.folder.name)), random.Random(chance))
        self.world.build(whole=True)

    @rule(
        customers=st.lists(st.sampled_from(CHANGES_OF_CUSTOMERS), max_size=2, unique=True),
        others=st.lists(st.sampled_from(CHANGES_OF_SETTINGS), max_size=2, unique=True),
        arguments=st.sampled_from([()] * 9 + [("--full-refresh",)]),
        whole=st.booleans(),
    )
    def train(self, customers: list[Change], others: list[Change], arguments: tuple[str, ...], whole: bool) -> None:
        """Build after changes of customers and of settings."""
        self.world.do(*customers, *others, arguments=arguments, whole=whole)

    @rule(customers=st.lists(st.sampled_from(CHANGES_OF_CUSTOMERS), max_size=2, unique=True))
    def score_only(self, customers: list[Change]) -> None:
        """Build with the model that is in use."""
        self.world.do(*customers, freeze_training=True)

    def teardown(self) -> None:
        """Take the warehouse away."""
        self.folder.cleanup()


@pytest.mark.long
def test_history_is_true_after_any_changes():
    # A step is a build of many seconds: what fails is printed with its story, and shrunk where that is asked for.
    phases = (Phase.explicit, Phase.generate, *([Phase.shrink] if "MALL_SEGMENTS_SHRINK" in os.environ else []))
    run_state_machine_as_test(
        seed(SEED)(Walk),
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=STEPS,
            phases=phases,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
