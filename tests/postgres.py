"""PostgreSQL servers of a test's own, from the programs that are installed."""

import contextlib
import functools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from project import Warehouse


def programs() -> Path:
    """Return the folder of PostgreSQL's programs; without one the test is skipped."""
    servers = [shutil.which("postgres"), *map(str, Path("/usr/lib/postgresql").glob("*/bin/postgres"))]
    server = next(filter(None, servers), None)
    if server is None:
        pytest.skip("PostgreSQL is not installed")
    return Path(server).resolve().parent


@contextlib.contextmanager
def new_cluster() -> Iterator[tuple[Path, Callable]]:
    """Make a cluster, and yield its folder and a `subprocess.run` for its programs.

    PostgreSQL refuses to run as root, and the user that it runs as instead could not reach a folder of pytest's.
    """
    home = programs()
    with tempfile.TemporaryDirectory(dir="/tmp", ignore_cleanup_errors=True) as folder:
        user = {"user": "nobody", "cwd": "/"} if os.geteuid() == 0 else {}
        if user:
            shutil.chown(folder, "nobody")
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        run = functools.partial(subprocess.run, check=True, env=environment, **user)
        data = Path(folder, "data")
        command = [home / "initdb", "--pgdata", data, "--encoding", "UTF8", "--username", "postgres", "--auth", "trust"]
        run([*command, "--no-sync"], capture_output=True)
        yield data, run


@contextlib.contextmanager
def running_cluster() -> Iterator[dict[str, str]]:
    """Run a cluster on a free port of this machine, and yield the variables that lead programs to it."""
    home = programs()
    with new_cluster() as (data, run):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = f"-p {port} -k {data} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
        control = [home / "pg_ctl", "--pgdata", data, "--log", data / "log", "--silent", "--wait"]
        run([*control, "--options", settings, "start"])
        try:
            yield {"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": "postgres", "PGDATABASE": "postgres"}
        finally:
            run([*control, "--mode", "immediate", "stop"])


class PostgresWarehouse(Warehouse):
    """A database of a test's own, and dbt to build it with."""

    def __init__(self, folder: Path, variables: dict[str, str]):
        super().__init__(folder)
        self.variables = variables

    def environment(self) -> dict[str, str]:
        """What dbt has to find in the environment to build this database."""
        return super().environment() | self.variables

    def dbt(self, *arguments: str, **options):
        """Run a dbt command on this database."""
        return super().dbt(*arguments, "--target", "postgres", **options)

    def connect(self):
        """Open the database."""
        psycopg2 = pytest.importorskip("psycopg2", reason="dbt-postgres is not installed")
        variables = {name: self.variables[f"PG{name.upper()}"] for name in ("host", "port", "user", "database")}
        return psycopg2.connect(**variables, options="-c jit=off")

    def write(self, table: str, rows: pd.DataFrame) -> None:
        """Make a table."""
        frames = pytest.importorskip("dbt.adapters.pythonpostgres.frames", reason="engines/ is not installed")
        connection = self.connect()
        with connection, connection.cursor() as cursor:
            cursor.execute("create schema if not exists raw")
            frames.write(cursor, table, rows)
        connection.close()
