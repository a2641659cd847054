"""What tests compare two engines by: their tables, and the customers of a later day."""

import datetime
import re

import pandas as pd
import pytest
import yaml
from project import PROJECT, Warehouse

from benchmarks.engines import OF_THE_RUN, SCHEMAS

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
    "UBIGINT": "BIGINT",  # a hash of DuckDB's
}
COLUMNS = """
    select columns.table_schema, columns.table_name, columns.column_name, columns.data_type
    from information_schema.columns as columns
    order by columns.table_schema, columns.table_name, columns.ordinal_position
"""


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


def shop() -> tuple[pd.DataFrame, dict]:
    """Return the orders of the example `shop` as texts, and its vars for orders in the table `raw.orders`.

    Its sentences have German numbers, with an amount of thousands among them.
    """
    folder = PROJECT / "examples" / "shop"
    project_vars = yaml.safe_load((folder / "vars.yml").read_text()) | {
        "purchases_table": "raw.orders",
        "number_format": {"decimal": ",", "grouping": "."},
        "currency": {"sign": "€", "place": "before"},
    }
    del project_vars["purchases_file"]
    return pd.read_csv(folder / "orders.csv", dtype=str, keep_default_na=False).astype(object), project_vars


def cdnow() -> tuple[pd.DataFrame, dict]:
    """Return the purchases of CDNOW as texts, and vars for what was known of them after 39 weeks."""
    project_vars = {
        "purchases_table": "raw.orders",
        "purchase_columns": {"customer": "customer", "date": "date", "amount": "dollars", "quantity": "cds"},
        "as_of": "1997-09-30",
        "repeated_purchases": "keep",
        "segmentations": {"shopping": {"features": {"recency_days": 1, "purchases": 1, "spending_score": 1}}},
        "value_features": {"revenue": 1},
    }
    return pd.read_csv(PROJECT / "tests" / "data" / "cdnow" / "purchases.csv", dtype=str).astype(object), project_vars


def with_table(warehouse: Warehouse, name: str, rows: pd.DataFrame) -> None:
    """Make a table of texts in a DuckDB file."""
    headers = ", ".join(f'"{header}" text' for header in rows)
    with warehouse.writing() as connection:
        connection.execute("create schema if not exists raw")
        connection.execute(f"create table {name} ({headers})")
        connection.execute(f"insert into {name} select * from rows")


def plain(value: object) -> object:
    """Return a value as both engines give it."""
    yesterday = datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=1)
    if isinstance(value, bool | str | None):
        return value
    if isinstance(value, datetime.date):
        day = str(value).removesuffix(" 00:00:00")
        return "today" if day >= str(yesterday) else day  # one of two builds may have begun before midnight
    return float(value) + 0.0  # of two zeros one


def rows(cursor, relation: str, columns: list[str], parts: list[tuple[str, int]] | None = None) -> list[list]:
    """Return the rows of a relation in an order that does not hang on the last digits of a number.

    With `parts`, segmentations and versions, their rows are left out, and of a version only that there is one is told.
    """
    is_untold = OF_THE_RUN | {name for name in columns if parts is not None and name.endswith("version")}
    listed = ", ".join(f"{name} is null" if name in is_untold else f'"{name}"' for name in columns)
    left_out = [f"(segmentation = '{name}' and model_version = {version})" for name, version in parts or []]
    has_versions = {"segmentation", "model_version"} <= set(columns)
    condition = f" where not ({' or '.join(left_out)})" if left_out and has_versions else ""
    cursor.execute(f"select {listed} from {relation}{condition}")
    found = [[plain(value) for value in row] for row in cursor.fetchall()]
    if parts is not None:
        found = [
            [re.sub(r"ersion \d+", "ersion", each) if isinstance(each, str) else each for each in row] for row in found
        ]
    return sorted(found, key=lambda row: [f"{each:.6g}" if isinstance(each, float) else str(each) for each in row])


def parts_of_versions(cursor) -> list[tuple[str, int]]:
    """Return the versions, with their segmentation, of which a build that was killed wrote only a part."""
    cursor.execute("""
        select distinct features.segmentation, features.model_version
        from clustering.trained_features as features
        left join clustering.trained_centroids as centroids
            on features.segmentation = centroids.segmentation and features.model_version = centroids.model_version
        where centroids.segmentation is null
    """)
    return cursor.fetchall()


def differences(ours, theirs, schemas: tuple[str, ...] = SCHEMAS) -> list[str]:
    """Name what is not the same for two cursors: tables, columns and their types, rows, and values.

    Where a killed build of theirs wrote a part of a version, which does not count, later versions have other numbers.
    """
    parts = parts_of_versions(theirs) if "clustering" in schemas else []
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
        lefts = rows(ours, table, columns, [] if parts else None)
        rights = rows(theirs, table, columns, parts or None)
        if len(lefts) != len(rights):
            found.append(f"{table} has {len(rights)} rows for {len(lefts)}")
        for left, right in zip(lefts, rights, strict=False):
            found += [
                f"{table}.{name} is {other!r} for {value!r}"
                for name, value, other in zip(columns, left, right, strict=True)
                if other != (pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value)
            ]
    return found
