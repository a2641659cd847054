"""dbt-spark on one session for all statements, and Python models beside it: they run in dbt's own process."""

import shutil
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import agate
from dbt.adapters.base.meta import available
from dbt.adapters.contracts.connection import AdapterResponse, Connection, ConnectionState
from dbt.adapters.localpython import models
from dbt.adapters.pythonspark.frames import quoted, read, write
from dbt.adapters.pythonspark.queries import new_name, with_held_steps
from dbt.adapters.pythonspark.session import SessionConnection, session
from dbt.adapters.spark import SparkAdapter, SparkColumn, SparkConnectionManager, SparkCredentials
from dbt.adapters.spark.connections import SparkConnectionMethod
from dbt.adapters.spark.session import SessionConnectionWrapper
from dbt_common.exceptions import DbtRuntimeError
from pyspark.errors import PySparkException
from pyspark.sql.functions import col, lit


@dataclass
class PythonSparkCredentials(SparkCredentials):
    """Where Spark runs, and where the tables are.

    `remote` is the address of a server of Spark Connect; where it is empty, `master` is Spark's own, and `warehouse`
    the folder of the tables.
    """

    host: str = "NA"
    method: SparkConnectionMethod = SparkConnectionMethod.SESSION
    schema: str = "default"
    master: str = "local[*]"
    remote: str = ""
    warehouse: str = "spark-warehouse"

    @property
    def type(self) -> str:
        """The name of the adapter in profiles.yml."""
        return "pythonspark"

    @property
    def unique_field(self) -> str:
        """What tells one place of tables from another."""
        return self.remote or self.warehouse

    def _connection_keys(self) -> tuple[str, ...]:
        return ("remote", "master", "warehouse", "schema")


class PythonSparkConnectionManager(SparkConnectionManager):
    """Connections that share the session of the process."""

    TYPE = "pythonspark"

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """Open a connection, and with the first one the session."""
        if connection.state != ConnectionState.OPEN:
            connection.handle = SessionConnectionWrapper(SessionConnection(connection.credentials))
            connection.state = ConnectionState.OPEN
        return connection

    @classmethod
    def data_type_code_to_name(cls, type_code: type | str) -> str:
        """Name a type. A decimal passes for a double and an integer for a bigint where a contract says so.

        Spark makes a decimal of a literal such as 0.5 and an integer of a row's number, where other engines make a
        double and a bigint; the table that the contract describes holds what it says either way.
        """
        name = super().data_type_code_to_name(type_code)
        return {"decimal": "double", "int": "bigint"}.get(name.partition("(")[0], name)


class PythonSparkColumn(SparkColumn):
    """A column whose type may be named as other engines name it."""

    @classmethod
    def translate_type(cls, dtype: str) -> str:
        """Return Spark's name of a type."""
        return {"varchar": "string", "text": "string", "double precision": "double"}.get(dtype.lower(), dtype)


class PythonSparkAdapter(SparkAdapter):
    """Runs a Python model as dbt-duckdb does: `dbt.ref(...)` has a method `df`, and the model returns a DataFrame."""

    ConnectionManager = PythonSparkConnectionManager
    Column = PythonSparkColumn

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.kept = threading.local()

    @classmethod
    def convert_integer_type(cls, agate_table: agate.Table, col_idx: int) -> str:
        """Name the type of a seed's column of whole numbers, as other engines choose it."""
        largest = agate_table.aggregate(agate.Max(col_idx))
        return "bigint" if largest is not None and largest >= 2**31 else "int"

    @classmethod
    def convert_number_type(cls, agate_table: agate.Table, col_idx: int) -> str:
        """Name the type of a seed's column of numbers."""
        has_decimals = agate_table.aggregate(agate.MaxPrecision(col_idx))
        return "double" if has_decimals else cls.convert_integer_type(agate_table, col_idx)

    def session(self):
        """Return the session of the process."""
        return session(self.config.credentials)

    def submit_python_job(self, parsed_model: dict, compiled_code: str) -> AdapterResponse:
        """Run a model and write what it returns."""
        spark = self.session()
        return models.run(
            parsed_model,
            compiled_code,
            spark,
            lambda table: read(spark, table),
            lambda table, frame: write(spark, table, frame),
        )

    def query(self, sql: str):
        """Return the DataFrame of a query, whose steps that are read more than once are computed by then.

        What Spark makes of a query takes longer than all else in a small build, so that the one whose columns are
        looked at is kept until it is written.
        """
        kept = self.kept.__dict__
        if sql not in kept:
            try:
                read, held = with_held_steps(self.session(), sql)
                kept[sql] = self.session().sql(read), held
            except PySparkException as error:
                raise DbtRuntimeError(str(error)) from error
        return kept[sql][0]

    @available
    def get_column_schema_from_query(self, sql: str) -> list[SparkColumn]:
        """Return the columns of a query."""
        name_of = self.ConnectionManager.data_type_code_to_name
        return [
            self.Column.create(field.name, name_of(field.dataType.simpleString()))
            for field in self.query(sql).schema.fields
        ]

    @available
    def write_query(self, table: str, sql: str, model: dict) -> None:
        """Make a table of a query, with the descriptions of the model and the types of its contract."""
        described, is_bound = model["columns"], model["config"]["contract"]["enforced"]
        with self.writing(sql) as rows:
            columns = []
            for name in described if is_bound else rows.columns:
                column = col(quoted(name))
                if is_bound:
                    column = column.cast(self.Column.translate_type(described[name]["data_type"]))
                said = described.get(name, {}).get("description")
                columns.append(column.alias(name, metadata={"comment": said} if said else {}))
            rows.select(columns).write.saveAsTable(table)
            if said := model["description"]:
                said = said.replace("\\", "\\\\").replace("'", "''")
                self.session().sql(f"comment on table {table} is '{said}'")

    @available
    def append_query(self, table: str, sql: str, adds_columns: bool) -> None:
        """Append the rows of a query to a table, as one file, which is there or is not.

        With `adds_columns` the table gets the columns that it lacks; else they are left out. What the query lacks is
        null.
        """
        with self.writing(sql) as rows:
            has = {name.lower() for name in rows.columns}
            own = {name.lower() for name in self.session().table(table).columns}
            added = [field for field in rows.schema.fields if field.name.lower() not in own]
            if adds_columns and added:
                listed = ", ".join(f"{quoted(field.name)} {field.dataType.simpleString()}" for field in added)
                self.session().sql(f"alter table {table} add columns ({listed})")
            names = self.session().table(table).columns
            columns = [col(quoted(name)) if name.lower() in has else lit(None) for name in names]
            rows.select(columns).repartition(1).write.insertInto(table)

    @contextmanager
    def writing(self, sql: str):
        """Yield the DataFrame of a query to be written, and keep none afterwards."""
        try:
            yield self.query(sql)
        except PySparkException as error:
            raise DbtRuntimeError(str(error)) from error
        finally:
            self.forget_queries()

    @available
    def view_query(self, sql: str) -> str:
        """Return the name of a view of a query, which is there until `forget_queries`."""
        rows, name = self.query(sql), new_name()
        rows.createOrReplaceTempView(name)
        self.kept.__dict__[sql][1].append(name)
        return name

    @available
    def forget_queries(self) -> None:
        """Drop the views of the thread's queries, and what is held for them."""
        for _, held in self.kept.__dict__.values():
            for name in held:
                self.session().catalog.dropTempView(name)
        self.kept.__dict__.clear()

    @available
    def write_seed(self, table: str, rows: agate.Table, types: dict[str, str]) -> None:
        """Make a table of a seed's rows.

        Cells go to Spark as texts and are cast there, so that an apostrophe or a backslash is no part of a statement.
        """
        spark = self.session()
        texts = [[None if value is None else str(value) for value in row] for row in rows.rows]
        schema = ", ".join(f"{quoted(name)} string" for name in rows.column_names)
        columns = []
        for position, name in enumerate(rows.column_names):
            kind = self.Column.translate_type(types.get(name) or self.convert_type(rows, position))
            columns.append(f"cast({quoted(name)} as {kind}) as {quoted(name)}")
        # One file, whose rows are read in the order that they stand in.
        spark.createDataFrame(texts, schema).coalesce(1).selectExpr(*columns).write.saveAsTable(table)

    @available
    def clear_folder(self, table) -> None:
        """Delete what a killed build left in the folder of a table that is dropped: Spark would not write there."""
        credentials = self.config.credentials
        if not credentials.remote:
            folder = Path(credentials.warehouse, "tables", f"{table.schema}.db", table.identifier)
            shutil.rmtree(folder, ignore_errors=True)

    @available
    def hold_constraints(self, table, model: dict) -> None:
        """Fail where a table does not hold what its contract says, which Spark does not look after by itself.

        Raises
        ------
        DbtRuntimeError
            With each constraint that does not hold, and how many rows break it.
        """
        rules = {}
        for constraint in model["constraints"]:
            rules |= counts_of_broken(constraint, constraint.get("columns") or [])
        for name, column in model["columns"].items():
            for constraint in column.get("constraints") or []:
                rules |= counts_of_broken(constraint, [name])
        if not rules:
            return
        counts = ", ".join(rules.values())
        _, found = self.execute(f"select {counts} from {table}", fetch=True)
        broken = [f"{rule} ({count} rows)" for rule, count in zip(rules, found.rows[0], strict=True) if count]
        if broken:
            raise DbtRuntimeError(f"The contract of `{model['name']}` does not hold: {'; '.join(broken)}.")


def counts_of_broken(constraint: dict, columns: list[str]) -> dict[str, str]:
    """Return what a constraint asks for, each as words and as SQL that counts the rows which break it."""
    listed = ", ".join(map(quoted, columns))
    missing = {f"`{name}` is null": f"count(*) - count({quoted(name)})" for name in columns}
    repeated = {f"`{', '.join(columns)}` repeats": f"count({listed}) - count(distinct {listed})"}
    expression = constraint.get("expression")
    match str(getattr(constraint["type"], "value", constraint["type"])):
        case "not_null":
            return missing
        case "unique":
            return repeated
        case "primary_key":
            return missing | repeated
        case "check":
            return {f"not {expression}": f"count(case when not ({expression}) then 1 end)"}
        case kind:
            raise DbtRuntimeError(f"A constraint of the type `{kind}` cannot be held to in Spark; make it a data test.")
