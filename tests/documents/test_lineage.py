"""What dbt's lineage says is read is what is read, and the other way round."""

import json
import re

import duckdb
import nbformat
import pytest
from project import PROJECT

from mall_segments.charts import CHARTS
from mall_segments.frames import TABLES

SOURCES = "\n".join(file.read_text() for file in sorted((PROJECT / "mall_segments").rglob("*.py")))
TABLE_NAME = re.compile(r"\b(?:staging|features|clustering|marts|campaigns|reporting)\.[a-z]\w*(?!\w|\()")


@pytest.fixture(scope="module")
def manifest(warehouse) -> dict:
    warehouse.dbt("parse")
    return json.loads((warehouse.folder / "target" / "manifest.json").read_text())


@pytest.fixture(scope="module")
def tables(manifest) -> dict[str, str]:
    """Every table that dbt makes, as a query names it, by its id."""
    return {key: f"{node['schema']}.{node['alias']}" for key, node in manifest["nodes"].items() if "alias" in node}


@pytest.fixture(scope="module")
def declared(manifest, tables) -> dict[str, set[str]]:
    """The tables that each exposure depends on."""
    return {
        each["name"]: {tables[key] for key in each["depends_on"]["nodes"]} for each in manifest["exposures"].values()
    }


FRAMES = {table for table, _ in TABLES.values()}


def test_every_program_that_reads_tables_is_an_exposure(declared):
    assert set(declared) == {"dashboard", "notebook", "streamlit_page", "published_file", "saved_model"}


@pytest.mark.parametrize("name", ["dashboard", "streamlit_page"])
def test_pages_depend_on_the_frames(declared, name):
    assert declared[name] == FRAMES


def test_the_notebook_depends_on_the_frames_and_on_what_its_own_queries_name(declared):
    notebook = nbformat.read(PROJECT / "analyses/customer_segmentation.ipynb", as_version=4)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert declared["notebook"] == FRAMES | set(TABLE_NAME.findall(code))


def test_the_published_file_depends_on_every_table_that_is_in_it(declared, exports):
    with duckdb.connect(str(exports / "segments.duckdb"), read_only=True) as connection:
        rows = connection.sql("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
    assert declared["published_file"] == {name for (name,) in rows}


def test_the_program_reads_nothing_else(declared, tables):
    named = set(TABLE_NAME.findall(SOURCES)) & set(tables.values())
    assert {"marts.segments", "clustering.segment_centroids"} <= named
    assert named <= set().union(*declared.values())
    assert declared["saved_model"] == {name for name in named if name.startswith("clustering.")}


def test_every_frame_is_drawn_or_written_on_the_page():
    page = (PROJECT / "mall_segments/page/sections.py").read_text() + (
        PROJECT / "mall_segments/page/__init__.py"
    ).read_text()
    drawn = {frame for each in CHARTS.values() for frame in each.reads}
    written = set(re.findall(r'frames\["(\w+)"\]', page))
    assert drawn | written == set(TABLES)


def test_nothing_in_reporting_goes_unread(manifest):
    reporting = {f"reporting.{node['name']}" for node in manifest["nodes"].values() if node["schema"] == "reporting"}
    assert {table for table in FRAMES if table.startswith("reporting.")} == reporting
