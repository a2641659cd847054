"""Imported once, by the process that every dbt of a test is forked from, so that a project has been read there.

That leaves dbt with all that does not depend on the project, such as its own schemas: a third of a first reading.
"""

import os
import tempfile
from pathlib import Path

from dbt.cli.main import dbtRunner

with tempfile.TemporaryDirectory() as folder:
    former = dict(os.environ)
    os.environ |= {
        "DBT_PROJECT_DIR": str(Path(__file__).parents[1]),
        "DBT_PROFILES_DIR": str(Path(__file__).parents[1]),
        "DBT_TARGET_PATH": folder,
        "DBT_LOG_PATH": folder,
        "MALL_SEGMENTS_DB": f"{folder}/warehouse.duckdb",
    }
    # The static parser has threads, which a fork would leave behind.
    dbtRunner().invoke(["parse", "--quiet", "--no-partial-parse", "--no-static-parser"])
    os.environ.clear()
    os.environ.update(former)
