"""What long work is at, on a terminal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

USUAL_COLUMNS = 80


@contextmanager
def progress_line() -> Iterator[None]:
    """Leave no line behind, however the work ends."""
    try:
        yield
    finally:
        show_progress("")


def show_progress(text: str) -> None:
    """Write over the line of a terminal, or wipe it for an empty text; elsewhere nothing."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text[: _columns() - 1]}", end="", file=sys.stderr, flush=True)


def _columns() -> int:
    """How much fits into a line: what does not would go on in another, which stays."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or USUAL_COLUMNS
    except OSError:
        return USUAL_COLUMNS
