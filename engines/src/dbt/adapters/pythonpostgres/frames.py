"""Tables of PostgreSQL as DataFrames, and DataFrames as tables."""

import pandas as pd
from dbt.adapters.localpython.frames import columns_of, frame_of, rows_of
from psycopg2.extras import execute_values

# The dtype that a column of a type, named by its number, is read as.
READ = {16: "bool", 20: "int64", 21: "int16", 23: "int32", 700: "float32", 701: "float64", 1700: "float64"}
READ |= {1082: "datetime64[us]", 1114: "datetime64[us]"}


def read(cursor, table: str) -> pd.DataFrame:
    """Return all rows of a table.

    Numbers come as numbers of the same size, an exact `numeric` as a 64-bit float, dates and times without a zone as
    `datetime64[us]`, all else as objects.
    """
    cursor.execute(f"select * from {table}")
    rows = cursor.fetchall()
    dtypes = [READ.get(column.type_code, "object") for column in cursor.description]
    return frame_of([column.name for column in cursor.description], dtypes, rows)


def write(cursor, table: str, frame: pd.DataFrame) -> int:
    """Make a table of a DataFrame, without its index, and return how many rows it has. NaN and NaT become null."""
    columns = ", ".join(f"{quoted(name)} {data_type}" for name, data_type in columns_of(frame).items())
    cursor.execute(f"create table {table} ({columns})")
    rows = rows_of(frame)
    if rows:
        execute_values(cursor, f"insert into {table} values %s", rows, page_size=1000)
    return len(rows)


def quoted(name: str) -> str:
    """Return the name of a column as SQL."""
    return '"' + name.replace('"', '""') + '"'
