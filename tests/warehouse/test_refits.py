"""A model that is trained again and again: what happens to its segments' numbers, the registry and the history."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from project import PROJECT, SEGMENTS_ALONE, Warehouse

from python_models.segment_fits import segment_fit

INCOME = "Annual Income (k$)"
SCORE = "Spending Score (1-100)"
FEATURES = {"annual_income_k": 1, "spending_score": 1}
# Enough numbers of segments to choose from for what the story needs.
CLUSTER_COUNTS = {"min": 4, "max": 7}
SEGMENTATIONS = {"income_spending": {"features": FEATURES}}
MALL = pd.read_csv(PROJECT / "seeds" / "mall_customers.csv")
WARNING = "\x1b[33mWARN"


@dataclass
class Step:
    """What a warehouse shows after one build."""

    output: str
    customers: pd.DataFrame
    centers: pd.DataFrame
    registry: pd.DataFrame
    lineage: pd.DataFrame
    segment_of: pd.Series
    migrations: pd.DataFrame
    drift: pd.DataFrame
    algorithms: pd.DataFrame

    @property
    def champion(self) -> int:
        """Version of the model that scores."""
        return int(self.registry.query("is_champion")["model_version"].iloc[0])

    def fates(self) -> dict[int, str]:
        """Return what became of each segment with the latest version."""
        latest = self.lineage[self.lineage["model_version"] == self.lineage["model_version"].max()]
        return dict(zip(latest["segment_id"], latest["fate"], strict=True))

    def moves_since(self, former: "Step") -> dict[str, int]:
        """Return how many customers moved after an earlier step, by cause."""
        moves = self.migrations[~self.migrations["moved_at"].isin(former.migrations["moved_at"])]
        return moves.groupby("cause")["customers"].sum().to_dict()


def built(warehouse: Warehouse, customers: pd.DataFrame, *arguments: str, **project_vars) -> Step:
    """Build one customer table and read what came of it."""
    path = warehouse.folder / "customers.csv"
    customers.to_csv(path, index=False)
    project_vars = {
        "customers_file": str(path),
        "segmentations": SEGMENTATIONS,
        "cluster_counts": CLUSTER_COUNTS,
    } | project_vars
    output = warehouse.dbt(*(("build", *arguments) if arguments else SEGMENTS_ALONE), project_vars=project_vars).stdout
    centers = warehouse.query("select segment_id, feature, center from clustering.segment_centroids")
    scored = warehouse.query("select customer_id, income_spending_segment_id as segment_id from marts.customers")
    return Step(
        output=output,
        customers=customers,
        centers=centers.pivot(index="segment_id", columns="feature", values="center"),
        registry=warehouse.query("select * from clustering.segmentation_models order by model_version"),
        lineage=warehouse.query("select * from clustering.segment_lineage"),
        segment_of=scored.set_index("customer_id")["segment_id"].sort_index(),
        migrations=warehouse.query("select * from marts.segment_migrations"),
        drift=warehouse.query("select * from marts.segment_drift").set_index("feature"),
        algorithms=warehouse.query("select * from clustering.algorithm_scores order by algorithm"),
    )


def more_like(customers: pd.DataFrame, rows: int) -> pd.DataFrame:
    """Return new customers near some of those there are."""
    rng = np.random.default_rng(5)
    new = customers.sample(rows, random_state=5).assign(CustomerID=range(1001, 1001 + rows))
    new[INCOME] += rng.integers(-3, 4, rows)
    new[SCORE] = (new[SCORE] + rng.integers(-3, 4, rows)).clip(1, 100)
    return new


def new_group(rows: int) -> pd.DataFrame:
    """Return customers unlike any there are: three times the income, average spending."""
    rng = np.random.default_rng(6)
    return pd.DataFrame(
        {
            "CustomerID": range(2001, 2001 + rows),
            "Gender": ["Female", "Male"] * (rows // 2),
            "Age": rng.integers(20, 70, rows),
            INCOME: rng.normal(190, 6, rows).round(),
            SCORE: rng.normal(50, 5, rows).round(),
        }
    )


@pytest.fixture(scope="module")
def story(tmp_path_factory) -> dict[str, Step]:
    """One warehouse through several builds, each step's customers following on those of the step before."""
    warehouse = Warehouse(tmp_path_factory.mktemp("story"))
    steps = {}
    steps["base"] = built(warehouse, MALL)
    steps["shuffled"] = built(warehouse, MALL.sample(frac=1, random_state=3))
    steps["other seed"] = built(warehouse, MALL, random_seed=7)

    more = pd.concat([MALL, more_like(MALL, 10)], ignore_index=True)
    steps["5 % more"] = built(warehouse, more)

    with_group = pd.concat([more, new_group(32)], ignore_index=True)
    steps["new group"] = built(warehouse, with_group)

    # Five of those who earn and spend little now spend like those who spend most.
    spending = with_group.copy()
    spenders = spending[spending[INCOME] < 30].nsmallest(5, SCORE)["CustomerID"]
    spending.loc[spending["CustomerID"].isin(spenders), SCORE] = 80
    steps["spend more"] = built(warehouse, spending, "--selector", "score")

    rich_misers = (spending[INCOME].between(65, 160)) & (spending[SCORE] < 40)
    without_group = spending[~rich_misers]
    steps["group removed"] = built(warehouse, without_group)

    richer = without_group.assign(**{INCOME: without_group[INCOME] + 20})
    steps["richer"] = built(warehouse, richer, "--selector", "score")
    steps["retrained"] = built(warehouse, richer)
    steps["rolled back"] = built(warehouse, MALL, "--selector", "score", pinned_versions={"income_spending": 1})
    return steps


def test_unchanged_customers_in_another_order_train_no_new_version(story):
    assert story["shuffled"].registry["model_version"].tolist() == [1]
    pd.testing.assert_frame_equal(story["shuffled"].centers, story["base"].centers)
    pd.testing.assert_series_equal(story["shuffled"].segment_of, story["base"].segment_of)
    assert story["shuffled"].moves_since(story["base"]) == {}


def test_unchanged_customers_keep_the_scores_of_the_algorithms_with_their_seconds(story):
    pd.testing.assert_frame_equal(story["shuffled"].algorithms, story["base"].algorithms)


def test_another_seed_trains_a_version_with_the_same_segments_under_the_same_numbers(story):
    step = story["other seed"]
    assert step.champion == 2
    assert set(step.fates().values()) == {"kept"}
    pd.testing.assert_frame_equal(step.centers, story["base"].centers)
    pd.testing.assert_series_equal(step.segment_of, story["base"].segment_of)
    assert step.moves_since(story["shuffled"]) == {}


def test_five_percent_more_customers_keep_the_numbers(story):
    step = story["5 % more"]
    assert step.champion == 3
    assert step.fates() == dict.fromkeys([1, 2, 3, 4, 5], "kept")
    assert (step.centers - story["base"].centers).abs().max().max() < 5
    moves = step.moves_since(story["other seed"])
    assert moves["customer joined"] == 10
    assert set(moves) <= {"customer joined", "model changed"}
    before, after = story["other seed"].segment_of, step.segment_of
    assert moves.get("model changed", 0) == (after[before.index] != before).sum() <= 5


def test_a_new_group_gets_a_new_number_and_the_others_keep_theirs(story):
    step = story["new group"]
    assert step.fates() == {1: "kept", 2: "kept", 3: "kept", 4: "kept", 5: "kept", 6: "new"}
    assert step.centers.loc[6, "annual_income_k"] == pytest.approx(190, abs=5)
    assert (step.segment_of[[str(i) for i in range(2001, 2033)]] == 6).all()
    moves = step.moves_since(story["5 % more"])
    assert moves["customer joined"] == 32
    assert "customer changed" not in moves


def test_customers_who_change_their_ways_move_by_their_own_doing(story):
    step = story["spend more"]
    assert step.registry["model_version"].max() == story["new group"].registry["model_version"].max()
    moved = step.segment_of[step.segment_of != story["new group"].segment_of]
    assert moved.tolist() == [5] * 5
    assert step.moves_since(story["new group"]) == {"customer changed": 5}


def test_a_group_that_leaves_retires_its_number(story):
    step = story["group removed"]
    assert step.fates() == {1: "kept", 2: "kept", 3: "retired", 4: "kept", 5: "kept", 6: "kept"}
    moves = step.moves_since(story["spend more"])
    assert moves["customer left"] == len(story["spend more"].segment_of) - len(step.segment_of)
    assert "customer joined" not in moves


def test_higher_incomes_make_drift_ask_for_retraining(story):
    step = story["richer"]
    assert "Retrain" in step.drift.loc["annual_income_k", "reading"]
    assert "Stable" in step.drift.loc["spending_score", "reading"]
    assert "WARN 1 retrain" in step.output
    assert set(step.moves_since(story["group removed"])) == {"customer changed"}


def test_scoring_alone_leaves_model_and_scores_alone(story):
    pd.testing.assert_frame_equal(story["richer"].registry, story["group removed"].registry)
    pd.testing.assert_frame_equal(story["richer"].centers, story["group removed"].centers)
    assert "python table model clustering" in story["retrained"].output
    assert "python table model clustering" not in story["richer"].output


def test_retraining_ends_the_drift_and_keeps_the_numbers(story):
    step = story["retrained"]
    assert not step.drift["needs_retraining"].any()
    assert "WARN 1 retrain" not in step.output
    assert set(step.fates().values()) == {"kept"}
    assert set(step.moves_since(story["richer"])) == {"model changed"}


def test_a_pinned_version_scores_again_as_it_did(story):
    assert story["rolled back"].champion == 1
    pd.testing.assert_frame_equal(story["rolled back"].centers, story["base"].centers)
    pd.testing.assert_series_equal(story["rolled back"].segment_of, story["base"].segment_of)


def test_mall_customers_build_without_a_warning(story):
    assert WARNING not in story["base"].output


def stability_index(training: np.ndarray, today: np.ndarray) -> float:
    """Population stability index over the deciles of training, by numpy; an empty bin counts as 0.0001."""
    edges = np.quantile(training, np.arange(1, 10) / 10, method="inverted_cdf")
    before, after = (
        np.bincount(np.searchsorted(edges, values), minlength=10).clip(1e-4 * len(values)) / len(values)
        for values in (training, today)
    )
    return float(np.sum((after - before) * np.log(after / before)))


@pytest.mark.parametrize(("step", "trained_at"), [("richer", "group removed"), ("spend more", "new group")])
def test_drift_is_what_numpy_computes(story, step, trained_at):
    today, training = story[step], story[trained_at]
    for feature, column in {"annual_income_k": INCOME, "spending_score": SCORE}.items():
        then, now = (source.customers[column].to_numpy(float) for source in (training, today))
        drift = today.drift.loc[feature]
        assert drift["stability_index"] == pytest.approx(stability_index(then, now), rel=1e-6, abs=1e-12)
        is_outside = (now < then.min()) | (now > then.max())
        assert drift["share_outside_training_range"] == pytest.approx(is_outside.mean())
        assert (drift["training_mean"], drift["mean"]) == pytest.approx((then.mean(), now.mean()))
    before, after = (source.segment_of.value_counts(normalize=True) for source in (training, today))
    mix = ((after - before) * np.log(after / before)).sum()
    assert today.drift["segment_mix_index"].tolist() == pytest.approx([mix] * 2, rel=1e-6)


def test_the_registry_can_be_rebuilt_from_its_facts(warehouse):
    """The same points, number of segments and seed must give the same centers, in the features' own units."""
    for segmentation in ("income_spending", "demographic"):
        own = f"where segmentation = '{segmentation}'"
        fact = warehouse.query(f"select * from clustering.segmentation_models {own}").iloc[0]
        features = warehouse.query(f"select * from clustering.trained_features {own} order by dimension")
        assert json.loads(fact["features"]) == dict(zip(features["feature"], features["weight"], strict=True))
        sample = warehouse.query(f"select * from features.training_sample {own} order by customer_id")
        points = warehouse.query(f"select * from features.training_points {own} order by customer_id, dimension")
        points = points["coordinate"].to_numpy().reshape(len(sample), -1)
        refitted = segment_fit(
            points,
            sample["sample_weight"].to_numpy(),
            sample["is_evaluated"].to_numpy(),
            np.full(len(sample), np.nan),
            int(fact["n_clusters"]),
            int(fact["random_seed"]),
            next_id=1,
        )
        kept = warehouse.query(f"""
            select segment_id, dimension, center, transform
            from clustering.trained_centroids inner join clustering.trained_features
                using (segmentation, model_version, feature, level)
            {own}
            order by segment_id, dimension
        """)
        assert (refitted["segment_id"] == kept["segment_id"]).all()
        assert set(kept["transform"]) == {"none"}
        scale, mean = (features.set_index("dimension")[column] for column in ("scale", "mean"))
        centers = refitted["center"] * refitted["dimension"].map(scale) + refitted["dimension"].map(mean)
        assert np.allclose(centers, kept["center"], rtol=1e-9)
        assert refitted["inertia"][0] == pytest.approx(fact["inertia"], rel=1e-12)
        assert refitted["silhouette"][0] == pytest.approx(fact["silhouette"], rel=1e-12)


def test_a_bad_challenger_is_kept_reported_and_not_used(new_warehouse):
    few = MALL.sample(60, random_state=0)
    good = built(new_warehouse, few)
    # Twenty segments of sixty customers leave some with one or two.
    forced = {"income_spending": {"features": FEATURES, "n_clusters": 20}}
    refused = built(new_warehouse, few, segmentations=forced)
    assert refused.registry["n_clusters"].tolist() == [good.registry["n_clusters"][0], 20]
    assert refused.champion == 1
    assert "failed a gate" in refused.registry["verdict"][1]
    assert "WARN 1 challenger_refused" in refused.output
    pd.testing.assert_frame_equal(refused.centers, good.centers)
    pd.testing.assert_series_equal(refused.segment_of, good.segment_of)
    assert refused.moves_since(good) == {}


def kill_build(warehouse: Warehouse, customers: Path, last_words: str) -> None:
    """Start a build and kill it, as a machine that fails would, as soon as it says something."""
    command = [str(Path(sys.executable).with_name("dbt")), "build", "--no-use-colors"]
    command += ["--target-path", str(warehouse.folder / "target"), "--log-path", str(warehouse.folder / "logs")]
    command += ["--vars", json.dumps({"customers_file": str(customers)})]
    environment = {"MALL_SEGMENTS_DB": str(warehouse.path), "DBT_PROFILES_DIR": str(PROJECT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=PROJECT, env=os.environ | environment, stdout=subprocess.PIPE, text=True
    ) as process:
        said = next((line for line in process.stdout if last_words in line), None)
        process.kill()
    assert said is not None


@pytest.mark.long
def test_one_segment_more_splits_one_and_leaves_the_others_their_numbers(new_warehouse):
    segmentation = {"features": {"annual_income_k": 1, "spending_score": 1}}
    new_warehouse.dbt(*SEGMENTS_ALONE, project_vars={"segmentations": {"income_spending": segmentation}})
    before = new_warehouse.query("select * from marts.segments").set_index("segment_id")
    new_warehouse.dbt(
        *SEGMENTS_ALONE, project_vars={"segmentations": {"income_spending": segmentation | {"n_clusters": 6}}}
    )
    versions = new_warehouse.query("select * from clustering.segmentation_models order by model_version")
    assert versions["n_clusters"].tolist() == [5, 6]
    after = new_warehouse.query("""
        select segment_id, feature, center from clustering.trained_centroids where model_version = 2
    """).pivot(index="segment_id", columns="feature", values="center")
    assert sorted(after.index) == [1, 2, 3, 4, 5, 6]
    fates = new_warehouse.query("select * from clustering.segment_lineage where model_version = 2")
    assert fates.set_index("segment_id")["fate"].to_dict() == dict.fromkeys(range(1, 6), "kept") | {6: "split"}
    for segment_id, center in before[["mean_annual_income_k", "mean_spending_score"]].iterrows():
        distances = ((after.set_axis(center.index, axis=1) - center) ** 2).sum(axis=1)
        assert distances.idxmin() == segment_id


@pytest.mark.long
def test_a_killed_build_leaves_the_registry_whole(warehouse, new_warehouse):
    shutil.copy(warehouse.path, new_warehouse.path)
    versions_are_whole = """
        select model_version, bool_and(is_whole) as are_whole
        from (
            select model_version, count(*) = max(n_clusters) * count(distinct feature || level) as is_whole
            from clustering.trained_centroids
            group by segmentation, model_version
        )
        group by model_version
    """
    customers = new_warehouse.folder / "more.csv"
    pd.concat([MALL, more_like(MALL, 10)]).to_csv(customers, index=False)
    for last_words in (
        "START python table model clustering.segment_fits",
        "OK created sql incremental model clustering.trained_features",
        "OK created sql incremental model clustering.segment_overlaps",
        "START sql table model clustering.segment_centroids",
    ):
        kill_build(new_warehouse, customers, last_words)
        versions = new_warehouse.query(versions_are_whole)
        assert versions["are_whole"].all()
        champions = new_warehouse.query("select distinct model_version from clustering.segment_centroids")
        assert champions["model_version"].tolist() == [1]

    new_warehouse.dbt("build", project_vars={"customers_file": str(customers)})
    versions = new_warehouse.query(versions_are_whole)
    assert versions["are_whole"].all()
    (champion,) = new_warehouse.query("select distinct model_version from clustering.segment_centroids")[
        "model_version"
    ]
    assert champion == versions["model_version"].max() > 1
    fates = new_warehouse.query(
        f"select distinct fate from clustering.segment_lineage where model_version = {champion}"
    )
    assert not {"merged", "retired"} & set(fates["fate"])


def moves(warehouse: Warehouse) -> pd.DataFrame:
    """Return who moved and why, whenever it was."""
    columns = "segmentation, from_segment_id, to_segment_id, cause"
    return warehouse.query(f"""
        select {columns}, cast(sum(customers) as bigint) as customers
        from marts.segment_migrations group by {columns} order by all
    """)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> tuple[Warehouse, pd.DataFrame]:
    """A warehouse of 150 customers, and the moves when it is built on 200."""
    first = Warehouse(tmp_path_factory.mktemp("undisturbed"))
    few = first.folder / "few.csv"
    MALL.iloc[:150].to_csv(few, index=False)
    first.dbt(*SEGMENTS_ALONE, project_vars={"customers_file": str(few)})
    second = Warehouse(tmp_path_factory.mktemp("undisturbed_second"))
    shutil.copy(first.path, second.path)
    second.dbt(*SEGMENTS_ALONE)
    return first, moves(second)


@pytest.mark.long
def test_a_build_that_died_changes_nothing_that_a_later_one_believes(undisturbed, new_warehouse):
    first, expected = undisturbed
    assert {"customer joined", "model changed"} <= set(expected["cause"])
    shutil.copy(first.path, new_warehouse.path)
    everyone = new_warehouse.folder / "everyone.csv"
    MALL.to_csv(everyone, index=False)
    kill_build(new_warehouse, everyone, "OK created sql table model clustering.segment_centroids")
    new_warehouse.dbt(*SEGMENTS_ALONE)
    pd.testing.assert_frame_equal(moves(new_warehouse), expected)


@pytest.mark.long
def test_tables_alone_before_a_build_attribute_moves_as_the_build_would(undisturbed, new_warehouse):
    first, expected = undisturbed
    shutil.copy(first.path, new_warehouse.path)
    new_warehouse.dbt("run")
    new_warehouse.dbt(*SEGMENTS_ALONE)
    pd.testing.assert_frame_equal(moves(new_warehouse), expected)


@pytest.mark.long
def test_a_clock_set_back_changes_no_order(undisturbed, new_warehouse):
    first, expected = undisturbed
    shutil.copy(first.path, new_warehouse.path)
    with duckdb.connect(str(new_warehouse.path)) as connection:
        connection.execute("update clustering.segment_changes set seen_at = seen_at + interval 5 day")
    new_warehouse.dbt(*SEGMENTS_ALONE)
    pd.testing.assert_frame_equal(moves(new_warehouse), expected)
    periods = new_warehouse.query("select * from marts.segment_history where valid_to is not null")
    assert len(periods) > 0
    assert (periods["valid_to"] > periods["valid_from"]).all()


@pytest.mark.long
def test_a_full_refresh_forgets_no_version_and_no_move(undisturbed, new_warehouse):
    first, expected = undisturbed
    shutil.copy(first.path, new_warehouse.path)
    new_warehouse.dbt(*SEGMENTS_ALONE, "--full-refresh")
    pd.testing.assert_frame_equal(moves(new_warehouse), expected)
    versions = new_warehouse.query("select distinct segmentation, model_version from clustering.segmentation_models")
    assert len(versions) == 4


def test_a_state_table_of_another_edition_stops_the_build(new_warehouse):
    with duckdb.connect(str(new_warehouse.path)) as connection:
        connection.execute("create schema clustering")
        connection.execute("create table clustering.trained_centroids (segmentation varchar, center double)")
        connection.execute("insert into clustering.trained_centroids values ('income_spending', 1)")
    result = new_warehouse.dbt("build", check=False)
    assert result.returncode != 0
    assert "another edition of mall_segments wrote it" in " ".join(result.stdout.split())
    assert new_warehouse.query("select count(*) as n from clustering.trained_centroids")["n"][0] == 1


def test_scores_of_another_edition_are_made_anew(warehouse, new_warehouse):
    scores = "from clustering.cluster_count_scores order by segmentation, n_clusters, score"
    shutil.copy(warehouse.path, new_warehouse.path)
    with new_warehouse.writing() as connection:
        connection.execute("alter table clustering.cluster_count_scores drop column value")
    new_warehouse.dbt("run", "--select", "cluster_count_scores")
    pd.testing.assert_frame_equal(new_warehouse.query(scores), warehouse.query(scores))
