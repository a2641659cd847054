"""Folders of Spark's tables of a test's own, and dbt to build them with."""

import importlib
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from engine_tables import differences
from project import Warehouse

from benchmarks.engines import SCHEMAS

# What makes Spark quick with small tables: nothing is compiled for long, and a statement is one task.
QUICK = """
spark.sql.shuffle.partitions 1
spark.default.parallelism 1
spark.sql.adaptive.enabled false
spark.sql.codegen.wholeStage false
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dderby.system.durability=test
"""


class SparkWarehouse(Warehouse):
    """A folder of tables of a test's own, and dbt to build it with."""

    def __init__(self, folder: Path, settings: str = QUICK):
        super().__init__(folder)
        self.tables = folder / "spark"
        self.settings = folder / "conf"
        self.settings.mkdir()
        (self.settings / "spark-defaults.conf").write_text(settings)
        self.where = {"SPARK_MASTER": "local[2]"}

    def environment(self) -> dict[str, str]:
        """What dbt has to find in the environment to build this folder."""
        own = {"MALL_SEGMENTS_SPARK": str(self.tables), "SPARK_CONF_DIR": str(self.settings)}
        return super().environment() | own | self.where

    def dbt(self, *arguments: str, **options):
        """Run a dbt command on this folder."""
        return super().dbt(*arguments, "--target", "spark", **options)

    def write(self, table: str, rows: pd.DataFrame) -> None:
        """Make a table, with a Spark that is started for it and stopped."""
        frames = pytest.importorskip("dbt.adapters.pythonspark.frames", reason="engines/ is not installed")
        session, impl = (importlib.import_module(f"dbt.adapters.pythonspark.{name}") for name in ("session", "impl"))
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment().items():
                patch.setenv(name, value)
            started = session.session(impl.PythonSparkCredentials(warehouse=str(self.tables), master="local[2]"))
            try:
                started.sql("create schema if not exists raw")
                frames.write(started, table, rows)
            finally:
                session.stop()

    def read_tables(self) -> duckdb.DuckDBPyConnection:
        """Return the tables as their files are, without Spark and so without views."""
        connection = duckdb.connect()
        for folder in self.tables.glob("tables/*.db/*"):
            schema, name = folder.parent.stem, folder.name
            if list(folder.glob("*.parquet")):
                connection.execute(f"create schema if not exists {schema}")
                connection.execute(f"create table {schema}.{name} as from '{folder}/*.parquet'")
        return connection

    def differences_in_files(self, warehouse: Warehouse, schemas: tuple[str, ...] = SCHEMAS) -> list[str]:
        """Name what is not the same in the files of the tables of some schemas and in a DuckDB file."""
        with duckdb.connect(str(warehouse.path), read_only=True) as ours, self.read_tables() as theirs:
            found = differences(ours, theirs, schemas)
            views = {
                f"{schema}.{name}"
                for schema, name in ours.sql("select schema_name, view_name from duckdb_views()").fetchall()
            }
            unread = {each.removeprefix("only one has ") for each in found if each.startswith("only one has ")}
            for table in unread - views:
                assert not ours.sql(f"from {table} limit 1").fetchall(), f"{table} has no file"
        return [each for each in found if each.removeprefix("only one has ") not in unread]
