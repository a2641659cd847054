"""The notebook runs top to bottom, and what is stored of it is what it shows."""

import nbformat
import pytest
from project import PROJECT

from tests.notebook import NOTEBOOK, execute, outputs, read_notebook


@pytest.fixture(scope="module")
def executed(warehouse):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MALL_SEGMENTS_DB", str(warehouse.path))
        return execute(read_notebook())


def charts(notebook: nbformat.NotebookNode) -> list[dict]:
    return [output.data for output in outputs(notebook) if "alt." in output.get("data", {}).get("text/plain", "")]


def test_notebook_runs_top_to_bottom_without_a_warning(executed):
    assert all(cell.execution_count for cell in executed.cells if cell.cell_type == "code")
    assert [output for output in outputs(executed) if output.get("name") == "stderr"] == []


def test_notebook_shows_charts_the_reason_and_the_segments(executed):
    assert len(charts(executed)) == 11
    text = str(outputs(executed))
    assert "5 natural groups" in text
    assert "Selective Shoppers" in text


def test_notebook_leaves_the_warehouse_alone(executed, warehouse):
    assert executed
    assert warehouse.query("select count(*) as customers from marts.customers")["customers"][0] == 200


@pytest.mark.long
def test_first_cell_clones_the_project_and_builds_the_warehouse_where_there_is_none(tmp_path, monkeypatch):
    """As in Colab, but for the packages, which this environment has."""
    monkeypatch.setenv("MALL_SEGMENTS_REPOSITORY", str(PROJECT))
    monkeypatch.delenv("MALL_SEGMENTS_DB", raising=False)
    notebook = read_notebook()
    notebook.cells = notebook.cells[:3]
    execute(notebook, tmp_path)
    assert (tmp_path / "mall_segments/warehouse.duckdb").exists()
    assert "'segments': 9" in str(outputs(notebook)[-1])


def test_stored_outputs_are_what_the_notebook_shows(executed):
    """Texts, tables and the specifications of charts; not pictures, which follow the fonts of the machine."""

    def shown(notebook: nbformat.NotebookNode) -> list:
        # The first output is the path of the warehouse.
        return [
            output.get("text") or {kind: shown for kind, shown in output.data.items() if kind != "image/svg+xml"}
            for output in outputs(notebook)[1:]
        ]

    stored = read_notebook()
    for actual, expected in zip(shown(stored), shown(executed), strict=True):
        assert actual == expected, "run `make notebook`"
    assert outputs(stored)[0].data["text/plain"] == "PosixPath('warehouse.duckdb')"
    assert str(PROJECT) not in NOTEBOOK.read_text(encoding="utf-8")


def test_each_stored_chart_has_a_picture_and_needs_no_script():
    stored = charts(read_notebook())
    assert len(stored) == 11
    for chart in stored:
        assert chart["image/svg+xml"].startswith("<svg")
        assert any(kind.startswith("application/vnd.vegalite") for kind in chart)
        assert "text/html" not in chart
