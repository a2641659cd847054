"""A warehouse file is read under whatever name and behind whatever prefix dbt left it."""

import shutil
import subprocess
import sys

import duckdb
import pytest

from mall_segments.problems import ProblemError
from mall_segments.warehouse import open_warehouse, set_limits


def built(path, sql: str):
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)
    return path


def answers(path, *queries: str) -> list[list[tuple]]:
    with open_warehouse(path) as connection:
        return [connection.sql(query).fetchall() for query in queries]


def test_views_of_a_file_that_was_renamed_find_their_tables(tmp_path):
    """Some views carry the name that the file had; one reads the other, and comes before it by name."""
    former = built(
        tmp_path / "my shop.duckdb",
        """
        create schema marts; create schema "odd ""schema";
        create table marts.segments as select 7 as segment_id, 5 as customers;
        create table "odd ""schema".plain as select 1 as one;
        create view marts.later as from "my shop".marts.segments pivot (sum(customers) for segment_id in (7));
        create view marts.earlier as select * from query_table('"my shop"."marts"."later"');
        create view marts.odd as select * from query_table('"my shop"."odd ""schema".plain');
        """,
    )
    with duckdb.connect(str(former), read_only=True) as connection:
        texts = connection.sql("select sql from duckdb_views() where schema_name = 'marts'").fetchall()
    assert all('"my shop"' in text for (text,) in texts)
    queries = ("from marts.segments", "from marts.later", "from marts.earlier", "from marts.odd")
    expected = [[(7, 5)], [(5,)], [(5,)], [(1,)]]
    assert answers(former, *queries) == expected
    renamed = tmp_path / "any name.duckdb"
    shutil.copy(former, renamed)
    assert answers(renamed, *queries) == expected


def test_a_view_that_cannot_be_served_leaves_the_others_readable(tmp_path):
    former = built(
        tmp_path / "shop.duckdb",
        """
        create schema marts;
        create table marts.gone as select 1 as one;
        create table marts.segments as select 7 as segment_id;
        create view marts.broken as select * from query_table('shop.marts.gone');
        create view marts.sound as select * from query_table('shop.marts.segments');
        drop table marts.gone;
        """,
    )
    renamed = former.rename(tmp_path / "other.duckdb")
    assert answers(renamed, "from marts.sound") == [[(7,)]]


PREFIXED = """
    create schema dev_marts; create schema dev_campaigns; create schema other;
    create table dev_marts.segments as select 7 as segment_id, 'a' as "odd ""name";
    create view dev_marts.named as from dev_marts.segments;
    create table dev_campaigns.results as select 1 as one;
    create table other.notes as select 2 as two;
    comment on table dev_marts.segments is 'Who''s where';
    comment on column dev_marts.segments."odd ""name" is 'It''s odd';
    create macro dev_marts.segment(id, "odd ""argument") as table (
        select segments.segment_id, results.one
        from dev_marts.segments as segments, "dev_campaigns".results
        where segment_id = id
    );
"""


def test_schemas_behind_a_prefix_have_their_plain_names(tmp_path):
    path = built(tmp_path / "dev.duckdb", PREFIXED)
    assert answers(
        path,
        "from marts.segments",
        "from marts.named",
        "from campaigns.results",
        "from marts.segment(7, 0)",
        "select comment from duckdb_views() where database_name = current_database() and view_name = 'segments'",
        "select column_name, comment from duckdb_columns() where database_name = current_database() and comment != ''",
        "select schema_name from duckdb_schemas() where database_name = current_database() and not internal order by 1",
    ) == [
        [(7, "a")],
        [(7, "a")],
        [(1,)],
        [(7, 1)],
        [("Who's where",)],
        [('odd "name', "It's odd")],
        [("campaigns",), ("marts",)],
    ]


def test_of_several_targets_the_plain_one_is_read_and_else_none(tmp_path):
    other = "create schema ci_marts; create table ci_marts.segments as select 8 as segment_id;"
    plain = "create schema marts; create table marts.segments as select 9 as segment_id;"
    both = built(tmp_path / "both.duckdb", PREFIXED + other)
    with pytest.raises(ProblemError, match=r"both.duckdb holds the marts of several targets \(ci_marts, dev_marts\)"):
        answers(both, "from marts.segments")
    assert answers(built(both, plain), "from marts.segments") == [[(9,)]]
    one = built(tmp_path / "one.duckdb", PREFIXED + plain)
    assert answers(one, "from marts.segments") == [[(9,)]]


def test_a_build_that_ends_soon_is_waited_for(tmp_path):
    path = built(tmp_path / "held.duckdb", "create schema marts; create table marts.segments as select 7 as segment_id")
    script = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('open', flush=True); time.sleep(0.7)"
    with subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True) as build:
        build.stdout.readline()
        assert answers(path, "from marts.segments") == [[(7,)]]


def test_memory_and_the_place_for_what_does_not_fit_are_set(tmp_path):
    spill = tmp_path / "it's here"
    with duckdb.connect() as connection:
        set_limits(connection, "100MiB", spill)
        settings = "select current_setting('memory_limit'), current_setting('temp_directory')"
        assert connection.sql(settings).fetchall() == [("100.0 MiB", str(spill))]
        with pytest.raises(ProblemError, match="The memory limit `much` is not a size"):
            set_limits(connection, "much")
