"""Compiled models on tables that a test fills, so that a rule is tried on many drawn tables without as many builds."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
from project import PROJECT


class CompiledModels:
    """The SQL of some models, compiled once, in a database of its own in memory."""

    def __init__(self, folder: Path, *models: str, **project_vars):
        command = [Path(sys.executable).with_name("dbt"), "compile", "--vars", json.dumps(project_vars)]
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
