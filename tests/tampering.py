"""What a dbt data test finds in tables that somebody tampered with."""

import json

import duckdb
from project import Warehouse


def found_after(warehouse: Warehouse, connection: duckdb.DuckDBPyConnection, test: str, change: str) -> list[str]:
    """Return the rows that a data test finds after a change that is taken back; before it, it finds none.

    The connection is to the warehouse, or to a copy under the name that its compiled tests know it by.
    """
    (compiled,) = (warehouse.folder / "target" / "compiled").rglob(f"{test}.sql")
    sql = compiled.read_text()
    assert connection.sql(sql).fetchall() == []
    connection.begin()
    try:
        connection.execute(change)
        return [str(row) for row in connection.sql(sql).fetchall()]
    finally:
        connection.rollback()


def data_tests(warehouse: Warehouse) -> set[str]:
    """Return the names of the data tests that the project has as this warehouse was last built."""
    nodes = json.loads((warehouse.folder / "target" / "manifest.json").read_text())["nodes"].values()
    return {node["name"] for node in nodes if node["resource_type"] == "test" and node["config"]["enabled"]}
