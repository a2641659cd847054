"""The project under test, and warehouses built by a real dbt in a process of its own, as a scheduler would start it."""

import gc
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
import yaml

PROJECT = Path(__file__).parents[1]

# What a build is asked for where only segments and their history are looked at: not for what page, pictures and
# campaigns read, a third of the tables.
SEGMENTS_ALONE = ("build", "--exclude", "config.schema:reporting+", "config.schema:campaigns+", "test_type:unit")

# Every command is a process of its own, forked from one that has imported dbt and read a project once: both take longer
# than the rest of a small command.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["dbt.adapters.duckdb", "sklearn.cluster", "sklearn.metrics", "tests.warm_dbt"])


def run_dbt(arguments: list[str], folder: Path, environment: dict[str, str], output: Path, errors: Path) -> None:
    """Be the process of one dbt command, and end with its exit code."""
    # What dbt makes is needed until it ends, and looking for garbage in it takes a tenth of the time.
    gc.disable()
    sys.argv = ["dbt", *arguments]  # dbt looks there for options out of use
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for descriptor, file in ((1, output), (2, errors)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
    from dbt.cli.main import cli

    from tests.warm_dbt import begin_with_what_was_read

    if folder == PROJECT and "--project-dir" not in arguments:
        begin_with_what_was_read(Path(environment["DBT_TARGET_PATH"]))
    cli(arguments, prog_name="dbt")


def run_operations(environment: dict[str, str], calls: Path, answers: Path) -> None:
    """Be a process that reads the project once and then runs macros, each with vars of its own."""
    os.environ.update(environment)
    os.chdir(PROJECT)
    from dbt.cli.main import dbtRunner

    manifest = dbtRunner().invoke(["--quiet", "parse"]).result
    found = []
    for macro, arguments, project_vars in yaml.safe_load(calls.read_text()):
        events = []
        result = dbtRunner(manifest=manifest, callbacks=[events.append]).invoke(
            ["--quiet", "run-operation", macro, "--args", json.dumps(arguments), "--vars", yaml.safe_dump(project_vars)]
        )
        shown = " ".join(event.info.msg for event in events if event.info.level == "error")
        found.append([result.success, " ".join(shown.split())])
    answers.write_text(json.dumps(found))


def further(*cases: Any) -> list:
    """Return cases of a parametrized test that are of a kind with a shorter one, to be run where time is no matter."""
    return [pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.long) for case in cases]


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
        if project_vars:
            arguments += ("--vars", json.dumps(project_vars))
        with tempfile.TemporaryDirectory() as scratch:
            output, errors = Path(scratch, "stdout"), Path(scratch, "stderr")
            environment = os.environ | self.environment()
            process = PROCESSES.Process(target=run_dbt, args=(arguments, self.project, environment, output, errors))
            process.start()
            process.join()
            # A forked process ends without closing the file; opening it once writes the log into it, so that it can be
            # copied.
            if Path(f"{self.path}.wal").exists():
                self.writing().close()
            result = subprocess.CompletedProcess(
                ("dbt", *arguments), process.exitcode, output.read_text(), errors.read_text()
            )
        if check and result.returncode:
            pytest.fail(f"{' '.join(result.args)}\n{result.stdout[-6000:]}\n{result.stderr[-2000:]}")
        return result

    def operations(self, calls: list[tuple[str, dict, dict]]) -> list[tuple[bool, str]]:
        """Run macros, given as name, arguments and vars, in one process: a third of a second each.

        Returns whether each went well, and on one line the errors it showed.
        """
        asked, answers = self.folder / "calls.yml", self.folder / "answers.json"
        asked.write_text(yaml.safe_dump([list(call) for call in calls]))
        process = PROCESSES.Process(target=run_operations, args=(self.environment(), asked, answers))
        process.start()
        process.join()
        return [tuple(answer) for answer in json.loads(answers.read_text())]

    def query(self, sql: str) -> pd.DataFrame:
        """Return the answer of one query as a DataFrame."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.sql(sql).df()
