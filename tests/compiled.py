"""Compiled models on tables that a test fills, so that a rule is tried on many drawn tables without as many builds."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
from project import PROJECT, Warehouse


class CompiledModels:
    """The SQL of some models, compiled once, in a database of its own in memory.

    Models that ask a table for its columns have to be run for it, by the command `run`.
    """

    def __init__(self, folder: Path, *models: str, command: str = "compile", **project_vars):
        command = [Path(sys.executable).with_name("dbt"), command, "--vars", json.dumps(project_vars)]
        command += ["--target-path", folder / "target", "--log-path", folder, "--select", *models]
        environment = os.environ | {
            "MALL_SEGMENTS_DB": str(folder / "warehouse.duckdb"),
            "DBT_PROFILES_DIR": str(PROJECT),
        }
        subprocess.run(command, cwd=PROJECT, env=environment, check=True, capture_output=True)
        self.sql = {path.stem: path.read_text() for path in (folder / "target").glob("compiled/**/*.sql")}
        self.connection = duckdb.connect()
        self.connection.execute("attach ':memory:' as warehouse")
        for schema in ("features", "clustering", "marts", "campaigns"):
            self.connection.execute(f"create schema warehouse.{schema}")

    def write(self, table: str, frame: pd.DataFrame, copies: int = 1) -> None:
        """Put every row of a frame, so many times, where the models look for a table."""
        self.connection.register("frame", frame)
        self.connection.execute(
            f"create or replace table warehouse.{table} as select own.* from frame as own, range({copies})"
        )

    def run(self, model: str) -> pd.DataFrame:
        """Return what a model makes of the tables that are written."""
        return self.connection.sql(self.sql[model]).df()


class RepeatedBuild:
    """A project built once by dbt, whose models are then run by themselves on other customers in the same columns."""

    def __init__(self, folder: Path, customers: pd.DataFrame, *models: str, **project_vars):
        self.file = folder / "customers.csv"
        customers.to_csv(self.file, index=False)
        built = Warehouse(folder)
        built.dbt("run", "--select", *models, project_vars={"customers_file": str(self.file)} | project_vars)
        self.manifest = json.loads((folder / "target" / "manifest.json").read_text())["nodes"]
        self.connection = duckdb.connect(str(built.path))
        self.connection.execute("set threads = 1")

    def load(self, customers: pd.DataFrame) -> None:
        """Forget what was built, and take these customers."""
        customers.to_csv(self.file, index=False)
        for (table,) in self.connection.sql(
            "select table_name from duckdb_tables() where schema_name = 'clustering'"
        ).fetchall():
            self.connection.execute(f"delete from warehouse.clustering.{table}")
        self.made = set()

    def build(self, name: str) -> None:
        """Make a model's table, after those it needs that are not made yet, as the first build of a warehouse would."""
        if name in self.made:
            return
        self.made.add(name)
        node = self.manifest[f"model.mall_segments.{name}"]
        for parent in node["depends_on"]["nodes"]:
            if parent.startswith("model."):
                self.build(parent.rpartition(".")[2])
        relation = relation_of(node)
        kind = node["config"]["materialized"]
        if node["language"] == "python":
            made = importlib.import_module(f"python_models.{name}").model(PythonNode(self, node), None)
            self.connection.register("made", made)
            self.connection.execute(f"create or replace table {relation} as from made")
        elif kind == "incremental":
            self.connection.execute(f"insert into {relation} by name (\n{node['compiled_code']}\n)")
        elif kind == "table":
            self.connection.execute(f"create or replace table {relation} as {node['compiled_code']}")

    def query(self, sql: str) -> pd.DataFrame:
        """Return the answer of one query as a DataFrame."""
        return self.connection.sql(sql).df()


class PythonNode:
    """What dbt passes to a Python model, over the tables of a `RepeatedBuild`."""

    def __init__(self, build: RepeatedBuild, node: dict):
        self.build = build
        self.config = node["config"]

    def ref(self, name: str) -> duckdb.DuckDBPyRelation:
        """Return a model's table."""
        return self.build.connection.table(relation_of(self.build.manifest[f"model.mall_segments.{name}"]))

    def source(self, schema: str, name: str) -> duckdb.DuckDBPyRelation:
        """Return a table of the state."""
        return self.build.connection.table(f"warehouse.clustering.{name}")


def relation_of(node: dict) -> str:
    """The name of a model's table."""
    return f"warehouse.{node['schema']}.{node['name']}"
