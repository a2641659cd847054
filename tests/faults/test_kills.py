"""Builds and publishing killed at random moments: what is published is one finished build's, and the next run is whole.

`MALL_SEGMENTS_FAULTS` says how many kills there are of each kind; one by default, as `make test` runs them.
`MALL_SEGMENTS_CUSTOMERS` says of how many customers, drawn from the mall's where they are more; `MALL_SEGMENTS_SEED`
draws other moments.
"""

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from history import NAMES, Witness, mall_customers, write_customers
from killing import killed
from project import PROJECT, Warehouse

from benchmarks.generate_customers import generate_customers
from mall_segments.problems import ProblemError
from mall_segments.publish import finished_build
from mall_segments.warehouse import open_warehouse

KILLS = int(os.environ.get("MALL_SEGMENTS_FAULTS", "1"))
SEED = int(os.environ.get("MALL_SEGMENTS_SEED", "42"))
MALL = mall_customers()
CUSTOMERS = int(os.environ.get("MALL_SEGMENTS_CUSTOMERS", len(MALL)))


@pytest.fixture
def customers(tmp_path) -> pd.DataFrame:
    """The mall's customers, or as many like them as are asked for."""
    if len(MALL) == CUSTOMERS:
        return MALL.copy()
    generate_customers(tmp_path / "drawn.parquet", CUSTOMERS, seed=SEED)
    drawn = duckdb.read_parquet(str(tmp_path / "drawn.parquet")).df().rename(columns=NAMES)
    return drawn.astype({"customer_id": str}).set_index("customer_id")


@pytest.fixture
def own(request, tmp_path, customers) -> Warehouse:
    """A warehouse of these customers to harm: a copy where they are the mall's."""
    own = Warehouse(tmp_path)
    if len(MALL) == CUSTOMERS:
        shutil.copy(request.getfixturevalue("warehouse").path, own.path)
    else:
        write_customers(customers, own.folder / "customers.csv")
        own.dbt("build", project_vars={"customers_file": str(own.folder / "customers.csv")})
    return own


def publish(warehouse: Path, folder: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "mall_segments", "publish", str(folder), "--warehouse", str(warehouse)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)


def published_build(folder: Path) -> str:
    """The build that every published file belongs to; fails where files of two are mixed, or some are missing."""
    manifest = json.loads((folder / "manifest.json").read_text())
    files = [file for pattern in ("*", "[!.]*/*", "[!.]*/*/*") for file in folder.glob(pattern) if file.is_file()]
    found = {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
        if file.name != "manifest.json"
    }
    assert manifest["files"] == found
    return manifest["build"]


def recorded(warehouse: Warehouse) -> list[str]:
    """The builds that finished, oldest first, by the warehouse's own record."""
    rows = warehouse.query("select invocation_id from meta.builds where event = 'finished' order by build_number")
    return rows["invocation_id"].tolist()


def test_publishing_killed_at_any_moment_mixes_nothing(own, tmp_path):
    folder = tmp_path / "exports"
    started = time.monotonic()
    done = publish(own.path, folder)
    took = time.monotonic() - started
    assert done.returncode == 0, done.stderr
    chance = random.Random(SEED)
    command = [sys.executable, "-m", "mall_segments", "publish", str(folder), "--warehouse", str(own.path)]
    kills = tries = 0
    while kills < KILLS:
        tries += 1
        # Another build than the published one, as the record has it.
        with own.writing() as connection:
            build = f"{chance.getrandbits(64):x}"
            connection.execute(
                """
                insert into meta.builds
                select max(build_number) + 1, $build, unnest(['started', 'finished']), null, '' from meta.builds
                """,
                {"build": build},
            )
        ended_after = killed(command, {}, chance.uniform(0, 1.1 * took))
        kills, took = kills + (ended_after is None), ended_after or took
        assert published_build(folder) in recorded(own)
    done = publish(own.path, folder)
    assert done.returncode == 0, done.stderr
    assert published_build(folder) == recorded(own)[-1]
    left = {entry.name for entry in (folder / ".sets").iterdir() if not entry.name.isdecimal()}
    assert left == {"lock", "current"}
    print(f"{kills} of {tries} publishes were killed")


def written(warehouse: Warehouse) -> tuple[int, int]:
    """How many rows the history and the champions' own history have: a build adds to both at once, or to neither."""
    counts = warehouse.query("""
        select
            (select count(*) from clustering.segment_changes) as changes,
            (select count(*) from clustering.champion_history) as champions
    """)
    return tuple(counts.iloc[0])


def test_build_killed_at_any_moment_is_not_published_and_loses_nothing(own, customers):
    chance = random.Random(SEED)
    witness = Witness(own)
    witness.see(customers)
    source = own.folder / "customers.csv"
    project_vars = {"customers_file": str(source)}
    write_customers(customers, source)
    started = time.monotonic()
    own.dbt("build", project_vars=project_vars)
    took = time.monotonic() - started
    command = [str(Path(sys.executable).with_name("dbt")), "build", "--vars", json.dumps(project_vars)]
    kills = tries = begun = kept = 0
    while kills < KILLS:
        tries += 1
        # Some customers spend otherwise than in the last build, so that each build has versions and moves to lose.
        changed = chance.sample(sorted(customers.index), 10)
        customers.loc[changed, "spending_score"] = [chance.randint(1, 100) for _ in changed]
        write_customers(customers, source)
        before, history = recorded(own), written(own)
        ended_after = killed(command, own.environment(), chance.uniform(0, 1.1 * took))
        kills, took = kills + (ended_after is None), ended_after or took
        last = own.query("select max_by(invocation_id, build_number) as last from meta.builds")["last"].item()
        refusal = ""
        with open_warehouse(own.path) as connection:
            try:
                assert finished_build(connection)["build"] == last
            except ProblemError as refused:
                refusal = str(refused)
        if last in recorded(own):
            assert refusal == ""
        else:
            assert "did not finish" in refusal
            assert recorded(own) == before
            begun += 1
        # A build that came as far as the history counts, finished or not; any other changes nothing.
        if written(own) != history:
            if last not in recorded(own):
                # It may have died before the marts of the history, which a later build makes from what was written.
                own.dbt(
                    "run",
                    "--select",
                    "segment_history",
                    "segment_moves",
                    "segment_migrations",
                    project_vars=project_vars,
                )
            witness.see(customers)
            kept += 1
    own.dbt("build", project_vars=project_vars)
    with open_warehouse(own.path) as connection:
        assert finished_build(connection)["build"] == recorded(own)[-1]
    witness.see(customers)
    witness.see_customers()
    print(f"{kills} of {tries} builds were killed, {begun} after they had begun to write, {kept} wrote the history")
