"""A warehouse of Spark, copied into a DuckDB file that is published as any other."""

import os
import tempfile
from pathlib import Path

import duckdb

from mall_segments.problems import ProblemError
from mall_segments.warehouse import PUBLISHED_SCHEMAS, READ_BESIDES, identifier, literal


def copy_warehouse(
    file: Path, schemas: tuple[str, ...] = PUBLISHED_SCHEMAS, only: dict[str, str] | None = None
) -> None:
    """Copy what publishing reads from the folder that MALL_SEGMENTS_SPARK names.

    Spark writes each table and view as Parquet, which DuckDB reads, so that none is held in memory. Spark has no moment
    that all are of, so that nothing may be built meanwhile; while it is, the folder lets nobody else in.

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
        If Spark is not installed, a server of Spark Connect is named, or there is no such folder.
    """
    try:
        from dbt.adapters.pythonspark.impl import PythonSparkCredentials  # noqa: PLC0415, an extra
        from dbt.adapters.pythonspark.session import session  # noqa: PLC0415
    except ImportError as error:
        raise ProblemError("Spark is not installed; run `make spark`, which installs it.") from error
    if os.environ.get("SPARK_REMOTE"):
        raise ProblemError(
            "A server of Spark Connect cannot be published from; unset SPARK_REMOTE where its tables are."
        )
    folder = Path(os.environ.get("MALL_SEGMENTS_SPARK", "warehouse.spark"))
    if not folder.is_dir():
        raise ProblemError(f"There is no folder `{folder}`; run `make spark`, or name another in MALL_SEGMENTS_SPARK.")
    master = os.environ.get("SPARK_MASTER", "local[*]")
    spark = session(PythonSparkCredentials(schema="default", master=master, warehouse=str(folder)))
    found = {row.namespace for row in spark.sql("show schemas").collect()}
    relations = [*READ_BESIDES]
    for schema in schemas:
        if schema in found:
            relations += [f"{schema}.{row.tableName}" for row in spark.sql(f"show tables in {schema}").collect()]
    with duckdb.connect(str(file)) as target, tempfile.TemporaryDirectory() as scratch:
        for relation in dict.fromkeys(relations):
            schema, name = relation.split(".")
            if schema not in found or name.endswith("__dbt_tmp"):
                continue
            parquet = Path(scratch, relation)
            spark.table(relation).where((only or {}).get(relation, "true")).write.parquet(str(parquet))
            target.execute(f"create schema if not exists {identifier(schema)}")
            target.execute(
                f"create table {identifier(schema)}.{identifier(name)} as "
                f"from read_parquet({literal(parquet / '*.parquet')})"
            )
