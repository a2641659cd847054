"""The warehouse file that dbt builds, opened to read under whatever name it has now."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from mall_segments.problems import ProblemError

PATIENCE_SECONDS = 10
MEMORY_LIMIT = "80%"  # of the machine's, as DuckDB takes by itself
CATALOG = "built"
UNPREFIXED = "unprefixed"
PUBLISHED_SCHEMAS = ("marts", "campaigns", "reporting")
READ_BESIDES = ("meta.builds", "clustering.segment_centroids")  # when they are published

_NAME = r'(?:"(?:[^"]|"")+"|\w+)'
_QUALIFIED = re.compile(rf"({_NAME})\.({_NAME})\.({_NAME})")


def identifier(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | Path) -> str:
    """Quote a text for SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def set_limits(connection: duckdb.DuckDBPyConnection, memory_limit: str, spill: Path | None = None) -> None:
    """Tell DuckDB how much memory it may hold and where to put what does not fit.

    Raises
    ------
    ProblemError
        If the limit is not a size.
    """
    try:
        connection.execute(f"set memory_limit = {literal(memory_limit)}")
    except duckdb.Error as error:
        raise ProblemError(
            f"The memory limit `{memory_limit}` is not a size; write it as '4GB' or '50%', in --memory or "
            "MALL_SEGMENTS_MEMORY."
        ) from error
    if spill:
        connection.execute(f"set temp_directory = {literal(spill)}")


@contextmanager
def open_warehouse(path: Path, memory_limit: str = MEMORY_LIMIT) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse to read; the schemas of the connection's current catalog have their plain names.

    The connection is in memory and the file attached to it, so that other files can be written beside it. Views
    carry the name that the file had when they were built, so that name is served too. Schemas that a target of dbt
    puts behind its own (`dev_marts`) are served without it.

    Raises
    ------
    ProblemError
        If there is no warehouse, it is no DuckDB file, or a build holds it for longer than ten seconds.
    """
    if not path.is_file():
        raise ProblemError(f"There is no warehouse at {path}; run `dbt build`, or name the file with --warehouse.")
    with duckdb.connect() as connection:
        set_limits(connection, memory_limit)
        _attach(connection, path)
        connection.execute(f"use {CATALOG}")
        _serve_former_names(connection)
        prefix = _schema_prefix(connection, path)
        if prefix:
            _serve_without(connection, prefix)
        yield connection


def _attach(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            connection.execute(f"attach {literal(path)} as {CATALOG} (type duckdb, read_only)")
            return
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            if "lock" not in str(error):
                raise ProblemError(
                    f"{path} cannot be read as a warehouse ({str(error).splitlines()[0]}); name the file that "
                    "`dbt build` wrote with --warehouse, or remove it and build again."
                ) from error
            if time.monotonic() > deadline:
                raise ProblemError(
                    f"Another program holds {path}, most likely a build; try again when it has ended."
                ) from error
            time.sleep(0.2)


def _serve_former_names(connection: duckdb.DuckDBPyConnection) -> None:
    """Make views of a file that was copied or renamed since they were built find their tables."""
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = current_database()"
    ).fetchall()
    views = connection.execute(
        "select schema_name, view_name, sql from duckdb_views() where database_name = current_database()"
    ).fetchall()
    relations = {(schema, name) for schema, name, *_ in [*tables, *views]}
    formers = {
        catalog
        for *_, sql in views
        for catalog, schema, name in (map(_plain, found) for found in _QUALIFIED.findall(sql))
        if (schema, name) in relations
    }
    attached = {name for (name,) in connection.execute("select database_name from duckdb_databases()").fetchall()}
    for former in formers - {CATALOG}:
        if former not in attached:
            connection.execute(f"attach ':memory:' as {identifier(former)}")
        for schema in {schema for schema, _ in relations}:
            connection.execute(f"create schema if not exists {identifier(former)}.{identifier(schema)}")
    # A view is bound when it is made, so those that read other views wait until these are served.
    waiting = [(former, *relation) for former in formers - {CATALOG} for relation in sorted(relations)]
    while waiting:
        unserved = [each for each in waiting if not _serve(connection, *each)]
        if len(unserved) == len(waiting):
            break
        waiting = unserved


def _serve(connection: duckdb.DuckDBPyConnection, former: str, schema: str, name: str) -> bool:
    relation = f"{identifier(schema)}.{identifier(name)}"
    try:
        connection.execute(f"create view {identifier(former)}.{relation} as from {CATALOG}.{relation}")
    except duckdb.Error:
        return False
    return True


def _schema_prefix(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    """What stands before `marts` in this file."""
    schemas = connection.execute(
        """
        select distinct schema_name from duckdb_tables()
        where database_name = current_database() and table_name = 'segments' and ends_with(schema_name, 'marts')
        order by schema_name
        """
    ).fetchall()
    prefixes = [schema.removesuffix("marts") for (schema,) in schemas]
    if len(prefixes) > 1 and "" not in prefixes:
        raise ProblemError(
            f"{path} holds the marts of several targets ({', '.join(schema for (schema,) in schemas)}); build a file "
            "of its own for the one to read, or the target `prod`, whose schemas have plain names."
        )
    return prefixes[0] if prefixes and "" not in prefixes else ""


def _serve_without(connection: duckdb.DuckDBPyConnection, prefix: str) -> None:
    """Make a catalog whose schemas lack the prefix, with all that the prefixed ones hold, and use it."""
    connection.execute(f"attach ':memory:' as {UNPREFIXED}")
    chosen = {"prefix": prefix}
    relations = connection.execute(
        """
        with relations as (
            select database_name, schema_name, table_name as name, comment from duckdb_tables()
            union all
            select database_name, schema_name, view_name as name, comment from duckdb_views()
        )
        select schema_name, name, comment from relations
        where database_name = current_database() and starts_with(schema_name, $prefix)
        """,
        chosen,
    ).fetchall()
    columns = connection.execute(
        """
        select schema_name, table_name, column_name, comment from duckdb_columns()
        where database_name = current_database() and starts_with(schema_name, $prefix) and comment is not null
        """,
        chosen,
    ).fetchall()
    functions = connection.execute(
        """
        select schema_name, function_name, parameters, macro_definition from duckdb_functions()
        where database_name = current_database() and starts_with(schema_name, $prefix) and function_type = 'table_macro'
        """,
        chosen,
    ).fetchall()
    prefixed = re.compile(rf'(?<![\w"])("?){re.escape(prefix)}(\w+"?\.)')
    for schema, name, comment in relations:
        plain = f"{UNPREFIXED}.{identifier(schema.removeprefix(prefix))}"
        connection.execute(f"create schema if not exists {plain}")
        connection.execute(
            f"create view {plain}.{identifier(name)} as from {CATALOG}.{identifier(schema)}.{identifier(name)}"
        )
        if comment is not None:
            connection.execute(f"comment on view {plain}.{identifier(name)} is {literal(comment)}")
    for schema, *path, comment in columns:
        column = ".".join(identifier(name) for name in (schema.removeprefix(prefix), *path))
        connection.execute(f"comment on column {UNPREFIXED}.{column} is {literal(comment)}")
    connection.execute(f"use {UNPREFIXED}")
    for schema, name, parameters, definition in functions:
        plain = prefixed.sub(r"\1\2", definition)
        connection.execute(
            f"create macro {identifier(schema.removeprefix(prefix))}.{identifier(name)}"
            f"({', '.join(map(identifier, parameters))}) as table ({plain})"
        )


def _plain(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
