"""Imported once, by the process that every dbt of a test is forked from, so that a project is read and compiled there.

A first command of a warehouse begins with what was read, where its vars are the project's own: reading takes longer
than most commands. Others are left with what does not depend on the project, such as dbt's own schemas.
"""

import os
import tempfile
from pathlib import Path

from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.cli.main import dbtRunner
from dbt_common.clients.jinja import template_cache

PROJECT = Path(__file__).parents[1]
READ = "partial_parse.msgpack"

# What was read does not depend on where the file lies, which dbt cannot know.
KEYS = tuple(key for key in DuckDBCredentials._connection_keys(None) if key != "path")
DuckDBCredentials._connection_keys = lambda _: KEYS

with tempfile.TemporaryDirectory() as folder:
    former = dict(os.environ)
    os.environ |= {
        "DBT_PROJECT_DIR": str(PROJECT),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_TARGET_PATH": folder,
        "DBT_LOG_PATH": folder,
        "MALL_SEGMENTS_DB": f"{folder}/warehouse.duckdb",
    }
    # The static parser has threads, which a fork would leave behind.
    manifest = dbtRunner().invoke(["parse", "--quiet", "--no-partial-parse", "--no-static-parser"]).result
    for macro in manifest.macros.values():
        if macro.package_name in ("dbt", "dbt_duckdb", "mall_segments"):
            template_cache.get_node_template(macro)
    read = Path(folder, READ).read_bytes()
    os.environ.clear()
    os.environ.update(former)


def begin_with_what_was_read(target: Path) -> None:
    """Put what was read where dbt looks for what its last command read, unless there was one."""
    target.mkdir(parents=True, exist_ok=True)
    if not (target / READ).exists():
        (target / READ).write_bytes(read)
