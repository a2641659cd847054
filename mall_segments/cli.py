"""The command line: ``mall-segments``, or ``python -m mall_segments`` in a checkout."""

import argparse
import errno
import os
import sys
from pathlib import Path

import duckdb

from mall_segments import backfill, publish, questions
from mall_segments.problems import ProblemError
from mall_segments.progress import progress_line
from mall_segments.warehouse import MEMORY_LIMIT

INTERRUPTED = 130


def parser() -> argparse.ArgumentParser:
    """Build the parser of every command."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--warehouse",
        type=Path,
        default=Path(os.environ.get("MALL_SEGMENTS_DB", "warehouse.duckdb")),
        help="the DuckDB file that dbt builds; default: $MALL_SEGMENTS_DB or warehouse.duckdb",
    )
    shared.add_argument(
        "--memory",
        default=os.environ.get("MALL_SEGMENTS_MEMORY", MEMORY_LIMIT),
        help=f"what DuckDB may hold in memory, such as 4GB; default: $MALL_SEGMENTS_MEMORY or {MEMORY_LIMIT}".replace(
            "%", "%%"
        ),
    )
    commands = argparse.ArgumentParser(prog="mall-segments", description="What happens around `dbt build`.")
    subparsers = commands.add_subparsers(required=True, metavar="command")
    for module in (publish, questions, backfill):
        module.add_command(subparsers, shared)
    return commands


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code; what a user can put right is a sentence, not a traceback."""
    chosen = parser().parse_args(arguments)
    try:
        with progress_line():
            return chosen.run(chosen)
    except ProblemError as problem:
        print(problem, file=sys.stderr)
    except duckdb.OutOfMemoryException as error:
        print(
            f"DuckDB may hold {chosen.memory} in memory and that was too little ({first_line(error)}); "
            "give it more with --memory or MALL_SEGMENTS_MEMORY.",
            file=sys.stderr,
        )
    except (OSError, duckdb.IOException, duckdb.TransactionException) as error:
        print(file_trouble(error), file=sys.stderr)
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        print(
            f"{chosen.warehouse} lacks something that is read ({first_line(error)}), as a warehouse of another edition "
            "does; run `dbt build` with this one and try again.",
            file=sys.stderr,
        )
    except KeyboardInterrupt:
        print("Stopped; what was published before is still there.", file=sys.stderr)
        return INTERRUPTED
    return 1


def first_line(error: Exception) -> str:
    """Return the part of an error that a reader can use."""
    return str(error).strip().splitlines()[0]


def file_trouble(error: Exception) -> str:
    """Say what is wrong with a disk or a folder, and what to do."""
    said = first_line(error)
    number = getattr(error, "errno", None)
    if "Could not write file" in said:
        return f"Writing stopped, most likely because the disk is full ({said}); free some space and try again."
    if number in (errno.ENOSPC, errno.EDQUOT) or "No space left" in said or "Disk quota" in said:
        return f"The disk is full ({said}); free some space, or name a folder on another disk, and try again."
    if number in (errno.EACCES, errno.EPERM, errno.EROFS) or "ermission denied" in said or "ead-only" in said:
        return f"It cannot be written or read there ({said}); allow it, or name another folder, and try again."
    if number in (errno.ENOTDIR, errno.EEXIST, errno.ELOOP, errno.ENAMETOOLONG):
        return f"There can be no such folder or file ({said}); name another and try again."
    return f"A file could not be read or written ({said}); see that its folder exists and try again."
