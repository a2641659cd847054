"""A warehouse in PostgreSQL, copied into a DuckDB file that is published as any other."""

import os
import tempfile
from pathlib import Path

import duckdb

from mall_segments.problems import ProblemError
from mall_segments.warehouse import PUBLISHED_SCHEMAS, READ_BESIDES, identifier, literal

# The type of what the function in PostgreSQL returns; the function itself stays behind.
LEFT_OUT = "classify_customer_row"
TYPES = {
    "boolean": "boolean",
    "integer": "integer",
    "bigint": "bigint",
    "double precision": "double",
    "numeric": "double",
    "date": "date",
    "timestamp without time zone": "timestamp",
}
COLUMNS = """
    select
        namespaces.nspname,
        relations.relname,
        obj_description(relations.oid, 'pg_class'),
        columns.attname,
        format_type(columns.atttypid, null),
        col_description(relations.oid, columns.attnum)
    from pg_class as relations
    inner join pg_namespace as namespaces on relations.relnamespace = namespaces.oid
    inner join pg_attribute as columns on relations.oid = columns.attrelid
    where
        relations.relkind in ('r', 'v')
        and columns.attnum > 0
        and not columns.attisdropped
        and relations.relname != %(left_out)s
        and relations.relname !~ '__dbt_(tmp|backup)'
        and (
            namespaces.nspname = any(%(schemas)s)
            or namespaces.nspname || '.' || relations.relname = any(%(besides)s)
        )
    order by namespaces.nspname, relations.relname, columns.attnum
"""


def connect():
    """Connect to the database that PGDATABASE and so on name.

    Raises
    ------
    ProblemError
        If PostgreSQL's client is not installed, or no server answers.
    """
    try:
        import psycopg2  # noqa: PLC0415, an extra
    except ImportError as error:
        raise ProblemError("PostgreSQL's client is not installed; run `make postgres`, which installs it.") from error
    try:
        return psycopg2.connect(
            host=os.environ.get("PGHOST", "localhost"),
            user=os.environ.get("PGUSER", "postgres"),
            dbname=os.environ.get("PGDATABASE", "postgres"),
            options="-c jit=off",  # views of some hundred expressions take seconds to compile, and less to read
        )
    except psycopg2.OperationalError as error:
        raise ProblemError(
            f"PostgreSQL does not let us in ({str(error).strip().splitlines()[0]}); say in PGHOST, PGPORT, PGUSER, "
            "PGPASSWORD and PGDATABASE which database to read."
        ) from error


def ask(query: str) -> list[tuple] | None:
    """Run a query on the database that PGDATABASE and so on name, and return its rows; none where a table is missing.

    Raises
    ------
    ProblemError
        If PostgreSQL's client is not installed, or no server answers.
    """
    source = connect()
    from psycopg2.errors import UndefinedTable  # noqa: PLC0415, an extra

    try:
        with source.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    except UndefinedTable:
        return None
    finally:
        source.close()


def copy_warehouse(
    file: Path, schemas: tuple[str, ...] = PUBLISHED_SCHEMAS, only: dict[str, str] | None = None
) -> None:
    """Copy what publishing reads from the database that PGDATABASE and so on name, all of it as of one moment.

    Tables go through a file, one after the other, and are never held in memory. Comments come along.

    Parameters
    ----------
    file : Path
        The DuckDB file to be made.
    schemas : tuple of str
        The schemas to copy all of.
    only : dict of str to str, optional
        Of which relations to copy some rows alone: a name such as `marts.customers` to a condition in SQL.

    Raises
    ------
    ProblemError
        If PostgreSQL's client is not installed, or no server answers.
    """
    source = connect()
    with duckdb.connect(str(file)) as target, tempfile.TemporaryDirectory() as folder:
        source.set_session(isolation_level="REPEATABLE READ", readonly=True)
        cursor = source.cursor()
        cursor.execute(COLUMNS, {"left_out": LEFT_OUT, "schemas": list(schemas), "besides": list(READ_BESIDES)})
        relations: dict[tuple, list] = {}
        for schema, name, comment, *column in cursor.fetchall():
            relations.setdefault((schema, name, comment), []).append(column)
        for (schema, name, comment), columns in relations.items():
            relation = f"{identifier(schema)}.{identifier(name)}"
            types = {column: TYPES.get(data_type, "varchar") for column, data_type, _ in columns}
            listed = ", ".join(f"{identifier(column)} {data_type}" for column, data_type in types.items())
            target.execute(f"create schema if not exists {identifier(schema)}")
            target.execute(f"create table {relation} ({listed})")
            rows = Path(folder, "rows.csv")
            with rows.open("wb") as written:
                chosen = f"select * from {relation} where {(only or {}).get(f'{schema}.{name}', 'true')}"
                cursor.copy_expert(f"copy ({chosen}) to stdout (format csv, encoding 'utf8')", written)
            # An empty text is quoted, a missing one is not.
            target.execute(
                f"""
                insert into {relation} select * from read_csv(
                    {literal(rows)}, columns = $types, header = false, auto_detect = false, delim = ',', quote = '"',
                    escape = '"', nullstr = '', allow_quoted_nulls = false, parallel = false
                )
                """,
                {"types": types},
            )
            if comment is not None:
                target.execute(f"comment on table {relation} is {literal(comment)}")
            for column, _, said in columns:
                if said is not None:
                    target.execute(f"comment on column {relation}.{identifier(column)} is {literal(said)}")
    source.close()
