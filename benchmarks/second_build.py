"""How much a repeated build of the mall data costs over what no build can avoid.

Prints the ratio of a second `dbt build` to the sum of `dbt build` of an empty project and one import of
scikit-learn, each the median of runs that take turns; what a node takes over the empty project; and the slowest nodes
of the last build. Seconds of CPU are told beside those of the clock, since a busy machine moves them less.

Usage: python benchmarks/second_build.py [runs]
"""

import json
import os
import resource
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


def seconds(command: list[str], folder: Path, warehouse: Path) -> tuple[float, float]:
    """Seconds of the clock and of CPU that one command takes, which must succeed."""
    environment = os.environ | {"MALL_SEGMENTS_DB": str(warehouse), "DBT_PROFILES_DIR": str(PROJECT)}
    start, former = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - start, used.ru_utime + used.ru_stime - former.ru_utime - former.ru_stime


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
        results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
        for place, clock in enumerate(("s", "s of CPU")):
            medians = {name: statistics.median(each[place] for each in values) for name, values in taken.items()}
            for name, value in medians.items():
                print(f"{value:7.2f} {clock}  {name} (median of {runs})")
            built, empty, imported = medians.values()
            print(f"{built / (empty + imported):7.2f} ratio")
            print(f"{1000 * (built - empty) / len(results):7.0f} m{clock} for each of {len(results)} nodes\n")
        print("Slowest nodes of the last build:")
        for result in sorted(results, key=lambda result: -result["execution_time"])[:10]:
            print(f"{result['execution_time']:7.2f} s  {result['unique_id']}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
