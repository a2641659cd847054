"""PostgreSQL builds the tables that DuckDB builds, from the same files."""

import datetime
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from postgres import running_cluster
from project import PROJECT, Warehouse

from mall_segments.postgres import copy_warehouse
from mall_segments.problems import ProblemError
from mall_segments.publish import publish

psycopg2 = pytest.importorskip("psycopg2", reason="dbt-postgres is not installed")
frames = pytest.importorskip("dbt.adapters.pythonpostgres.frames", reason="engines/ is not installed")

SCHEMAS = ("raw", "staging", "features", "clustering", "campaigns", "marts", "reporting", "semantic")
# Columns that say when and by which run: of these only whether there is something is the same.
OF_THE_RUN = {"trained_at", "seen_at", "valid_from", "valid_to", "moved_at", "invocation_id", "fit_seconds"}
# An empty table of PostgreSQL's own: the type of what the function `classify_customer` returns.
TYPE_OF_THE_FUNCTION = "classify_customer_row"
TYPES = {
    "boolean": "BOOLEAN",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "double precision": "DOUBLE",
    "text": "VARCHAR",
    "character varying": "VARCHAR",
    "date": "DATE",
    "timestamp without time zone": "TIMESTAMP",
}
COLUMNS = """
    select columns.table_schema, columns.table_name, columns.column_name, columns.data_type
    from information_schema.columns as columns
    order by columns.table_schema, columns.table_name, columns.ordinal_position
"""


class PostgresWarehouse(Warehouse):
    """A database of a test's own, and dbt to build it with."""

    def __init__(self, folder: Path, variables: dict[str, str]):
        super().__init__(folder)
        self.variables = variables

    def environment(self) -> dict[str, str]:
        """What dbt has to find in the environment to build this database."""
        return super().environment() | self.variables

    def dbt(self, *arguments: str, **options):
        """Run a dbt command on this database."""
        return super().dbt(*arguments, "--target", "postgres", **options)

    def connect(self):
        """Open the database."""
        variables = {name: self.variables[f"PG{name.upper()}"] for name in ("host", "port", "user", "database")}
        return psycopg2.connect(**variables, options="-c jit=off")


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
    headers = ", ".join(f'"{header}" text' for header in customers)
    with copied.writing() as connection:
        connection.execute(f"create table raw.later ({headers})")
        connection.execute("insert into raw.later select * from customers")
    connection = database.connect()
    with connection, connection.cursor() as cursor:
        frames.write(cursor, "raw.later", customers)
    connection.close()
    for built in (copied, database):
        built.dbt("build", project_vars={"customers_table": "raw.later"})
    return copied, database


def later_customers() -> pd.DataFrame:
    """Return the mall's customers of a later day, all of them texts as they came."""
    customers = pd.read_csv(PROJECT / "seeds" / "mall_customers.csv", dtype=str)
    _, _, age, income, score = customers.columns
    customers.loc[0:39, score] = customers.loc[0:39, score].to_numpy()[::-1]
    ages = [
        "",
        "?",
        "-3",
        "1e400",
        "inf",
        "1e1",
        " 35 ",
        "35 years",
        "0x1F",
        "1_000",
        "\uff14\uff12",
        "3٣",
        "1.",
        ".5",
        "+7",
        "-0.0",
    ]
    customers.loc[40 : 39 + len(ages), age] = ages
    incomes = [
        "$1,234.50",
        "12,5",
        "\u00a042",
        "4 2",
        "15k",
        "(3)",
        "62 %",
        "1.234,5",
        "n/a",
        "\t61\r\n",
        "6 1",
        "1e-5",
    ]
    customers.loc[80 : 79 + len(incomes), income] = incomes
    customers.loc[100:104, "Gender"] = ["female ", "F", "", "unknown", 'Zoë\'s \\ "%s" {{ x }}']
    customers.loc[110:112, "CustomerID"] = ["", "112.0", "TOTAL"]
    dropped = customers.drop(range(150, 170))
    joined = customers.loc[170:175].assign(CustomerID=["母", "a'b", "N 3", "n 3", "00", "1"])
    return pd.concat([dropped, joined, customers.loc[5:5]], ignore_index=True).astype(object)


def plain(value: object) -> object:
    """Return a value as both engines give it."""
    if isinstance(value, bool | str | None):
        return value
    if isinstance(value, datetime.date):
        return str(value).removesuffix(" 00:00:00")
    return float(value) + 0.0  # of two zeros one


def rows(cursor, relation: str, columns: list[str]) -> list[list]:
    """Return the rows of a relation in an order that does not hang on the last digits of a number."""
    listed = ", ".join(f"{name} is null" if name in OF_THE_RUN else f'"{name}"' for name in columns)
    cursor.execute(f"select {listed} from {relation}")
    found = [[plain(value) for value in row] for row in cursor.fetchall()]
    return sorted(found, key=lambda row: [f"{each:.6g}" if isinstance(each, float) else str(each) for each in row])


def differences(ours, theirs, schemas: tuple[str, ...] = SCHEMAS) -> list[str]:
    """Name what is not the same for two cursors: tables, columns and their types, rows, and values."""
    expected, actual = {}, {}
    for tables, cursor in ((expected, ours), (actual, theirs)):
        cursor.execute(COLUMNS)
        for schema, table, column, data_type in cursor.fetchall():
            if schema in schemas and table != TYPE_OF_THE_FUNCTION:
                tables.setdefault(f"{schema}.{table}", {})[column] = TYPES.get(data_type, data_type)
    found = [f"only one has {table}" for table in expected.keys() ^ actual.keys()]
    for table in sorted(expected.keys() & actual.keys()):
        if expected[table] != actual[table]:
            found.append(f"{table} has the columns {actual[table]} for {expected[table]}")
            continue
        columns = list(expected[table])
        lefts, rights = rows(ours, table, columns), rows(theirs, table, columns)
        if len(lefts) != len(rights):
            found.append(f"{table} has {len(rights)} rows for {len(lefts)}")
        for left, right in zip(lefts, rights, strict=False):
            found += [
                f"{table}.{name} is {other!r} for {value!r}"
                for name, value, other in zip(columns, left, right, strict=True)
                if other != (pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value)
            ]
    return found


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
        frames.column_type(pd.Series([(1, 2)], name="pairs"))


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
