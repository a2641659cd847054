"""Spark builds the tables that DuckDB builds, from the same files."""

import datetime
import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from engine_tables import cdnow, differences, later_customers, shop, with_table
from project import SEGMENTS_ALONE, Warehouse
from spark_warehouse import SparkWarehouse

from benchmarks.engines import SCHEMAS
from mall_segments.problems import ProblemError
from mall_segments.publish import publish
from mall_segments.spark import copy_warehouse

pytest.importorskip("pyspark", reason="Spark is not installed")
frames = pytest.importorskip("dbt.adapters.pythonspark.frames", reason="engines/ is not installed")
queries = pytest.importorskip("dbt.adapters.pythonspark.queries", reason="engines/ is not installed")
session = pytest.importorskip("dbt.adapters.pythonspark.session", reason="engines/ is not installed")
impl = pytest.importorskip("dbt.adapters.pythonspark.impl", reason="engines/ is not installed")


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """The mall data built once by Spark."""
    if not shutil.which("java"):
        pytest.skip("Java is not installed")
    built = SparkWarehouse(tmp_path_factory.mktemp("spark"))
    built.dbt("build")
    return built


@pytest.fixture
def spark(monkeypatch):
    """Start Spark in this process on a warehouse, and stop it after the test."""
    if not shutil.which("java"):
        pytest.skip("Java is not installed")

    def start(warehouse: SparkWarehouse):
        for name, value in warehouse.environment().items():
            monkeypatch.setenv(name, value)
        return session.session(impl.PythonSparkCredentials(warehouse=str(warehouse.tables), master="local[2]"))

    yield start
    session.stop()


def test_the_segments_of_the_mall_are_the_same(warehouse, tmp_path):
    if not shutil.which("java"):
        pytest.skip("Java is not installed")
    built = SparkWarehouse(tmp_path)
    built.dbt(*SEGMENTS_ALONE)
    found = built.differences_in_files(warehouse, ("raw", "staging", "features", "clustering", "marts"))
    assert not found, "\n".join(found[:20])


@pytest.mark.long
def test_the_mall_data_is_the_same(warehouse, lake):
    found = lake.differences_in_files(warehouse)
    assert not found, "\n".join(found[:20])


def check_equal(built: Warehouse, folder: Path, but: tuple[str, ...] = ()) -> None:
    """Compare all tables and views of the Spark that runs with those of a DuckDB file, but for some columns."""
    copy_warehouse(folder / "all.duckdb", SCHEMAS)
    with (
        duckdb.connect(str(built.path), read_only=True) as ours,
        duckdb.connect(str(folder / "all.duckdb")) as theirs,
    ):
        found = differences(ours, theirs)
    found = [each for each in found if each.split(" is ")[0].rpartition(".")[2] not in but]
    assert not found, "\n".join(found[:20])


def lists_in(folder: Path) -> dict[Path, list[bytes]]:
    """Return the rows of each published list; in what order they stand in those of segments is not promised."""
    return {path.relative_to(folder): sorted(path.read_bytes().splitlines()) for path in folder.rglob("*.csv")}


@pytest.mark.long
def test_views_are_the_same_and_so_is_what_is_published(warehouse, lake, spark, exports, tmp_path):
    spark(lake)
    check_equal(warehouse, tmp_path)
    copy_warehouse(tmp_path / "warehouse.duckdb")
    publish(tmp_path / "warehouse.duckdb", tmp_path / "exports")
    assert lists_in(exports)
    assert lists_in(tmp_path / "exports") == lists_in(exports)


@pytest.mark.long
def test_the_function_answers_the_same(warehouse, lake, spark):
    started = spark(lake)
    query = "select * from marts.classify_customer({}, {})"
    for income, score in ((15, 39), (137, 18.5), ("null", 50), (1e6, -3)):
        expected = warehouse.query(query.format(income, score))
        actual = frames.read(started, f"({query.format(income, score)})")
        pd.testing.assert_frame_equal(actual, expected, check_dtype=False)


@pytest.mark.long
def test_a_second_build_of_changed_dirty_and_removed_customers_is_the_same(warehouse, lake, spark, tmp_path):
    copied = Warehouse(tmp_path)
    shutil.copy(warehouse.path, copied.path)
    customers = later_customers()
    with_table(copied, "raw.later", customers)
    lake.write("raw.later", customers)
    for built in (copied, lake):
        built.dbt("build", project_vars={"customers_table": "raw.later"})
    spark(lake)
    check_equal(copied, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("example", [shop, cdnow])
def test_purchases_and_what_follows_from_them_are_the_same(spark, tmp_path, example):
    orders, project_vars = example()
    ours, theirs = Warehouse(tmp_path), SparkWarehouse(tmp_path)
    with_table(ours, "raw.orders", orders)
    theirs.write("raw.orders", orders)
    for built in (ours, theirs):
        built.dbt("build", project_vars=project_vars)
    spark(theirs)
    # The last digit of a logarithm is Java's own, and so is the hash of what was trained on.
    check_equal(ours, tmp_path, ("data_hash", "fit_hash", "scores_hash"))


@pytest.mark.long
def test_the_unit_tests_of_the_sql_pass(lake):
    result = lake.dbt("test", "--select", "test_type:unit")
    assert "ERROR=0" in result.stdout
    assert "PASS=0" not in result.stdout


@pytest.mark.long
def test_frames_and_counts_of_broken_rules_are_those_of_the_rows(lake, spark):
    day = datetime.date(2026, 11, 29)
    frame = pd.DataFrame(
        {
            "a `name`": pd.Series([1, 2, 2], dtype="int64"),
            "small": pd.Series([1, 2, 3], dtype="int32"),
            "share": [0.1, float("nan"), 1.5],
            "flag": [True, False, True],
            "maybe": pd.Series([True, None, None], dtype=object),
            "text": pd.Series(["it's \\ 100 %", None, ""], dtype=object),
            "at": pd.Series([datetime.datetime(2026, 11, 29, 12, 30), None, None], dtype="datetime64[us]"),
            "day": pd.Series([day, None, None], dtype=object),
        }
    )
    started = spark(lake)
    assert frames.write(started, "raw.frame", frame) == 3
    back = frames.read(started, "raw.frame")
    expected = frame.assign(day=pd.Series([pd.Timestamp(day), None, None], dtype="datetime64[us]"))
    pd.testing.assert_frame_equal(back, expected)
    rules = {}
    for constraint, columns in (
        ({"type": "primary_key"}, ["small"]),
        ({"type": "unique"}, ["a `name`", "flag"]),
        ({"type": "unique"}, ["a `name`"]),
        ({"type": "not_null"}, ["text"]),
        ({"type": "check", "expression": "share between 0 and 1"}, []),
    ):
        rules |= impl.counts_of_broken(constraint, columns)
    found = started.sql(f"select {', '.join(rules.values())} from raw.frame").first()
    started.sql("drop table raw.frame")
    assert dict(zip(rules, found, strict=True)) == {
        "`small` is null": 0,
        "`small` repeats": 0,
        "`a `name`, flag` repeats": 0,
        "`a `name`` repeats": 1,
        "`text` is null": 1,
        "not share between 0 and 1": 1,
    }


def test_the_steps_of_a_query_are_found_whatever_stands_in_its_texts():
    sql = """with a as /* not materialized */ (select 1 -- )
        as b), `from a` as (select 2), c as (select '('' from a)' as d from a) select b from a join c"""
    assert queries.steps_of(sql) == ([], sql)  # quoted names are left alone
    found, rest = queries.steps_of(sql.replace(" `from a` as (select 2),", ""))
    assert [(step.name, step.is_reread) for step in found] == [("a", True), ("c", False)]
    assert found[1].query == "select '('' from a)' as d from a"
    assert rest == " select b from a join c"
    assert queries.reads(found[1].query + rest, "a") == 2
    assert queries.steps_of("select 1") == ([], "select 1")


@pytest.mark.long
def test_steps_that_are_read_twice_are_computed_once(lake, spark):
    started = spark(lake)
    sql = "with a as (select rand() as b), c as (select b from a) select x.b = y.b from a as x cross join c as y"
    read, held = queries.with_held_steps(started, sql)
    assert started.sql(read).collect() == [(True,)]
    assert len(held) == 1
    unread, none = queries.with_held_steps(started, "with a as (select 1 as b) select b from a")
    assert (unread, none) == ("with a as (select 1 as b) select b from a", [])


def test_publishing_from_where_no_folder_is_ends_in_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("MALL_SEGMENTS_SPARK", str(tmp_path / "nowhere"))
    with pytest.raises(ProblemError, match=r"no folder `.*nowhere`; run `make spark`"):
        copy_warehouse(tmp_path / "warehouse.duckdb")
