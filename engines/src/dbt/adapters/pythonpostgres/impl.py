"""dbt-postgres, and Python models beside it: they run in dbt's own process, on tables that fit into memory."""

from dataclasses import dataclass

from dbt.adapters.contracts.connection import AdapterResponse, Connection
from dbt.adapters.localpython import models
from dbt.adapters.postgres import PostgresAdapter, PostgresColumn, PostgresConnectionManager, PostgresCredentials
from dbt.adapters.pythonpostgres.frames import read, write

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
        """Run a model and write what it returns, in the transaction that is open."""
        cursor = self.connections.get_thread_connection().handle.cursor()
        return models.run(
            parsed_model,
            compiled_code,
            None,
            lambda table: read(cursor, table),
            lambda table, frame: write(cursor, table, frame),
        )
