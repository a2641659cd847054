"""Run the notebook; as a program, ``python -m tests.notebook``, store in it what it shows of the warehouse."""

from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parent.parent / "analyses" / "customer_segmentation.ipynb"


def read_notebook() -> nbformat.NotebookNode:
    """The notebook as it is stored."""
    return nbformat.read(NOTEBOOK, as_version=4)


def execute(notebook: nbformat.NotebookNode, folder: Path = NOTEBOOK.parent) -> nbformat.NotebookNode:
    """Run all cells in a folder; when they ran is not kept."""
    resources = {"metadata": {"path": str(folder)}}
    return NotebookClient(notebook, timeout=120, record_timing=False, resources=resources).execute()


def outputs(notebook: nbformat.NotebookNode) -> list:
    """What all cells show, in order."""
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


if __name__ == "__main__":
    notebook = read_notebook()
    language = notebook.metadata.language_info
    execute(notebook)
    notebook.metadata.language_info = language
    nbformat.write(notebook, NOTEBOOK)
