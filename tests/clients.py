"""Programs of other versions and vendors, each in a virtual environment of its own."""

import subprocess
import sys
from pathlib import Path

from project import PROJECT

ENVIRONMENTS = PROJECT / ".venv-clients"


def client(*packages: str) -> Path:
    """Return the Python of an environment that holds the given pinned packages, made on first use and kept."""
    folder = ENVIRONMENTS / "+".join(packages)
    python = folder / "bin" / "python"
    complete = folder / "complete"
    if not complete.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder)], check=True)
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(python)]
        subprocess.run([*pip, "install", "--no-compile", *packages], check=True)
        complete.touch()
    return python


def run(python: Path, script: str, *arguments: str | Path) -> str:
    """Run a script in a client's environment, apart from this project, and return what it prints."""
    command = [str(python), "-I", "-c", script, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=python.parent)
    assert result.returncode == 0, result.stderr
    return result.stdout
