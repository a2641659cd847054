"""Python models, run as dbt-duckdb runs them: `dbt.ref(...)` has a method `df`, and the model returns a DataFrame."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from dbt.adapters.contracts.connection import AdapterResponse
from dbt_common.exceptions import DbtRuntimeError


@dataclass
class Table:
    """A table that a Python model reads: what `dbt.ref(...)` gives it."""

    name: str
    read: Callable[[str], pd.DataFrame]

    def df(self) -> pd.DataFrame:
        """Return all rows as a DataFrame."""
        return self.read(self.name)


def run(
    parsed_model: dict,
    compiled_code: str,
    session: object,
    read: Callable[[str], pd.DataFrame],
    write: Callable[[str, pd.DataFrame], int],
) -> AdapterResponse:
    """Run a model and write what it returns.

    `compiled_code` is dbt's: the model's file, then `dbtObj`; the materialization adds `target_table`, the table to be
    made. `read` and `write` are the engine's; `session` is handed to the model.

    Raises
    ------
    DbtRuntimeError
        Where the model does, with its traceback.
    """
    names = {}
    try:
        exec(compile(compiled_code, parsed_model["original_file_path"], "exec"), names)
        frame = names["model"](names["dbtObj"](lambda name: Table(name, read)), session)
        rows = write(names["target_table"], frame)
    except Exception as error:
        raise DbtRuntimeError(f"Python model failed:\n{''.join(traceback.format_exception(error))}") from error
    return AdapterResponse(_message=f"SELECT {rows}", code="SELECT", rows_affected=rows)
