"""dbt-postgres, and Python models beside it: they run in dbt's own process, on tables that fit into memory."""

import traceback
from dataclasses import dataclass

from dbt.adapters.contracts.connection import AdapterResponse, Connection
from dbt.adapters.postgres import PostgresAdapter, PostgresColumn, PostgresConnectionManager, PostgresCredentials
from dbt.adapters.pythonpostgres.frames import read, write
from dbt_common.exceptions import DbtRuntimeError

NUMERIC, DOUBLE = 1700, 701


@dataclass
class PythonPostgresCredentials(PostgresCredentials):
    """What dbt-postgres asks for in profiles.yml."""

    @property
    def type(self) -> str:
        """The name of the adapter in profiles.yml."""
        return "pythonpostgres"


class PythonPostgresConnectionManager(PostgresConnectionManager):
    """Connections of dbt-postgres."""

    TYPE = "pythonpostgres"

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """Open a connection whose statements are not compiled to machine code.

        Compiling a statement of some hundred expressions takes PostgreSQL seconds, and it does so by the cost that it
        expects, not by the rows there are.
        """
        was_open = connection.state == "open"
        connection = super().open(connection)
        if not was_open:
            connection.handle.cursor().execute("set jit = off")
            connection.handle.commit()
        return connection

    @classmethod
    def data_type_code_to_name(cls, type_code: int | str) -> str:
        """Name a type by its number. A numeric passes for a double where a contract says so.

        PostgreSQL makes a numeric of every average of integers and of a literal such as 0.5, where other engines make a
        double; the table that the contract describes holds doubles either way.
        """
        return super().data_type_code_to_name(DOUBLE if type_code == NUMERIC else type_code)


class PythonPostgresColumn(PostgresColumn):
    """A column whose type may be named as other engines name it."""

    TYPE_LABELS = PostgresColumn.TYPE_LABELS | {"DOUBLE": "DOUBLE PRECISION"}


class Table:
    """A table that a Python model reads: what `dbt.ref(...)` gives it."""

    def __init__(self, cursor, name: str):
        self.cursor, self.name = cursor, name

    def df(self):
        """Return all rows as a DataFrame, with the types of `frames.read`."""
        return read(self.cursor, self.name)


class PythonPostgresAdapter(PostgresAdapter):
    """Runs a Python model as dbt-duckdb does: `dbt.ref(...)` has a method `df`, and the model returns a DataFrame."""

    ConnectionManager = PythonPostgresConnectionManager
    Column = PythonPostgresColumn

    @classmethod
    def render_raw_columns_constraints(cls, raw_columns: dict[str, dict]) -> list[str]:
        """Return the columns of a contract as `create table` takes them."""
        translated = {
            name: column | {"data_type": cls.Column.translate_type(column["data_type"])}
            for name, column in raw_columns.items()
        }
        return super().render_raw_columns_constraints(translated)

    def submit_python_job(self, parsed_model: dict, compiled_code: str) -> AdapterResponse:
        """Run a model and write what it returns, in the transaction that is open.

        `compiled_code` is dbt's: the model's file, then `dbtObj`; the materialization adds `target_table`, the table to
        be made.

        Raises
        ------
        DbtRuntimeError
            Where the model does, with its traceback.
        """
        cursor = self.connections.get_thread_connection().handle.cursor()
        names = {}
        try:
            exec(compile(compiled_code, parsed_model["original_file_path"], "exec"), names)
            frame = names["model"](names["dbtObj"](lambda name: Table(cursor, name)), None)
            rows = write(cursor, names["target_table"], frame)
        except Exception as error:
            raise DbtRuntimeError(f"Python model failed:\n{''.join(traceback.format_exception(error))}") from error
        return AdapterResponse(_message=f"SELECT {rows}", code="SELECT", rows_affected=rows)
