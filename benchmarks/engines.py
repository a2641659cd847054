"""Build the same customers on each engine, say how long it takes, and compare every table with DuckDB's.

    python -m benchmarks.engines 1000000 postgres spark

PostgreSQL is the database that PGHOST and so on name, which has to be empty; Spark runs where SPARK_MASTER says. Writes
`engines.json`.
"""

import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from benchmarks.generate_customers import generate_customers
from mall_segments import postgres, spark

PROJECT = Path(__file__).parents[1]
RESULTS = PROJECT / "benchmarks" / "engines.json"
SCHEMAS = ("raw", "staging", "features", "clustering", "campaigns", "marts", "reporting", "semantic")
# Of what says when and by which run, and of a hash that is an engine's own, only whether it is there is the same.
OF_THE_RUN = {"trained_at", "seen_at", "valid_from", "valid_to", "moved_at", "invocation_id", "fit_seconds", "row_hash"}
# One of two builds may have begun before midnight.
TODAY = "case when {0} >= current_date - 1 then current_date else {0} end"
# Of more customers than these the views are compared in part: all rows of every hundredth customer.
ALL_VIEWS_UP_TO = 1_000_000
VIEWS_OF_CUSTOMERS = """
    select views.schema_name || '.' || views.view_name
    from duckdb_views() as views
    inner join duckdb_columns() as columns
        on views.schema_name = columns.schema_name and views.view_name = columns.table_name
    where list_contains($schemas, views.schema_name) and columns.column_name = 'customer_id'
"""
# Of each customer these have several rows, which take longer to make than all tables; no customers can be picked.
LONG_VIEWS = ("clustering.scored_values", "marts.upgrade_candidates", "semantic.upgrade_candidate_facts")
COLUMNS = """
    select schema_name || '.' || table_name, column_name, data_type
    from duckdb_columns()
    where
        database_name = $name
        and list_contains($schemas, schema_name)
        and table_name not in ('drawn', 'classify_customer_row')
        -- It names the file, or the table that it was loaded into.
        and not (table_name = 'totals' and column_name = 'source')
    order by schema_name, table_name, column_index
"""


def load(customers: Path) -> None:
    """Make the table `raw.drawn` of the customers in PostgreSQL."""
    import psycopg2  # noqa: PLC0415, an extra

    with tempfile.TemporaryDirectory() as folder, psycopg2.connect("") as connection, connection.cursor() as cursor:
        rows = Path(folder, "rows.csv")
        columns = duckdb.sql(f"describe from '{customers}'").fetchall()
        duckdb.sql(f"copy (from '{customers}') to '{rows}' (header false)")
        types = {"VARCHAR": "text", "DOUBLE": "double precision"}
        listed = ", ".join(f'"{column[0]}" {types.get(column[1], column[1])}' for column in columns)
        cursor.execute(f"create schema if not exists raw; create table raw.drawn ({listed})")
        with rows.open() as lines:
            cursor.copy_expert("copy raw.drawn from stdin (format csv)", lines)
    connection.close()


# Spark's own record of what it did, as one file of lines.
EVENTS = """
spark.eventLog.enabled true
spark.eventLog.compress false
spark.eventLog.rolling.enabled false
spark.eventLog.dir {}
"""


def work_of_spark(events: Path) -> dict:
    """Sum up what the tasks of Spark did, by its own record in a folder.

    Returns
    -------
    dict
        `tasks` that succeeded, by executor; `cpu_s` of all, `read_gb` from tables, `shuffled_gb` between tasks and
        `spilled_gb` to disk.
    """
    tasks, cpu, read, shuffled, spilled = collections.Counter(), 0, 0, 0, 0
    for file in events.iterdir():
        with file.open() as lines:
            for line in lines:
                if '"SparkListenerTaskEnd"' not in line[:40]:
                    continue
                event = json.loads(line)
                if event["Task End Reason"]["Reason"] != "Success":
                    continue
                tasks[event["Task Info"]["Executor ID"]] += 1
                did = event["Task Metrics"]
                cpu += did["Executor CPU Time"]
                read += did["Input Metrics"]["Bytes Read"]
                shuffled += did["Shuffle Write Metrics"]["Shuffle Bytes Written"]
                spilled += did["Disk Bytes Spilled"]
    sizes = {"read_gb": read, "shuffled_gb": shuffled, "spilled_gb": spilled}
    return {"tasks": dict(tasks), "cpu_s": round(cpu / 1e9)} | {name: round(n / 1e9, 2) for name, n in sizes.items()}


def built(engine: str, folder: Path, project_vars: dict) -> float:
    """Run `dbt build` on an engine, and return how many seconds it took."""
    own = {
        "DBT_PROFILES_DIR": str(PROJECT),
        "MALL_SEGMENTS_DB": str(folder / "warehouse.duckdb"),
        "MALL_SEGMENTS_SPARK": str(folder / "spark"),
        "SPARK_CONF_DIR": str(folder),
    }
    command = [str(Path(sys.executable).with_name("dbt")), "build", "--target", engine]
    command += ["--vars", json.dumps(project_vars)]
    command += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=PROJECT, env=os.environ | own, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{engine}\n{done.stdout[-4000:]}")
    return time.perf_counter() - started


def rows_of_views(warehouse: Path, customers: int) -> dict[str, str]:
    """Say which rows of the views are compared, as conditions in SQL: all, or those of every hundredth customer.

    A view has nothing that the tables under it, which are compared whole, do not have; but copying the views of many
    customers takes longer than all else.
    """
    if customers <= ALL_VIEWS_UP_TO:
        return {}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        views = connection.execute(VIEWS_OF_CUSTOMERS, {"schemas": SCHEMAS}).fetchall()
    return {view: "customer_id like '%07'" for (view,) in views} | dict.fromkeys(LONG_VIEWS, "false")


def differences(ours: Path, theirs: Path, only: dict[str, str] | None = None) -> list[str]:
    """Name what is not the same in two DuckDB files: tables, columns and their types, rows, and values.

    Numbers are the same to 1e-9, absolutely or by their size, and texts in each byte. Rows are paired by segmentation
    and customer where no two have the same, else in the order of all their values, where numbers count by six digits
    first. `only` says of which relations some rows alone are compared, as conditions in SQL.
    """
    found, tables = [], {"ours": {}, "theirs": {}}
    with duckdb.connect(config={"memory_limit": "6GB", "temp_directory": str(ours.parent / "spill")}) as connection:
        for name, file in (("ours", ours), ("theirs", theirs)):
            connection.execute(f"attach '{file}' as {name} (read_only)")
            for table, column, kind in connection.execute(COLUMNS, {"name": name, "schemas": SCHEMAS}).fetchall():
                tables[name].setdefault(table, {})[column] = kind.replace("UBIGINT", "BIGINT")  # a hash of DuckDB's
        found += [f"only one has {table}" for table in tables["ours"].keys() ^ tables["theirs"].keys()]
        for table in sorted(tables["ours"].keys() & tables["theirs"].keys()):
            columns = tables["ours"][table]
            if columns != tables["theirs"][table]:
                found.append(f"{table} has the columns {tables['theirs'][table]} for {columns}")
                continue
            values, places, counts, ids = [], [], [], []
            for place, (column, kind) in enumerate(columns.items()):
                value = f'"{column}" is null' if column in OF_THE_RUN else f'"{column}"'
                if kind == "DATE":
                    value = TODAY.format(value)
                values.append(f"{value} as c{place}")
                is_number = kind == "DOUBLE" and column not in OF_THE_RUN
                places.append((is_number, f"printf('%.6g', c{place})" if is_number else f"c{place}"))
                left, right = f"ours.c{place}", f"theirs.c{place}"
                is_other = f"{left} is distinct from {right}"
                if is_number:
                    is_other += f" and not coalesce(abs({left} - {right}) <= 1e-9 * greatest(1, abs({left})), false)"
                counts.append(f"count(*) filter (where {is_other})")
                ids += [f"c{place}"] if column in ("segmentation", "customer_id") else []
            rows = f"(select {', '.join(values)} from {{}}.{table} where {(only or {}).get(table, 'true')})"
            sizes = [connection.execute(f"select count(*) from {rows.format(name)}").fetchone()[0] for name in tables]
            if sizes[0] != sizes[1]:
                found.append(f"{table} has {sizes[1]} rows for {sizes[0]}")
                continue
            pairs = ", ".join(ids)
            of_ids = f"select count(*) from (select distinct {pairs} from {{}} where ({pairs}) is not null)"
            if "customer_id" not in columns or any(
                connection.execute(of_ids.format(rows.format(name))).fetchone()[0] < sizes[0] for name in tables
            ):
                exact = [f"c{place}" for place, (is_number, _) in enumerate(places) if is_number]
                order = ", ".join([place for _, place in sorted(places, key=lambda each: each[0])] + exact)
                rows, pairs = f"(select *, row_number() over (order by {order}) as place from {rows})", "place"
            paired, *unequal = connection.execute(
                f"select count(*), {', '.join(counts)} from {rows.format('ours')} as ours "
                f"inner join {rows.format('theirs')} as theirs using ({pairs})"
            ).fetchone()
            if paired < sizes[0]:
                found.append(f"{table} has the ids of other customers in {sizes[0] - paired} rows")
            found += [f"{table}.{name} in {count} rows" for name, count in zip(columns, unequal, strict=True) if count]
    return found


def main() -> None:
    """Build on DuckDB and on the engines named, and keep the results of other sizes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("customers", type=int)
    parser.add_argument("engines", nargs="*", choices=["postgres", "spark"])
    parser.add_argument("--folder", type=Path, help="where to work; needs 4 KB per customer")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as scratch:
        folder = Path(scratch)
        customers = folder / "customers.parquet"
        generate_customers(customers, arguments.customers)
        of_file = {"customers_file": str(customers)}
        events = folder / "events"
        events.mkdir()
        settings = Path(os.environ.get("SPARK_CONF_DIR", "."), "spark-defaults.conf")
        own = settings.read_text() if settings.exists() else ""
        (folder / "spark-defaults.conf").write_text(own + EVENTS.format(events.as_uri()))
        for engine in ("duckdb", *arguments.engines):
            if engine == "postgres":
                load(customers)
            seconds = built(engine, folder, {"customers_table": "raw.drawn"} if engine == "postgres" else of_file)
            result = {"customers": arguments.customers, "engine": engine, "wall_s": round(seconds, 1)}
            if engine == "spark":
                result |= work_of_spark(events)
            if engine != "duckdb":
                os.environ["MALL_SEGMENTS_SPARK"] = str(folder / "spark")
                only = rows_of_views(folder / "warehouse.duckdb", arguments.customers)
                copy, copied = folder / f"{engine}.duckdb", only | {"raw.drawn": "false"}
                {"postgres": postgres, "spark": spark}[engine].copy_warehouse(copy, SCHEMAS, copied)
                result["differences"] = differences(folder / "warehouse.duckdb", copy, only)
                copy.unlink()
            print(result, flush=True)
            former = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
            kept = [each for each in former if (each["customers"], each["engine"]) != (arguments.customers, engine)]
            RESULTS.write_text(json.dumps([*kept, result], indent=2) + "\n")


if __name__ == "__main__":
    main()
