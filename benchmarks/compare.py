"""Build segments of generated customers with this project and as notebooks do, and compare time, memory and fit.

    python -m benchmarks.compare 1000000 10000000 --build-only 100000000

Writes `results.json`, from which `benchmarks.report` draws the page.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from benchmarks.generate_customers import generate_customers

PROJECT = Path(__file__).parents[1]
RESULTS = PROJECT / "benchmarks" / "results.json"
PLANTED_SHARE = 0.001
SEGMENTATIONS = {"income_spending": {"features": {"annual_income_k": 1, "spending_score": 1}}}
NOTEBOOKS = {
    "K-Means, n_init=10": ["--n-init", "10"],
    "K-Means, default restarts": [],
    "K-Means in polars": ["--library", "polars"],
    "MiniBatchKMeans": ["--algorithm", "minibatch"],
    "BIRCH": ["--algorithm", "birch"],
}
# BIRCH puts one customer after another into its tree.
MOST_CUSTOMERS = {"BIRCH": 1_000_000}
# The floor of scoring: writing its columns without computing them.
FLOOR = """
import sys, time, duckdb
source, target = sys.argv[1:]
with duckdb.connect(target, config={"storage_compatibility_version": "v1.4.0"}) as connection:
    connection.execute("set enable_progress_bar = false")
    connection.execute(f"attach '{source}' as warehouse (read_only)")
    started = time.perf_counter()
    connection.execute("create table scores as select * from warehouse.clustering.customer_scores")
    print(time.perf_counter() - started)
"""


def measured(command: list[str], **environment: str) -> dict:
    """Run a command to its end.

    Returns
    -------
    dict
        `wall_s`, `cpu_s`, `peak_gb` of the process and its children, and its `output`.
    """
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, cwd=PROJECT, env=os.environ | environment, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        output.seek(0)
        text = output.read()
    if status:
        sys.exit(f"{' '.join(command)}\n{text[-4000:]}")
    return {
        "wall_s": round(wall, 1),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_gb": round(usage.ru_maxrss / 1024**2, 2),
        "output": text,
    }


def built(folder: Path, customers: Path) -> tuple[dict, dict]:
    """Build the warehouse from nothing; returns the measures and the seconds each model took."""
    warehouse = folder / "warehouse.duckdb"
    warehouse.unlink(missing_ok=True)
    project_vars = {"customers_file": str(customers), "segmentations": SEGMENTATIONS}
    command = [str(Path(sys.executable).with_name("dbt")), "build", "--vars", json.dumps(project_vars)]
    command += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    measures = measured(command, MALL_SEGMENTS_DB=str(warehouse), DBT_PROFILES_DIR=str(PROJECT))
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    seconds = {result["unique_id"].split(".")[2]: round(result["execution_time"], 2) for result in results}
    return measures, seconds


def compared(folder: Path, count: int, with_notebooks: bool) -> list[dict]:
    """Measure every contender, and publishing, on the same customers, one after the other."""
    customers = folder / "customers.parquet"
    generate_customers(customers, count, planted=int(count * PLANTED_SHARE))
    warehouse = folder / "warehouse.duckdb"
    exports = folder / "exports"
    measures, seconds = built(folder, customers)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        n_clusters, inertia, rare = connection.execute("""
            select
                (select max(n_clusters) from clustering.cluster_counts),
                (select sum(distance * distance) from marts.customer_segments),
                (
                    select max(planted)
                    from (
                        select sum(case when annual_income_k >= 600 then 1 else -1 end) as planted
                        from marts.customers
                        group by income_spending_segment_id
                    )
                )
        """).fetchone()
    floor = measured([sys.executable, "-c", FLOOR, str(warehouse), str(folder / "floor.duckdb")])
    (folder / "floor.duckdb").unlink()
    publishing = {}
    if with_notebooks:
        published = measured(
            [sys.executable, "-m", "mall_segments", "publish", str(exports)], MALL_SEGMENTS_DB=str(warehouse)
        )
        publishing = {"publish_s": published["wall_s"], "publish_gb": published["peak_gb"]}
        shutil.rmtree(exports)
    warehouse.unlink()
    ours = publishing | {
        "contender": "this project",
        "n_clusters": n_clusters,
        "inertia": inertia,
        "rare_segment_found": rare == int(count * PLANTED_SHARE),
        "scoring_s": seconds["customer_scores"],
        "floor_s": round(float(floor["output"]), 2),
        "slowest_models_s": dict(sorted(seconds.items(), key=lambda item: -item[1])[:6]),
    }
    results = [{"customers": count} | ours | measures]
    for contender, options in NOTEBOOKS.items() if with_notebooks else []:
        if count > MOST_CUSTOMERS.get(contender, count):
            continue
        command = [sys.executable, "-m", "benchmarks.notebook", str(customers), str(n_clusters), *options]
        measures = measured(command)
        inertia = json.loads(measures["output"])[str(n_clusters)]
        results.append({"customers": count, "contender": contender, "inertia": inertia} | measures)
    customers.unlink()
    return [{key: value for key, value in result.items() if key != "output"} for result in results]


def main() -> None:
    """Compare at every size and keep the results of other sizes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("customers", type=int, nargs="*", help="sizes at which every contender runs")
    parser.add_argument("--build-only", type=int, nargs="*", default=[], help="sizes at which the build alone runs")
    parser.add_argument("--folder", type=Path, help="where to work; needs 750 bytes per customer, to build alone 150")
    arguments = parser.parse_args()
    sizes = dict.fromkeys(arguments.customers, True) | dict.fromkeys(arguments.build_only, False)
    for size, with_notebooks in sizes.items():
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            results = compared(Path(folder), size, with_notebooks)
        former = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
        kept = [result for result in former if result["customers"] != size]
        RESULTS.write_text(json.dumps(kept + results, indent=2) + "\n")
        for result in results:
            print(result)


if __name__ == "__main__":
    main()
