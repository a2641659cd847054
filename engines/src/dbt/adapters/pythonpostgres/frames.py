"""Tables of PostgreSQL as DataFrames, and DataFrames as tables."""

import datetime
from decimal import Decimal

import pandas as pd
from psycopg2.extras import execute_values

# The dtype that a column of a type, named by its number, is read as.
READ = {16: "bool", 20: "int64", 21: "int16", 23: "int32", 700: "float32", 701: "float64", 1700: "float64"}
READ |= {1082: "datetime64[us]", 1114: "datetime64[us]"}
# The type that a dtype is written as.
WRITTEN = {
    "bool": "boolean",
    "boolean": "boolean",
    "int8": "smallint",
    "int16": "smallint",
    "int32": "integer",
    "int64": "bigint",
    "float32": "real",
    "float64": "double precision",
    "str": "text",
    "string": "text",
    "category": "text",
}
# The same for a column of Python objects, by their class; a date and time is a date as well, so it comes first.
OBJECTS = {
    bool: "boolean",
    int: "bigint",
    float: "double precision",
    Decimal: "numeric",
    datetime.datetime: "timestamp",
    datetime.date: "date",
    str: "text",
}


def read(cursor, table: str) -> pd.DataFrame:
    """Return all rows of a table.

    Numbers come as numbers of the same size, an exact `numeric` as a 64-bit float, dates and times without a zone as
    `datetime64[us]`, all else as objects. A column with nulls has NaN, NaT or None for them: integers become floats,
    booleans objects.
    """
    cursor.execute(f"select * from {table}")
    rows = cursor.fetchall()
    columns = {}
    for position, column in enumerate(cursor.description):
        values = pd.Series([row[position] for row in rows], dtype=object)
        dtype = READ.get(column.type_code, "object")
        if values.isna().any() and dtype.startswith("int"):
            dtype = "float64"
        if not (values.isna().any() and dtype == "bool"):
            values = values.astype(dtype)
        columns[column.name] = values
    return pd.DataFrame(columns)


def column_type(values: pd.Series) -> str:
    """Name the type of PostgreSQL that holds a column.

    >>> column_type(pd.Series([1, 2])), column_type(pd.Series([datetime.date(2026, 11, 29), None]))
    ('bigint', 'date')

    Raises
    ------
    TypeError
        Where there is no such type.
    """
    if pd.api.types.is_datetime64_dtype(values.dtype):
        return "timestamp"
    if written := WRITTEN.get(str(values.dtype).lower()):
        return written
    known = values.dropna()
    if values.dtype == object:
        for kind, written in OBJECTS.items():
            if all(isinstance(value, kind) for value in known):
                return written if len(known) else "text"
    raise TypeError(
        f"The column `{values.name}` of what the model returns is of the dtype {values.dtype}, which no type of "
        "PostgreSQL is known for; make it numbers, texts, booleans or dates."
    )


def write(cursor, table: str, frame: pd.DataFrame) -> int:
    """Make a table of a DataFrame, without its index, and return how many rows it has. NaN and NaT become null."""
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"A Python model returns a DataFrame; this one returned {type(frame).__name__}.")
    columns = ", ".join(f"{quoted(name)} {column_type(values)}" for name, values in frame.items())
    cursor.execute(f"create table {table} ({columns})")
    values = frame.astype(object).where(frame.notna(), None)
    rows = [tuple(plain(value) for value in row) for row in values.to_numpy(dtype=object)]
    if rows:
        execute_values(cursor, f"insert into {table} values %s", rows, page_size=1000)
    return len(rows)


def quoted(name: str) -> str:
    """Return the name of a column as SQL."""
    return '"' + str(name).replace('"', '""') + '"'


def plain(value: object) -> object:
    """Return a number of NumPy as one of Python, and any other value as it is."""
    return value.item() if hasattr(value, "item") else value
