"""Warehouses that tests share."""

from pathlib import Path

import pytest
from project import Warehouse

from mall_segments.publish import publish


@pytest.fixture
def new_warehouse(tmp_path: Path) -> Warehouse:
    """An empty warehouse for one test."""
    return Warehouse(tmp_path)


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The mall data built once for all tests that only read."""
    built = Warehouse(tmp_path_factory.mktemp("warehouse"))
    built.dbt("build")
    return built


@pytest.fixture(scope="session")
def exports(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the build of the mall data publishes, written once for all tests that only read."""
    folder = tmp_path_factory.mktemp("exports")
    publish(warehouse.path, folder)
    return folder
