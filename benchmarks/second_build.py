"""How much a repeated build of the mall data costs over what no build can avoid.

Prints the ratio of a second `dbt build` to the sum of `dbt build` of an empty project and one import of
scikit-learn, each the median of runs that take turns, and the slowest nodes of the last build.

Usage: python benchmarks/second_build.py [runs]
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).parents[1]
DBT = str(Path(sys.executable).with_name("dbt"))
EMPTY_PROJECT = """
name: empty
profile: mall_segments
flags: {send_anonymous_usage_stats: false}
"""


def seconds(command: list[str], folder: Path, warehouse: Path) -> float:
    """Wall time of one command, which must succeed."""
    environment = os.environ | {"MALL_SEGMENTS_DB": str(warehouse), "DBT_PROFILES_DIR": str(PROJECT)}
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main(runs: int = 5) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "empty").mkdir()
        (folder / "empty" / "dbt_project.yml").write_text(EMPTY_PROJECT)
        places = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
        build = ([DBT, "build", *places], PROJECT, folder / "warehouse.duckdb")
        timed = {
            "second dbt build": build,
            "dbt build of an empty project": ([DBT, "build"], folder / "empty", folder / "empty.duckdb"),
            "import of scikit-learn": ([sys.executable, "-c", "import sklearn.cluster"], folder, folder),
        }
        seconds(*build)
        taken = {name: [] for name in timed}
        for _ in range(runs):
            for name, arguments in timed.items():
                taken[name].append(seconds(*arguments))
        medians = {name: statistics.median(values) for name, values in taken.items()}
        for name, value in medians.items():
            print(f"{value:7.2f} s  {name} (median of {runs})")
        build_seconds, *floor = medians.values()
        print(f"{build_seconds / sum(floor):7.2f}    ratio")

        results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
        print("\nSlowest nodes of the last build:")
        for result in sorted(results, key=lambda result: -result["execution_time"])[:10]:
            print(f"{result['execution_time']:7.2f} s  {result['unique_id']}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
