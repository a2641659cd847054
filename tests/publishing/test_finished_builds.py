"""Only a build that finished is published, and what counts as one."""

import shutil

import duckdb
import pytest
from project import Warehouse

from mall_segments.problems import ProblemError
from mall_segments.publish import finished_build, published_relations
from mall_segments.warehouse import open_warehouse


@pytest.fixture(scope="module")
def own(warehouse, tmp_path_factory) -> Warehouse:
    """A copy of the built warehouse to build on."""
    own = Warehouse(tmp_path_factory.mktemp("own"))
    shutil.copy(warehouse.path, own.path)
    return own


def build_to_publish(warehouse: Warehouse) -> str:
    with open_warehouse(warehouse.path) as connection:
        return finished_build(connection)["build"]


def builds(warehouse: Warehouse) -> list[tuple]:
    rows = warehouse.query("select build_number, event from meta.builds order by build_number, event <> 'started'")
    return list(rows.itertuples(index=False, name=None))


def test_build_that_made_everything_is_finished_and_one_that_made_a_part_is_not(own):
    first = build_to_publish(own)
    assert builds(own) == [(1, "started"), (1, "finished")]

    # Nothing that is published changes.
    for harmless in (["seed"], ["test", "-s", "segments"], ["build", "-s", "customer_facts"]):
        own.dbt(*harmless)
    assert build_to_publish(own) == first

    own.dbt("run", "-s", "segments")
    with pytest.raises(ProblemError, match=r"did not finish \(not built: .* more\); run `dbt build`"):
        build_to_publish(own)

    # Scoring with the models there are makes every published table, so it is a build.
    own.dbt("build", "--selector", "score")
    assert build_to_publish(own) != first
    assert builds(own)[2:] == [(2, "started"), (2, "unfinished"), (3, "started"), (3, "finished")]


def test_build_that_failed_is_not_finished(own):
    with duckdb.connect(str(own.path)) as connection:
        connection.execute("alter table raw.segment_names rename to segment_names_hidden")
    own.dbt("run", check=False)
    with pytest.raises(ProblemError, match="did not finish"):
        build_to_publish(own)
    with duckdb.connect(str(own.path)) as connection:
        connection.execute("alter table raw.segment_names_hidden rename to segment_names")
    own.dbt("run")
    assert build_to_publish(own)


def test_warehouse_without_a_word_of_builds_is_not_published(tmp_path):
    path = tmp_path / "old.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts; create table marts.segments as select 1 as segment_id")
    with (
        open_warehouse(path) as connection,
        pytest.raises(ProblemError, match="does not say that a build of its marts has finished; run `dbt build`"),
    ):
        finished_build(connection)


def test_what_a_killed_build_left_behind_is_no_mart(tmp_path):
    path = tmp_path / "left.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        for name in ("segments", "segments__dbt_backup", "customers__dbt_tmp", "history__dbt_tmp20261125"):
            connection.execute(f"create table marts.{name} as select 1 as one")
    with open_warehouse(path) as connection:
        assert published_relations(connection)["name"].tolist() == ["segments"]
