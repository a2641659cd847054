"""The folder of exports changes as one, whatever happens meanwhile."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from project import PROJECT

from mall_segments import exports_folder
from mall_segments.exports_folder import new_set, write_manifest
from mall_segments.problems import ProblemError

PUBLISH = """
import os, signal, sys
from pathlib import Path
from mall_segments.exports_folder import new_set, write_manifest

WATCHED = {"open", "os.rename", "os.symlink", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"}


def publish(folder, build, extra=()):
    with new_set(folder) as staged:
        (staged / "parquet").mkdir()
        for name in ("dashboard.html", "parquet/segments.parquet", *extra):
            (staged / name).write_text(str(build))
        write_manifest(staged, {"build": str(build)})


def publish_killed(folder, build, nth, extra=()):
    '''Publish in a child that is killed before its nth change to a file; True if it was, False if there was none.'''
    child = os.fork()
    if child == 0:
        left = [nth]

        def kill(event, arguments):
            if event in WATCHED:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(kill)
        publish(folder, build, extra)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])
"""


def publish(folder: Path, build: int, *more: str) -> None:
    with new_set(folder) as staged:
        (staged / "parquet").mkdir()
        for name in ("dashboard.html", "parquet/segments.parquet", *more):
            (staged / name).write_text(str(build))
        write_manifest(staged, {"build": str(build)})


def seen(folder: Path) -> dict[str, str]:
    """What a reader finds at each path."""
    files = [file for pattern in ("*", "parquet/*") for file in folder.glob(pattern) if file.is_file()]
    return {str(file.relative_to(folder)): file.read_text() for file in files if file.name != "manifest.json"}


def is_one_set(folder: Path) -> bool:
    """Whether the manifest names all the files there are, with their hashes."""
    manifest = json.loads((folder / "manifest.json").read_text())
    found = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in seen(folder).items()}
    return manifest["files"] == found and set(seen(folder).values()) == {manifest["build"]}


def sets_on_disk(folder: Path) -> int:
    return sum(entry.is_dir() and not entry.is_symlink() for entry in (folder / ".sets").iterdir())


def test_readers_paths_lead_to_the_latest_set_and_two_stay_on_disk(tmp_path):
    for build in range(1, 6):
        publish(tmp_path, build, *(["extra.txt"] if build == 3 else []))
        assert is_one_set(tmp_path)
        assert (tmp_path / "dashboard.html").read_text() == str(build)
        assert sets_on_disk(tmp_path) == min(build, 2)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [".sets", "dashboard.html", "manifest.json", "parquet"]


def test_a_folder_that_is_not_there_yet_is_made(tmp_path):
    publish(tmp_path / "new" / "exports", 1)
    assert is_one_set(tmp_path / "new" / "exports")


def test_open_readers_keep_the_old_set(tmp_path):
    publish(tmp_path, 1)
    with (tmp_path / "parquet" / "segments.parquet").open() as reader:
        for build in (2, 3, 4):
            publish(tmp_path, build)
        assert reader.read() == "1"


def test_failed_publishing_changes_nothing(tmp_path):
    publish(tmp_path, 1)
    with pytest.raises(FileNotFoundError):
        publish(tmp_path, 2, "no such folder/extra.txt")
    assert seen(tmp_path) == {"dashboard.html": "1", "parquet/segments.parquet": "1"}
    assert sets_on_disk(tmp_path) == 1


@pytest.mark.parametrize("more", [[], ["extra.txt"]], ids=["same files", "a file more"])
def test_kill_before_any_change_leaves_one_builds_files(tmp_path, more):
    script = PUBLISH + (
        """
folder, more = Path(sys.argv[1]), sys.argv[2:]
nth = 0
while True:
    nth += 1
    publish(folder, f"{nth}-before", () if nth % 2 else more)
    was_killed = publish_killed(folder, f"{nth}-after", nth, more)
    print(flush=True)
    sys.stdin.readline()
    if not was_killed:
        break
"""
    )
    kills = 0
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), *more],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as publishing:
        while publishing.stdout.readline():
            kills += 1
            assert is_one_set(tmp_path), f"before change {kills}: {seen(tmp_path)}"
            publishing.stdin.write("\n")
            publishing.stdin.flush()
    assert publishing.returncode == 0
    assert kills > 20
    publish(tmp_path, 99)
    assert is_one_set(tmp_path)
    assert sets_on_disk(tmp_path) <= 2
    assert {entry.name for entry in (tmp_path / ".sets").iterdir() if not entry.name.isdecimal()} == {"lock", "current"}


def test_plain_files_of_an_earlier_edition_are_replaced_and_others_stay(tmp_path):
    for name in ("parquet/old.parquet", "segments/former/old.csv", "dashboard.html", "kmeans_model_old.onnx"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("old")
    (tmp_path / "notes.txt").write_text("mine")
    publish(tmp_path, 1)
    assert seen(tmp_path) == {"dashboard.html": "1", "parquet/segments.parquet": "1", "notes.txt": "mine"}
    assert not (tmp_path / "segments").exists()
    assert sets_on_disk(tmp_path) == 1


def test_somebody_elses_files_are_never_removed(tmp_path):
    mine = tmp_path / "parquet" / "notes.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(ProblemError, match=r"notes\.txt is in the way"):
        publish(tmp_path, 1)
    assert mine.read_text() == "mine"
    mine.unlink()
    publish(tmp_path, 2)
    assert is_one_set(tmp_path)


def test_two_at_once_take_turns_or_say_so(tmp_path, monkeypatch):
    monkeypatch.setattr(exports_folder, "PATIENCE_SECONDS", 0.2)
    script = PUBLISH + (
        """
with new_set(Path(sys.argv[1])):
    print("publishing", flush=True)
    sys.stdin.read()
    os._exit(1)
"""
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        other.stdout.readline()
        with pytest.raises(ProblemError, match="Another program is publishing"):
            publish(tmp_path, 1)
        other.communicate()
    publish(tmp_path, 2)
    assert is_one_set(tmp_path)


def test_without_links_the_manifest_comes_last(tmp_path, monkeypatch):
    def no_links(*_):
        raise OSError("symbolic links are not allowed here")

    monkeypatch.setattr(Path, "symlink_to", no_links)
    publish(tmp_path, 1, "kmeans_model_old.onnx")
    moved = []
    replace = Path.replace
    monkeypatch.setattr(Path, "replace", lambda place, target: (moved.append(place.name), replace(place, target)))
    publish(tmp_path, 2)
    assert moved[-1] == "manifest.json"
    assert is_one_set(tmp_path)
    with new_set(tmp_path) as staged:
        (staged / "segments" / "worth").mkdir(parents=True)
        (staged / "segments" / "worth" / "vip.csv").write_text("3")
        write_manifest(staged, {"build": "3"})
    assert (tmp_path / "segments" / "worth" / "vip.csv").read_text() == "3"
    assert not (tmp_path / "dashboard.html").exists()
    assert not any(entry.is_symlink() for entry in tmp_path.rglob("*"))


def test_files_of_a_set_are_as_readable_as_the_umask_says(tmp_path):
    before = os.umask(0o022)
    try:
        publish(tmp_path, 1)
    finally:
        os.umask(before)
    assert (tmp_path / "parquet").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "dashboard.html").stat().st_mode & 0o777 == 0o644
