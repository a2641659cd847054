"""The notebook runs top to bottom and is committed without outputs."""

import nbformat
import pytest
from nbclient import NotebookClient
from project import PROJECT

NOTEBOOK = PROJECT / "analyses/customer_segmentation.ipynb"


@pytest.fixture(scope="module")
def executed(warehouse):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MALL_SEGMENTS_DB", str(warehouse.path))
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(NOTEBOOK.parent)}})
        return client.execute()


def outputs(notebook: nbformat.NotebookNode) -> list:
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def test_notebook_runs_top_to_bottom_without_a_warning(executed):
    assert all(cell.execution_count for cell in executed.cells if cell.cell_type == "code")
    assert [output for output in outputs(executed) if output.get("name") == "stderr"] == []


def test_notebook_shows_charts_the_reason_and_the_segments(executed):
    shown = outputs(executed)
    charts = [output for output in shown if "vegaEmbed" in output.get("data", {}).get("text/html", "")]
    assert len(charts) == 11
    text = str(shown)
    assert "5 natural groups" in text
    assert "Selective Shoppers" in text


def test_notebook_leaves_the_warehouse_alone(executed, warehouse):
    assert executed
    assert warehouse.query("select count(*) as customers from marts.customers")["customers"][0] == 200


def test_first_cell_clones_the_project_and_builds_the_warehouse_where_there_is_none(tmp_path, monkeypatch):
    """As in Colab, but for the packages, which this environment has."""
    monkeypatch.setenv("MALL_SEGMENTS_REPOSITORY", str(PROJECT))
    monkeypatch.delenv("MALL_SEGMENTS_DB", raising=False)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    notebook.cells = notebook.cells[:3]
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert (tmp_path / "mall_segments/warehouse.duckdb").exists()
    assert "'segments': 9" in str(outputs(notebook)[-1])


def test_notebook_is_committed_without_outputs():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert outputs(notebook) == []
    assert all(cell.execution_count is None for cell in notebook.cells if cell.cell_type == "code")
