"""The one session of Spark that a process has, and a cursor over it."""

import atexit
import logging
import os
import shutil
import sys
import threading
import warnings
from importlib.util import find_spec
from pathlib import Path

from dbt.adapters.spark.session import Connection, Cursor
from dbt_common.exceptions import DbtRuntimeError
from pyspark import SparkContext
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

SETTINGS = {
    # Read SQL as other engines do: errors instead of nulls, times without a zone.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    # Of a statement of some hundred expressions Spark would infer filters until it has no memory left.
    "spark.sql.constraintPropagation.enabled": "false",
    # Each plan would be written out as well, for a page that nobody looks at.
    "spark.sql.ui.explainMode": "simple",
    "spark.sql.maxPlanStringLength": "1000",
}
# What Spark logs of an error is the error that dbt shows.
logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL + 1)
# Frames of pandas are not handed to Spark, nor taken from it.
warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
LOCK = threading.Lock()
SESSIONS: list[SparkSession] = []


def session(credentials) -> SparkSession:
    """Return the session, started when it is first asked for and stopped when Python ends.

    With `remote` it is one of Spark Connect. Otherwise this process is the driver of `master`, and `warehouse` is the
    folder of the tables and of the Derby database that knows them, which one process at a time can open.
    """
    with LOCK:
        if SESSIONS:
            return SESSIONS[0]
        builder = SparkSession.builder
        if credentials.remote:
            if not find_spec("grpc_status"):
                raise DbtRuntimeError(
                    "Spark Connect needs packages that are not installed; run `pip install 'pyspark[connect]'`."
                )
            builder = builder.remote(credentials.remote)
        else:
            os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
            # By itself Java takes 1 GB, which long statements fill. The setting `spark.driver.memory` goes first.
            os.environ.setdefault("SPARK_DRIVER_MEMORY", "4g")
            folder = Path(credentials.warehouse).absolute()
            catalog = f"jdbc:derby:;databaseName={folder / 'metastore'};create=true"
            builder = (
                builder.master(credentials.master)
                .enableHiveSupport()
                .config("spark.log.level", "ERROR")
                .config("spark.ui.enabled", "false")
                .config("spark.sql.ui.retainedExecutions", "1")
                .config("spark.ui.showConsoleProgress", "false")
                .config("spark.sql.warehouse.dir", str(folder / "tables"))
                .config("spark.hadoop.javax.jdo.option.ConnectionURL", catalog)
                .config("spark.driver.defaultJavaOptions", f"-Dderby.stream.error.file={folder / 'derby.log'}")
            )
            folder.mkdir(parents=True, exist_ok=True)
            if credentials.master.startswith("local"):
                os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
            else:
                # What a worker holds is lost with it.
                builder = builder.config("spark.checkpoint.dir", str(folder / "held"))
        for name, value in credentials.server_side_parameters.items():
            builder = builder.config(name, value)
        started = builder.getOrCreate()
        for name, value in SETTINGS.items():
            started.conf.set(name, value)
        SESSIONS.append(started)
        atexit.register(stop)
        if held := held_in(started):
            started.catalog.listDatabases()  # fails where another process has the folder
            for left in set(held.parent.iterdir()) - {held}:
                shutil.rmtree(left, ignore_errors=True)
        return started


def held_in(started: SparkSession) -> Path | None:
    """Return the folder in which a session of a cluster holds the steps of its queries, where it is one of files."""
    context = getattr(started, "_sc", None)
    address = context.getCheckpointDir() if context else None
    return Path(address.removeprefix("file:")) if address and address.startswith("file:") else None


def stop() -> None:
    """Stop the session, and wait until the Java process has let go of its files."""
    if not SESSIONS:
        return
    started = SESSIONS.pop()
    held = held_in(started)
    gateway = getattr(getattr(started, "_sc", None), "_gateway", None)
    started.stop()
    if gateway is not None:
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait()
        SparkContext._gateway = SparkContext._jvm = None  # so that Python can start another
    if held:
        shutil.rmtree(held, ignore_errors=True)


class SessionCursor(Cursor):
    """A cursor of dbt-spark, on the session of the process."""

    def __init__(self, credentials):
        super().__init__()
        self.credentials = credentials

    def execute(self, sql: str, *parameters: object) -> None:
        """Run a statement; of a query Spark runs what is fetched."""
        self._rows = None
        try:
            self._df = session(self.credentials).sql(sql % parameters if parameters else sql)
        except PySparkException as error:
            raise DbtRuntimeError(str(error)) from error


class SessionConnection(Connection):
    """A connection of dbt-spark, on the session of the process."""

    def __init__(self, credentials):
        super().__init__()
        self.credentials = credentials

    def cursor(self) -> SessionCursor:
        """Return a cursor."""
        return SessionCursor(self.credentials)
