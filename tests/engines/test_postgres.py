"""PostgreSQL builds the tables that DuckDB builds, from the same files."""

import datetime
import json
import shutil
from decimal import Decimal

import duckdb
import pandas as pd
import pytest
from engine_tables import cdnow, differences, later_customers, shop, with_table
from postgres import PostgresWarehouse, running_cluster
from project import PROJECT, Warehouse

from mall_segments import cli
from mall_segments.postgres import copy_warehouse
from mall_segments.problems import ProblemError
from mall_segments.publish import publish

psycopg2 = pytest.importorskip("psycopg2", reason="dbt-postgres is not installed")
frames = pytest.importorskip("dbt.adapters.pythonpostgres.frames", reason="engines/ is not installed")
local_frames = pytest.importorskip("dbt.adapters.localpython.frames", reason="engines/ is not installed")


@pytest.fixture(scope="module")
def cluster():
    with running_cluster() as variables:
        yield variables


@pytest.fixture(scope="module")
def database(cluster, tmp_path_factory):
    """The mall data built once by PostgreSQL."""
    built = PostgresWarehouse(tmp_path_factory.mktemp("postgres"), cluster)
    built.dbt("build")
    return built


@pytest.fixture(scope="module")
def second_builds(warehouse, database, tmp_path_factory):
    """The next build on each engine: of changed, dirty, removed and new customers, in a table of their own."""
    copied = Warehouse(tmp_path_factory.mktemp("second"))
    shutil.copy(warehouse.path, copied.path)
    customers = later_customers()
    with_table(copied, "raw.later", customers)
    database.write("raw.later", customers)
    for built in (copied, database):
        built.dbt("build", project_vars={"customers_table": "raw.later"})
    return copied, database


def assert_same(warehouse: Warehouse, database: PostgresWarehouse) -> None:
    """Fail where the two engines hold something else."""
    with duckdb.connect(str(warehouse.path), read_only=True) as ours, database.connect() as theirs:
        found = differences(ours, theirs.cursor())
    theirs.close()
    assert not found, "\n".join(found[:20])


def test_the_mall_data_is_the_same(warehouse, database):
    assert_same(warehouse, database)


def test_the_function_answers_the_same(warehouse, database):
    query = "select * from marts.classify_customer({}, {}) order by segment_id"
    for income, score in ((15, 39), (137, 18.5), ("null", 50), (1e6, -3)):
        expected = warehouse.query(query.format(income, score))
        with database.connect() as connection:
            actual = frames.read(connection.cursor(), f"({query.format(income, score)}) as answer")
        connection.close()
        pd.testing.assert_frame_equal(actual, expected, check_dtype=False)


def test_the_columns_are_described_the_same(warehouse, database):
    described = warehouse.query("""
        select schema_name, table_name, column_name, comment from duckdb_columns()
        where comment != '' and database_name = current_database()
    """)
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("""
            select schemas.nspname, tables.relname, columns.attname, said.description
            from pg_description as said
            inner join pg_class as tables on said.objoid = tables.oid and said.classoid = 'pg_class'::regclass
            inner join pg_attribute as columns on tables.oid = columns.attrelid and said.objsubid = columns.attnum
            inner join pg_namespace as schemas on tables.relnamespace = schemas.oid
            where said.objsubid > 0 and schemas.nspname not in ('pg_catalog', 'information_schema')
        """)
        found = set(cursor.fetchall())
    connection.close()
    assert len(found) > 900
    assert found == set(described.itertuples(index=False, name=None))


def test_publishing_from_where_no_server_is_ends_in_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGPORT", "1")
    with pytest.raises(ProblemError, match=r"does not let us in .*; say in PGHOST, PGPORT"):
        copy_warehouse(tmp_path / "warehouse.duckdb")


def test_texts_and_nulls_are_copied_as_they_are(cluster, monkeypatch, tmp_path):
    for name, value in cluster.items():
        monkeypatch.setenv(name, value)
    frame = pd.DataFrame(
        {
            "text": ["", None, "NULL", 'a "quoted", one', "two\r\nlines\n", "\\.", "\\N", " é母 "],
            "number": [0.1, None, float("inf"), -1e-300, 1e300, 0.1 + 0.2, 5e-324, 0.0],
            "flag": pd.Series([True, False, None, True, True, True, True, True], dtype=object),
        }
    )
    connection = psycopg2.connect(host=cluster["PGHOST"], port=cluster["PGPORT"], user="postgres")
    with connection, connection.cursor() as cursor:
        cursor.execute("create schema if not exists reporting")
        frames.write(cursor, "reporting.copied", frame)
        cursor.execute("comment on column reporting.copied.text is 'It''s a text.'")
    try:
        copy_warehouse(tmp_path / "warehouse.duckdb")
    finally:
        with connection, connection.cursor() as cursor:
            cursor.execute("drop table reporting.copied")
        connection.close()
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as copy:
        assert copy.sql("from reporting.copied").fetchall() == list(
            frame.replace({float("nan"): None}).itertuples(index=False, name=None)
        )
        said = copy.sql("select comment from duckdb_columns() where table_name = 'copied' and column_name = 'text'")
        assert said.fetchall() == [("It's a text.",)]


@pytest.mark.long
def test_the_unit_tests_of_the_sql_pass(database):
    result = database.dbt("test", "--select", "test_type:unit")
    assert "ERROR=0" in result.stdout
    assert "PASS=0" not in result.stdout


@pytest.mark.long
def test_what_is_published_is_the_same(database, exports, monkeypatch, tmp_path):
    for name, value in database.variables.items():
        monkeypatch.setenv(name, value)
    copy_warehouse(tmp_path / "warehouse.duckdb")
    publish(tmp_path / "warehouse.duckdb", tmp_path / "exports")
    lists = [{path.relative_to(each): path for path in each.rglob("*.csv")} for each in (exports, tmp_path / "exports")]
    assert lists[0]
    assert lists[0].keys() == lists[1].keys()
    for name, path in lists[0].items():
        assert lists[1][name].read_bytes() == path.read_bytes(), name
    published = [
        duckdb.connect(str(each / "segments.duckdb"), read_only=True) for each in (exports, tmp_path / "exports")
    ]
    assert not differences(*published, ("marts", "campaigns", "reporting"))


@pytest.mark.long
def test_a_second_build_of_changed_dirty_and_removed_customers_is_the_same(second_builds):
    assert_same(*second_builds)


@pytest.fixture
def empty(cluster, tmp_path):
    """Another database of the cluster, to be built from nothing."""
    name = tmp_path.name.lower()
    connection = psycopg2.connect(host=cluster["PGHOST"], port=cluster["PGPORT"], user="postgres")
    connection.autocommit = True
    connection.cursor().execute(f'create database "{name}" template template0')
    connection.close()
    return PostgresWarehouse(tmp_path, cluster | {"PGDATABASE": name})


@pytest.mark.long
@pytest.mark.parametrize("example", [shop, cdnow])
def test_purchases_and_what_follows_from_them_are_the_same(empty, tmp_path, example):
    orders, project_vars = example()
    ours = Warehouse(tmp_path)
    with_table(ours, "raw.orders", orders)
    empty.write("raw.orders", orders)
    for built in (ours, empty):
        built.dbt("build", project_vars=project_vars)
    assert_same(ours, empty)


@pytest.mark.long
def test_a_past_built_month_by_month_is_the_same(empty, monkeypatch, tmp_path):
    orders, project_vars = cdnow()
    del project_vars["as_of"]
    orders = orders[orders["customer"].str.endswith("7")]
    ours = Warehouse(tmp_path)
    with_table(ours, "raw.orders", orders)
    empty.write("raw.orders", orders)
    monkeypatch.chdir(PROJECT)
    months = ["--from", "1997-02", "--to", "1997-03", "--vars", json.dumps(project_vars)]
    for built, options in ((ours, ["--warehouse", str(ours.path)]), (empty, ["--postgres"])):
        for name, value in built.environment().items():
            monkeypatch.setenv(name, value)
        assert cli.main(["backfill", *options, *months]) == 0
    assert_same(ours, empty)
    assert cli.main(["backfill", "--postgres", *months]) == 1  # the history has gone past them


@pytest.mark.long
def test_a_project_that_has_this_one_as_a_package_builds_the_same(empty, tmp_path):
    project = tmp_path / "corner shop"
    shutil.copytree(PROJECT / "tests" / "package" / "consumer", project)
    (project / "packages.yml").write_text(json.dumps({"packages": [{"local": str(PROJECT)}]}))
    ours = Warehouse(project, project)
    empty.project = project
    ours.dbt("deps")
    ours.dbt("build", "--target", "prod")  # with schemas of plain names
    empty.dbt("build")
    assert_same(ours, empty)


@pytest.mark.long
@pytest.mark.parametrize("dtype", ["int64", "float64"])
def test_ids_that_are_numbers_become_the_texts_of_whole_numbers(empty, dtype):
    customers = pd.DataFrame({"customer_id": pd.Series([10, 200, 3000], dtype=dtype), "visits": [1.0, 2.0, 3.0]})
    empty.write("raw.numbered", customers)
    project_vars = {
        "customers_table": "raw.numbered",
        "customer_columns": {"customer_id": {}, "visits": {}},
        "segmentations": {"visitors": {"features": {"visits": 1}}},
        "value_features": {"visits": 1},
        "fixed_features": [],
    }
    empty.dbt("run", "--select", "column_readings", "stg_customers", project_vars=project_vars)
    connection = empty.connect()
    read = frames.read(connection.cursor(), "staging.stg_customers")
    connection.close()
    assert sorted(read["customer_id"]) == ["10", "200", "3000"]


def test_a_frame_comes_back_from_its_table_as_it_was(cluster):
    day = datetime.date(2026, 11, 29)
    frame = pd.DataFrame(
        {
            'a "name"': pd.Series([1, 2], dtype="int64"),
            "small": pd.Series([1, 2], dtype="int32"),
            "share": [0.1, float("nan")],
            "flag": [True, False],
            "maybe": pd.Series([True, None], dtype=object),
            "text": pd.Series(["it's 100 %", None], dtype=object),
            "at": pd.Series([datetime.datetime(2026, 11, 29, 12, 30), None], dtype="datetime64[us]"),
            "exact": pd.Series([Decimal("1.5"), None], dtype=object),
            "day": pd.Series([day, None], dtype=object),
        }
    )
    connection = psycopg2.connect(host=cluster["PGHOST"], port=cluster["PGPORT"], user="postgres")
    with connection.cursor() as cursor:
        assert frames.write(cursor, "frame", frame) == 2
        back = frames.read(cursor, "frame")
    connection.close()
    expected = frame.assign(exact=[1.5, float("nan")], day=pd.Series([pd.Timestamp(day), None], dtype="datetime64[us]"))
    pd.testing.assert_frame_equal(back, expected)


def test_a_column_of_no_known_type_is_refused_in_a_sentence():
    with pytest.raises(TypeError, match=r"column `pairs`.*make it numbers, texts, booleans or dates"):
        local_frames.column_type(pd.Series([(1, 2)], name="pairs"))


@pytest.mark.long
def test_a_database_that_sorts_by_a_language_is_warned_of(cluster, tmp_path):
    connection = psycopg2.connect(host=cluster["PGHOST"], port=cluster["PGPORT"], user="postgres")
    connection.autocommit = True
    connection.cursor().execute("create database english template template0 locale_provider icu icu_locale 'en'")
    connection.close()
    english = PostgresWarehouse(tmp_path, cluster | {"PGDATABASE": "english"})
    assert "sorts texts by the rules of a language" in english.dbt("build", "--select", "as_of_day").stdout


@pytest.mark.long
def test_a_file_is_refused_in_a_sentence(database):
    result = database.dbt("build", project_vars={"customers_file": "examples/bank/customers.csv"}, check=False)
    assert result.returncode
    assert "PostgreSQL does not read the file `examples/bank/customers.csv`; load it into a table" in result.stdout
