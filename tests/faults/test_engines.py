"""Builds of other engines killed at random moments: the next one makes the tables that DuckDB makes.

`MALL_SEGMENTS_FAULTS` says how many builds are killed, on Spark a tenth of it, since they take minutes;
`MALL_SEGMENTS_SEED` draws other moments.
"""

import os
import random
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from engine_tables import differences, later_customers, with_table
from killing import killed
from postgres import PostgresWarehouse, running_cluster
from project import Warehouse
from spark_warehouse import QUICK, SparkWarehouse

KILLS = int(os.environ.get("MALL_SEGMENTS_FAULTS", "2"))
SEED = int(os.environ.get("MALL_SEGMENTS_SEED", "42"))
LATER = {"customers_table": "raw.later"}

pytestmark = pytest.mark.long


def kill_builds(target: str, built: Warehouse, wanted: int, reading: Callable) -> tuple[bool, bool]:
    """Build the mall data, kill builds of its customers of a later day at random moments, and let one end.

    Returns whether a build before that one came as far as writing the models it trained, which the last one then does
    not train again, and as far as writing its champions, which are the former ones by then.
    """
    started = time.monotonic()
    built.dbt("build")
    took = time.monotonic() - started
    built.write("raw.later", later_customers())
    command = [str(Path(sys.executable).with_name("dbt")), "build", "--target", target]
    command += ["--vars", '{"customers_table": "raw.later"}']
    chance, kills = random.Random(SEED), 0
    while kills < wanted:
        moment = chance.uniform(0, took)
        ended_after = killed(command, built.environment(), moment)
        print(f"{target}: killed after {moment:.0f} of {took:.0f} s" if ended_after is None else f"{target}: ended")
        kills, took = kills + (ended_after is None), ended_after or took
    with closing(reading()) as cursor:
        cursor.execute("select count(*) from clustering.trained_centroids where model_version > 1")
        has_trained = cursor.fetchone()[0] > 0
        cursor.execute("select count(*) from clustering.champion_history where build_number > 1")
        has_written = cursor.fetchone()[0] > 0
    built.dbt("build", project_vars=LATER)
    return has_trained, has_written


def assert_right(built: Warehouse, has_trained: bool, has_written: bool, folder: Path, compare: Callable) -> None:
    """Fail where DuckDB's tables are others, after as many builds of the later day as came as far as champions."""
    ours = Warehouse(folder)
    shutil.copy(built.path, ours.path)
    with_table(ours, "raw.later", later_customers())
    for _ in range(1 + has_written):
        ours.dbt("build", project_vars=LATER)
    found = compare(ours)
    if has_trained and not has_written:
        # It holds what its own build trained, which here is nothing.
        found = [each for each in found if not each.startswith("clustering.segment_fits has 0 rows")]
    assert not found, "\n".join(found[:20])


def test_a_build_of_postgres_killed_at_any_moment_is_followed_by_a_right_one(warehouse, tmp_path):
    def compare(ours: Warehouse) -> list[str]:
        with duckdb.connect(str(ours.path), read_only=True) as connection, closing(database.connect()) as theirs:
            return differences(connection, theirs.cursor())

    with running_cluster() as variables:
        database = PostgresWarehouse(tmp_path, variables)
        connection = database.connect()
        connection.autocommit = True
        came_to = kill_builds("postgres", database, KILLS, connection.cursor)
        connection.close()
        assert_right(warehouse, *came_to, tmp_path, compare)


def test_a_build_of_spark_killed_at_any_moment_is_followed_by_a_right_one(warehouse, tmp_path):
    pytest.importorskip("pyspark", reason="Spark is not installed")
    if not shutil.which("java"):
        pytest.skip("Java is not installed")
    # Derby has to write down what it says it has written.
    lake = SparkWarehouse(tmp_path, QUICK.replace("-Dderby.system.durability=test", ""))
    came_to = kill_builds("spark", lake, max(1, KILLS // 10), lake.read_tables)
    assert_right(warehouse, *came_to, tmp_path, lake.differences_in_files)
