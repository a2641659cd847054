"""The project under test, and warehouses built by a real dbt in a process of its own, as a scheduler would start it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

PROJECT = Path(__file__).parents[1]


class Warehouse:
    """A warehouse file of a test's own, and dbt to build it with."""

    def __init__(self, folder: Path, project: Path = PROJECT):
        self.folder = folder
        self.project = project
        self.path = folder / "warehouse.duckdb"

    def environment(self) -> dict[str, str]:
        """What dbt has to find in the environment to build this file."""
        return {
            "MALL_SEGMENTS_DB": str(self.path),
            "DBT_PROFILES_DIR": str(self.project),
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
        }

    def writing(self) -> duckdb.DuckDBPyConnection:
        """Open the file to change it."""
        return duckdb.connect(str(self.path))

    def dbt(self, *arguments: str, project_vars: dict | None = None, check: bool = True) -> subprocess.CompletedProcess:
        """Run a dbt command such as ``dbt("build", "--empty")``; with `check` a failure fails the test."""
        command = [str(Path(sys.executable).with_name("dbt")), *arguments]
        if project_vars:
            command += ["--vars", json.dumps(project_vars)]
        result = subprocess.run(
            command, cwd=self.project, env=os.environ | self.environment(), capture_output=True, text=True, check=False
        )
        if check and result.returncode:
            pytest.fail(f"{' '.join(command)}\n{result.stdout[-6000:]}\n{result.stderr[-2000:]}")
        return result

    def query(self, sql: str) -> pd.DataFrame:
        """Return the answer of one query as a DataFrame."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.sql(sql).df()
