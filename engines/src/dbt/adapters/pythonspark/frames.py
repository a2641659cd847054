"""Tables of Spark as DataFrames of pandas, and back."""

import pandas as pd
from dbt.adapters.localpython.frames import columns_of, frame_of, rows_of

# The dtype that a column of a type is read as.
READ = {
    "boolean": "bool",
    "tinyint": "int8",
    "smallint": "int16",
    "int": "int32",
    "bigint": "int64",
    "float": "float32",
    "double": "float64",
    "date": "datetime64[us]",
    "timestamp_ntz": "datetime64[us]",
}
# Types of standard SQL that Spark names otherwise.
WRITTEN = {
    "real": "float",
    "double precision": "double",
    "text": "string",
    "numeric": "decimal(38, 18)",
    "timestamp": "timestamp_ntz",
}


def read(session, table: str) -> pd.DataFrame:
    """Return all rows of a table.

    Numbers come as numbers of the same size, an exact decimal as a 64-bit float, dates and times without a zone as
    `datetime64[us]`, all else as objects.
    """
    rows = session.sql(f"select * from {table}")
    fields = [(field.name, field.dataType.simpleString()) for field in rows.schema.fields]
    dtypes = ["float64" if kind.startswith("decimal") else READ.get(kind, "object") for _, kind in fields]
    return frame_of([name for name, _ in fields], dtypes, rows.collect())


def write(session, table: str, frame: pd.DataFrame) -> int:
    """Make a table of a DataFrame, without its index, and return how many rows it has. NaN and NaT become null."""
    columns = columns_of(frame)
    schema = ", ".join(f"{quoted(name)} {WRITTEN.get(kind, kind)}" for name, kind in columns.items())
    rows = rows_of(frame)
    session.createDataFrame(rows, schema).write.saveAsTable(table)
    return len(rows)


def quoted(name: str) -> str:
    """Return the name of a column as SQL."""
    return "`" + name.replace("`", "``") + "`"
