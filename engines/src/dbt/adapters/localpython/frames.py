"""Rows of an engine as DataFrames, and DataFrames as rows."""

import datetime
from collections.abc import Iterable, Sequence
from decimal import Decimal

import pandas as pd

# The type of standard SQL that a dtype is written as.
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


def frame_of(names: Iterable[str], dtypes: Iterable[str], rows: Sequence[Sequence]) -> pd.DataFrame:
    """Return rows as a DataFrame.

    A column with nulls has NaN, NaT or None for them: of integers it becomes floats, of booleans objects.
    """
    columns = {}
    for position, (name, dtype) in enumerate(zip(names, dtypes, strict=True)):
        values = pd.Series([row[position] for row in rows], dtype=object)
        if not values.isna().any():
            values = values.astype(dtype)
        elif dtype != "bool":
            values = values.astype("float64" if dtype.startswith("int") else dtype)
        columns[name] = values
    return pd.DataFrame(columns)


def column_type(values: pd.Series) -> str:
    """Name the type of standard SQL that holds a column; of texts it is `text`.

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
        f"The column `{values.name}` of what the model returns is of the dtype {values.dtype}, which no type of the "
        "engine is known for; make it numbers, texts, booleans or dates."
    )


def columns_of(frame: pd.DataFrame) -> dict[str, str]:
    """Name the columns of what a model returned, and their types as `column_type` does."""
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"A Python model returns a DataFrame; this one returned {type(frame).__name__}.")
    return {str(name): column_type(values) for name, values in frame.items()}


def rows_of(frame: pd.DataFrame) -> list[tuple]:
    """Return the rows of a DataFrame as values of Python. NaN and NaT become None."""
    values = frame.astype(object).where(frame.notna(), None)
    return [tuple(plain(value) for value in row) for row in values.to_numpy(dtype=object)]


def plain(value: object) -> object:
    """Return a number of NumPy or a time of pandas as one of Python, and any other value as it is."""
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if hasattr(value, "item") else value
