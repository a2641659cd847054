"""Spark builds the same tables on a cluster of several workers, and on a server of Spark Connect."""

import shutil
import sys
import threading
import time

import pytest
from spark_warehouse import QUICK, SparkWarehouse

from benchmarks.engines import EVENTS, work_of_spark

pytest.importorskip("pyspark", reason="Spark is not installed")
pytest.importorskip("dbt.adapters.pythonspark", reason="engines/ is not installed")
from spark_cluster import kill, running_cluster, running_server

pytestmark = pytest.mark.long

# Two tasks to a statement, so that there is work for both workers, and what each of them did, written down.
SHARED = """
spark.sql.shuffle.partitions 2
spark.default.parallelism 2
spark.sql.adaptive.enabled false
spark.sql.codegen.wholeStage false
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dderby.system.durability=test
spark.executor.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
"""


@pytest.fixture
def folder(tmp_path):
    if not shutil.which("java"):
        pytest.skip("Java is not installed")
    return tmp_path


@pytest.fixture
def lake(folder):
    """A folder of tables that a cluster is to build."""
    events = folder / "events"
    events.mkdir()
    return SparkWarehouse(folder, SHARED + EVENTS.format(events.as_uri()))


def test_two_workers_do_the_work_and_when_one_is_killed_the_build_goes_on(warehouse, lake):
    with running_cluster(lake.folder, lake.settings) as (master, workers):
        lake.where = {"SPARK_MASTER": master, "PYSPARK_PYTHON": sys.executable}
        killed = threading.Event()

        def kill_one() -> None:
            until = time.monotonic() + 1200
            while not list(lake.tables.glob("tables/clustering.db/customer_scores__dbt_tmp")):
                if time.monotonic() > until:
                    return
                time.sleep(0.1)
            kill(workers[0])
            killed.set()

        killer = threading.Thread(target=kill_one, daemon=True)
        killer.start()
        lake.dbt("build")
        killer.join()
    assert killed.is_set()
    found = lake.differences_in_files(warehouse)
    assert not found, "\n".join(found[:20])
    done = work_of_spark(lake.folder / "events")["tasks"]
    print(done)
    assert done.keys() == {"0", "1"}  # the driver did none
    assert min(done.values()) > 100


def test_a_server_of_spark_connect_makes_the_same_tables(warehouse, folder):
    pytest.importorskip("grpc_status", reason="pyspark[connect] is not installed")
    lake = SparkWarehouse(folder, QUICK)
    with running_server(folder, lake.tables, lake.settings) as address:
        lake.where = {"SPARK_REMOTE": address}
        lake.dbt("build")
    found = lake.differences_in_files(warehouse)
    assert not found, "\n".join(found[:20])
