"""Spark's own cluster, and a server of Spark Connect, as processes of a test's own on this machine."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pyspark

HOME = Path(pyspark.__file__).parent
MASTER = "org.apache.spark.deploy.master.Master"
WORKER = "org.apache.spark.deploy.worker.Worker"
SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def start(command: list[str], settings: Path, log: Path) -> subprocess.Popen:
    """Start a program of Spark, which listens on this machine alone, in a group of processes of its own."""
    own = {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_CONF_DIR": str(settings), "SPARK_HOME": str(HOME)}
    with log.open("w") as file:
        return subprocess.Popen(
            [str(HOME / "bin" / command[0]), *command[1:]],
            env=os.environ | own,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def kill(process: subprocess.Popen) -> None:
    """Kill a program and what it has started, as a machine that goes down does."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(log: Path, words: str, times: int = 1, seconds: float = 60) -> None:
    """Wait until a log says something."""
    until = time.monotonic() + seconds
    while log.read_text().count(words) < times:
        assert time.monotonic() < until, log.read_text()[-2000:]
        time.sleep(0.2)


@contextlib.contextmanager
def running_cluster(folder: Path, settings: Path, workers: int = 2) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """Run a master and its workers of one core each; yield the address of the master, and the workers."""
    port, log = free_port(), folder / "master.log"
    own = ["--host", "127.0.0.1"]
    started = [start(["spark-class", MASTER, *own, "--port", str(port), "--webui-port", "0"], settings, log)]
    try:
        wait_for(log, "I have been elected leader")
        for number in range(workers):
            arguments = ["--cores", "1", "--memory", "2g", "--webui-port", "0", "--work-dir", str(folder / f"{number}")]
            command = ["spark-class", WORKER, *own, *arguments, f"spark://127.0.0.1:{port}"]
            started.append(start(command, settings, folder / f"worker_{number}.log"))
        wait_for(log, "Registering worker", workers)
        yield f"spark://127.0.0.1:{port}", started[1:]
    finally:
        for process in reversed(started):
            kill(process)


@contextlib.contextmanager
def running_server(folder: Path, tables: Path, settings: Path) -> Iterator[str]:
    """Run a server of Spark Connect, with its tables in a folder as the adapter lays it out; yield its address."""
    port, log = free_port(), folder / "server.log"
    own = {
        "spark.master": "local[2]",
        "spark.driver.memory": "4g",
        "spark.ui.enabled": "false",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.sql.catalogImplementation": "hive",
        "spark.sql.warehouse.dir": str(tables / "tables"),
        "spark.hadoop.javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={tables / 'metastore'};create=true",
        "spark.driver.defaultJavaOptions": f"-Dderby.stream.error.file={tables / 'derby.log'}",
    }
    listed = [part for name, value in own.items() for part in ("--conf", f"{name}={value}")]
    server = start(["spark-submit", "--class", SERVER, *listed, "spark-internal"], settings, log)
    try:
        wait_for(log, "Spark Connect server started")
        yield f"sc://127.0.0.1:{port}"
    finally:
        kill(server)
