"""The number that draws a customer's arm is the same on every engine, and the one that MD5 gives."""

import hashlib
import re
import shutil
from pathlib import Path

import duckdb
import jinja2
import pytest
from postgres import new_cluster, programs
from project import PROJECT

TEXTS = [
    "arm spring mailing 1",
    "arm spring mailing 00001",
    "arm été Zoë",
    "arm 母の日 客-7",
    "arm ' quoted \\ 2",
    "",
    " 🙂 ",
]


def expected(text: str) -> float:
    """The first 52 bits of the MD5 of the text in UTF-8, as a part of 1."""
    return int(hashlib.md5(text.encode()).hexdigest()[:13], 16) / 2**52


def query(engine: str) -> str:
    """The macro's expression for an engine, of each text."""
    macros = jinja2.Template(Path(PROJECT, "macros", "numbers", "hash_fraction.sql").read_text()).module
    quoted = [text.replace("'", "''") for text in TEXTS]
    if engine == "spark":
        quoted = [text.replace("\\", "\\\\").replace("'", "\\'") for text in TEXTS]
    literals = [f"'{text}'" for text in quoted]
    return "select " + ", ".join(getattr(macros, f"{engine}__hash_fraction")(literal) for literal in literals)


def test_duckdb_draws_by_the_bits_of_md5():
    assert duckdb.connect().execute(query("default")).fetchone() == tuple(map(expected, TEXTS))


def test_postgres_draws_the_same_arms():
    with new_cluster() as (data, run):
        # Single-user mode: no server, no port.
        command = [programs() / "postgres", "--single", "-D", data, "postgres"]
        answer = run(command, input=query("postgres") + "\n", capture_output=True, text=True).stdout
    found = re.findall(r'= "([^"]*)"', answer)
    assert [float(number) for number in found] == [expected(text) for text in TEXTS]


def test_spark_draws_the_same_arms(monkeypatch):
    sql = pytest.importorskip("pyspark.sql", reason="Spark is not installed")
    if not shutil.which("java"):
        pytest.skip("Java is not installed")
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    session = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    found = tuple(session.sql(query("spark")).first())
    session.stop()
    assert found == tuple(map(expected, TEXTS))
