"""Compute features of generated purchases with this project and with pandas, and compare time, memory and results.

    python -m benchmarks.purchases 1000000 10000000

Writes `purchases.json`.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import duckdb

from benchmarks.compare import PROJECT, measured

RESULTS = PROJECT / "benchmarks" / "purchases.json"
PURCHASES_PER_CUSTOMER = 10
PANDAS = """
import sys
import duckdb

source, target = sys.argv[1:]
with duckdb.connect() as connection:
    purchases = connection.sql(f"select customer, bought_on, amount from '{source}'").df()
as_of = purchases["bought_on"].max()
sold = purchases[purchases["amount"] >= 0]
days = sold.groupby(["customer", "bought_on"])["amount"].sum().reset_index()
found = days.groupby("customer").agg(
    purchases=("bought_on", "size"), first=("bought_on", "min"), last=("bought_on", "max"), sales=("amount", "sum")
)
found["revenue"] = purchases.groupby("customer")["amount"].sum()
found["recency_days"] = (as_of - found["last"]).dt.days
found["tenure_days"] = (as_of - found["first"]).dt.days
found["spending_score"] = (found["revenue"].rank(method="min", pct=True) * 100).round(9)
found = found.reset_index()
with duckdb.connect(target) as connection:
    connection.execute("create table features as select * from found")
"""


def generate_purchases(path: Path, count: int) -> None:
    """Write purchases over two years, one in twenty of them a return; few customers buy much and many little."""
    customers = count // PURCHASES_PER_CUSTOMER
    with duckdb.connect() as connection:
        connection.execute("set threads = 1")
        connection.execute("select setseed(0.42)")
        connection.execute(f"""
            copy (
                select
                    cast(floor({customers} * power(random(), 1.5)) as bigint) as customer,
                    date '2024-01-01' + cast(floor(730 * random()) as integer) as bought_on,
                    round(case when random() < 0.05 then -1 else 1 end * exp(3 + 2 * random()), 2) as amount
                from range({count})
            ) to '{path}' (format parquet)
        """)


def compared(folder: Path, count: int, memory: str) -> dict:
    """Measure both on the same purchases, and how far their features differ."""
    source = folder / "purchases.parquet"
    generate_purchases(source, count)
    warehouse = folder / "warehouse.duckdb"
    project_vars = {
        "purchases_file": str(source),
        "purchase_columns": {"customer": "customer", "date": "bought_on", "amount": "amount"},
        "repeated_purchases": "keep",
        "segmentations": {"shopping": {"features": {"recency_days": 1, "purchases": 1, "revenue": 1}}},
    }
    command = [str(Path(sys.executable).with_name("dbt")), "run", "--select", "+purchase_features"]
    command += ["--vars", json.dumps(project_vars)]
    command += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    ours = measured(
        command, MALL_SEGMENTS_DB=str(warehouse), DBT_PROFILES_DIR=str(PROJECT), MALL_SEGMENTS_MEMORY=memory
    )
    theirs = measured([sys.executable, "-c", PANDAS, str(source), str(folder / "pandas.duckdb")])
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute(f"attach '{folder / 'pandas.duckdb'}' as pandas (read_only)")
        differing, customers = connection.execute("""
            select
                count(case
                    when
                        ours.purchases is distinct from theirs.purchases
                        or ours.recency_days is distinct from theirs.recency_days
                        or ours.tenure_days is distinct from theirs.tenure_days
                        or abs(ours.revenue - theirs.revenue) > 0.005
                        then 1
                end),
                count(*)
            from features.purchase_features as ours
            inner join pandas.features as theirs on ours.customer_id = cast(theirs.customer as varchar)
        """).fetchone()
    figures = ("wall_s", "cpu_s", "peak_gb")
    return {
        "purchases": count,
        "customers": customers,
        "differing_customers": differing,
        "memory_limit": memory,
        "this project": {figure: ours[figure] for figure in figures},
        "pandas": {figure: theirs[figure] for figure in figures},
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("counts", type=int, nargs="+", metavar="purchases")
    parser.add_argument("--memory", default="1GB", help="limit of DuckDB's memory")
    arguments = parser.parse_args()
    results = []
    for count in arguments.counts:
        with tempfile.TemporaryDirectory(dir=PROJECT / "target") as folder:
            results.append(compared(Path(folder), count, arguments.memory))
            print(json.dumps(results[-1]))
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
