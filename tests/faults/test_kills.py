"""Builds and publishing killed at random moments: what is published is one finished build's, and the next run is whole.

`MALL_SEGMENTS_FAULTS` says how many kills there are of each kind; a few by default, as `make test` runs them.
"""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from project import PROJECT, Warehouse

from mall_segments.problems import ProblemError
from mall_segments.publish import finished_build
from mall_segments.warehouse import open_warehouse

KILLS = int(os.environ.get("MALL_SEGMENTS_FAULTS", "2"))
SEED = int(os.environ.get("MALL_SEGMENTS_SEED", "42"))


@pytest.fixture
def own(warehouse, tmp_path) -> Warehouse:
    """A copy of the built warehouse to harm."""
    own = Warehouse(tmp_path)
    shutil.copy(warehouse.path, own.path)
    return own


def killed(command: list[str], environment: dict[str, str], after: float) -> bool:
    """Run a command and kill it and its children after some seconds; whether it was still running."""
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


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
    kills = 0
    for _ in range(KILLS):
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
        kills += killed(command, {}, chance.uniform(0, 1.1 * took))
        assert published_build(folder) in recorded(own)
    done = publish(own.path, folder)
    assert done.returncode == 0, done.stderr
    assert published_build(folder) == recorded(own)[-1]
    left = {entry.name for entry in (folder / ".sets").iterdir() if not entry.name.isdecimal()}
    assert left == {"lock", "current"}
    print(f"{kills} of {KILLS} publishes were killed")


def test_build_killed_at_any_moment_is_not_published_and_the_next_one_is_whole(own):
    started = time.monotonic()
    own.dbt("build")
    took = time.monotonic() - started
    champions = own.query("from clustering.segment_centroids order by all")
    chance = random.Random(SEED)
    command = [str(Path(sys.executable).with_name("dbt")), "build"]
    kills = unfinished = 0
    for _ in range(KILLS):
        before = recorded(own)
        kills += killed(command, own.environment(), chance.uniform(0, 1.1 * took))
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
            unfinished += 1
    own.dbt("build")
    with open_warehouse(own.path) as connection:
        assert finished_build(connection)["build"] == recorded(own)[-1]
    # Unchanged customers have the segments they had, with the numbers they had.
    assert own.query("from clustering.segment_centroids order by all").equals(champions)
    print(f"{kills} of {KILLS} builds were killed, {unfinished} after they had begun to write")
