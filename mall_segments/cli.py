"""The command line: ``mall-segments``, or ``python -m mall_segments`` in a checkout."""

import argparse
import os
import sys
from pathlib import Path

from mall_segments import publish, questions


def parser() -> argparse.ArgumentParser:
    """Build the parser of every command."""
    commands = argparse.ArgumentParser(prog="mall-segments", description="What happens around `dbt build`.")
    commands.add_argument(
        "--warehouse",
        type=Path,
        default=Path(os.environ.get("MALL_SEGMENTS_DB", "warehouse.duckdb")),
        help="the DuckDB file that dbt builds; default: $MALL_SEGMENTS_DB or warehouse.duckdb",
    )
    subparsers = commands.add_subparsers(required=True, metavar="command")
    for module in (publish, questions):
        module.add_command(subparsers)
    return commands


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code."""
    chosen = parser().parse_args(arguments)
    return chosen.run(chosen)


if __name__ == "__main__":
    sys.exit(main())
