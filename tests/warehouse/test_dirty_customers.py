"""Whatever a CSV holds, staging reads it, and accounts for every row."""

import csv
import io
import json
import math
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from project import further

HEADERS = ["CustomerID", "Gender", "Age", "Annual Income (k$)", "Spending Score (1-100)"]
SHUFFLED = ["note", " spending score (1-100) ", "AGE", "customerid", "Genre", "Annual Income (k$)", ""]
LAYOUTS = {
    "as the mall data": (HEADERS, ",", "utf-8"),
    "other order, case and separator": (SHUFFLED, ";", "utf-8"),
    "Latin-1": (HEADERS, ",", "latin-1"),
}
EXAMPLES = 35  # files of each layout
MISSING = ["", " ", "?", "-", "NaN", "n/a", "NULL", "None", "unknown"]
NUMBERS = [*MISSING, "-3", "1e400", "inf", "1e99", "$1,234.50", "12,5", "0x1F", "1_000", "\u00a042", "4 2", "٣", "15k"]


class Staging:
    """The staging SQL that dbt compiles for a CSV file, to be run on whatever the file holds by then."""

    def __init__(self, folder: Path, path: Path, **project_vars):
        from project import Warehouse

        Warehouse(folder).dbt("run", "-s", "+stg_customers", project_vars={"customers_file": str(path)} | project_vars)
        self.sql = {file.stem: file.read_text() for file in (folder / "target" / "compiled").rglob("staging/*.sql")}

    def rows(self, table: str = "stg_customers") -> list[dict]:
        """Return the rows of a staging table as dicts, in the order of the source."""
        with duckdb.connect() as connection:
            connection.execute("attach ':memory:' as warehouse")
            connection.execute("create schema warehouse.staging")
            for name in ("customer_csv_rows", "column_readings", "stg_customers"):
                connection.execute(f"create table warehouse.staging.{name} as {self.sql[name]}")
            cursor = connection.execute(f"select * from warehouse.staging.{table} order by all")
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture(scope="module", params=["other order, case and separator", *further("as the mall data", "Latin-1")])
def staging(request, tmp_path_factory):
    """The staging SQL that dbt compiles for one layout of a CSV, as a function from the CSV's bytes to rows."""
    headers, separator, encoding = LAYOUTS[request.param]
    folder = tmp_path_factory.mktemp("staging")
    path = folder / "customers.csv"
    # With a short row, so that the file is read in the way that takes whatever it holds by then.
    sample = separator.join(headers) + "\né" + separator + "é\n"
    path.write_bytes(sample.encode(encoding))
    compiled = Staging(folder, path)

    def stage(content: bytes) -> list[dict]:
        path.write_bytes(content)
        return compiled.rows()

    stage.headers, stage.separator, stage.encoding = headers, separator, encoding
    return stage


def as_csv(staging, rows: list[list[str]], line_end: str = "\n") -> bytes:
    # Python's writer leaves a lone carriage return unquoted, which ends the row for everybody else.
    quoting = csv.QUOTE_ALL if "\r" in "".join("".join(row) for row in rows) else csv.QUOTE_MINIMAL
    text = io.StringIO()
    writer = csv.writer(text, delimiter=staging.separator, lineterminator=line_end, quoting=quoting)
    writer.writerows([staging.headers, *rows])
    return text.getvalue().encode(staging.encoding)


def assert_every_row_is_accounted_for(staged: list[dict]) -> None:
    customers = [row for row in staged if row["rejection_reason"] is None]
    rejected = [row for row in staged if row["rejection_reason"] is not None]
    assert len(customers) + len(rejected) == len(staged)
    ids = [row["customer_id"] for row in customers]
    assert len(set(ids)) == len(ids)
    assert all(ids)
    assert all(row["source_values"] for row in rejected)
    for row in staged:
        for feature, low, high in [("age", 0, 120), ("annual_income_k", 0, 1e100), ("spending_score", 1, 100)]:
            assert row[feature] is None or (math.isfinite(row[feature]) and low <= row[feature] <= high)


latin_1 = st.characters(codec="latin-1", exclude_categories=["Cc"])
words = st.text(latin_1 | st.sampled_from("\"',;\t\r\n"), max_size=12)
cells = st.one_of(
    st.sampled_from([number for number in NUMBERS if number.isascii()]),
    st.integers(-5, 130).map(str),
    st.floats().map(str),
    words,
)
ids = st.one_of(st.sampled_from(["0001", " 0001", "1", "?", "", "a\nb", "1.0"]), words)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(st.tuples(ids, cells, cells, cells, cells, cells, cells).map(list), max_size=12),
    line_end=st.sampled_from(["\n", "\r\n"]),
    with_mark=st.booleans(),
)
def test_rows_in_are_customers_and_rejected_rows(staging, rows, line_end, with_mark):
    place = [header.strip().lower() for header in staging.headers].index("customerid")
    rows = [row[1 : place + 1] + row[:1] + row[place + 1 :] for row in rows]
    rows = [row[: len(staging.headers)] for row in rows]
    content = as_csv(staging, rows, line_end)
    if with_mark and staging.encoding == "utf-8":
        content = b"\xef\xbb\xbf" + content
    staged = staging(content)
    assert len(staged) == len(rows)
    assert_every_row_is_accounted_for(staged)
    given_ids = {row[place].strip() for row in rows}
    # A file whose ids all end in .0 was written by a program that took them for numbers.
    if all(each.endswith(".0") for each in given_ids if each.strip("?.-")):
        given_ids |= {each.removesuffix(".0") for each in given_ids}
    assert {row["customer_id"] for row in staged if row["customer_id"]} <= given_ids


@settings(max_examples=EXAMPLES, deadline=None)
@given(body=st.text(latin_1 | st.sampled_from("\"',;\t\r\n"), max_size=200))
def test_text_that_is_no_proper_csv_loses_no_row(staging, body):
    """Stray quotes, short rows, long rows, mixed line ends are read; what the engine cannot read stops the build."""
    text = staging.separator.join(staging.headers) + "\n" + body + "\n"
    try:
        staged = staging(text.encode(staging.encoding))
    except duckdb.InvalidInputException:
        # A build says so first, with the line; test_own_data proves it.
        assert '"' in body
        return
    assert_every_row_is_accounted_for(staged)


@pytest.fixture(scope="module")
def stage_cell(tmp_path_factory):
    """The staging SQL for the mall data's layout, as a function from one income cell to the income it is read as."""
    folder = tmp_path_factory.mktemp("cell")
    path = folder / "customers.csv"
    path.write_text(",".join(HEADERS) + "\n")
    compiled = Staging(folder, path)

    def stage(cell: str) -> float | None:
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([HEADERS, ["1", "Male", "30", cell, "50"]])
        return compiled.rows()[0]["annual_income_k"]

    return stage


@pytest.mark.parametrize(
    ("cell", "income"),
    [
        ("15", 15),
        (" 15.5 ", 15.5),
        ("$1,234.50", 1234.5),
        ("€ 15", 15),
        ("15 €", 15),
        ("USD 1,234", 1234),
        ("1 234", 1234),
        ("1\u00a0234,5", 1234.5),
        ("1,234,567.8", 1234567.8),
        ("1.234,50", 1234.5),
        ("1.234.567", 1234567),
        ("12,5", 12.5),
        ("1,234", 1234),
        ("1.234", 1.234),
        ("4 2", None),
        ("1,23,4", None),
        ("15k", None),
        ("-15", None),
        ("$-15", None),
        ("NaN", None),
        ("inf", None),
        ("1e400", None),
    ],
)
def test_numbers_are_read_as_people_write_them(stage_cell, cell, income):
    assert stage_cell(cell) == income


def test_rejected_rows_show_the_original_text(staging):
    if staging.headers != HEADERS:
        pytest.skip("one layout is enough")
    rows = [["0001", "Male", "19", "15", "39"], ["0001", "Male", "19", "15", "39"], [" ", "Mél\nle", "-3", "$1", "?"]]
    kept, duplicate, nameless = staging(as_csv(staging, rows))
    assert kept["customer_id"] == "0001"
    assert duplicate["rejection_reason"] == "duplicate row"
    assert nameless["rejection_reason"] == "missing customer_id"
    assert dict(zip(HEADERS, rows[2], strict=True)) == json.loads(nameless["source_values"])
