"""The folder that receives what is published: a set of files of one build, replaced as one.

On systems with symbolic links every set lies in a folder of its own and readers' paths lead through one link::

    exports/dashboard.html -> .sets/current/dashboard.html
    exports/parquet        -> .sets/current/parquet
    exports/.sets/current  -> 7
    exports/.sets/7/       the set, with its manifest.json
    exports/.sets/6/       the one before, for readers who were led there

so that replacing ``current`` replaces everything. Elsewhere files are moved one by one and ``manifest.json`` last: a
set is whole when the files have the hashes that the manifest names.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from mall_segments.problems import ProblemError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt

PATIENCE_SECONDS = 10
MANIFEST = "manifest.json"
SETS = ".sets"
STAGING = "staging"
CURRENT = "current"

# The files that come and go with the marts, segments and charts of a build.
OWN_FILES = (
    "parquet/*.parquet",
    "segments/*/*.csv",
    "audiences/*.csv",
    "charts/*.svg",
    "charts/*.png",
    "kmeans_model*",
    "segments.duckdb",
    "dashboard.html",
    "one_pagers.pdf",
    MANIFEST,
)


@contextmanager
def new_set(folder: Path) -> Iterator[Path]:
    """Hand out an empty folder; what is in it when the block ends becomes the published set, or nothing does.

    Raises
    ------
    ProblemError
        If another program publishes there for longer than ten seconds, or files that no publish wrote are in the way.
    """
    sets = folder / SETS
    sets.mkdir(parents=True, exist_ok=True)
    with _lock(folder):
        _clean(sets)
        staged = sets / STAGING
        staged.mkdir()
        try:
            yield staged
            if _has_links(sets):
                _switch(folder, staged)
            else:
                _move_one_by_one(folder, staged)
        finally:
            shutil.rmtree(staged, ignore_errors=True)


def write_manifest(staged: Path, facts: dict) -> None:
    """Write ``manifest.json``: the facts of the build, and `files`, every other file's path to its SHA-256."""
    files = {}
    for file in _files(staged):
        with (staged / file).open("rb") as content:
            files[file.as_posix()] = hashlib.file_digest(content, "sha256").hexdigest()
    (staged / MANIFEST).write_text(json.dumps(facts | {"files": files}, indent=2) + "\n", encoding="utf-8")


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Hold the folder for one publish at a time; a killed program holds nothing."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with (folder / SETS / "lock").open("a") as file:
        while not _try_lock(file):
            if time.monotonic() > deadline:
                raise ProblemError(f"Another program is publishing to {folder}; try again when it has ended.")
            time.sleep(0.1)
        yield


def _try_lock(file: IO) -> bool:
    try:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _clean(sets: Path) -> None:
    """Remove all that is not the current set, with what an interrupted publish left.

    Before the new set is written, so that there are never more than two on disk.
    """
    kept = {"lock", CURRENT, os.path.basename(os.path.realpath(sets / CURRENT))}
    for entry in sets.iterdir():
        if entry.name in kept:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _has_links(sets: Path) -> bool:
    try:
        (sets / "link").symlink_to(CURRENT)
        (sets / "link").unlink()
    except (OSError, NotImplementedError):
        return False
    return True


def _switch(folder: Path, staged: Path) -> None:
    """Make the staged set the current one with one rename, and links lead to it."""
    sets = folder / SETS
    _refuse_foreign_files(folder, staged)
    numbers = [int(entry.name) for entry in sets.iterdir() if entry.name.isdecimal()]
    fresh = sets / str(max(numbers, default=0) + 1)
    staged.rename(fresh)
    entries = sorted(entry.name for entry in fresh.iterdir())
    # A new entry's link leads nowhere until the switch; from then on it leads to the set that has it.
    for name in entries:
        if not os.path.lexists(folder / name):
            _link(folder / name, Path(SETS, CURRENT, name), sets)
    _link(sets / CURRENT, Path(fresh.name), sets)
    _replace_plain_files(folder, entries)
    for entry in folder.iterdir():
        if entry.is_symlink() and Path(os.readlink(entry)).parts[:2] == (SETS, CURRENT) and entry.name not in entries:
            entry.unlink()


def _link(place: Path, target: Path, sets: Path) -> None:
    made = sets / "link"
    made.symlink_to(target)
    made.replace(place)


def _refuse_foreign_files(folder: Path, staged: Path) -> None:
    """Stop before plain folders are replaced that hold files of somebody else."""
    own = {file for pattern in OWN_FILES for file in folder.glob(pattern)}
    for place in (folder / entry.name for entry in staged.iterdir()):
        if place.is_symlink() or not place.exists():
            continue
        for file in place.rglob("*") if place.is_dir() else [place]:
            if not file.is_dir() and file not in own:
                raise ProblemError(
                    f"{file} is in the way and no publish wrote it; move it elsewhere and publish again."
                )


def _replace_plain_files(folder: Path, entries: list[str]) -> None:
    """Put links where an earlier edition, or a system without links, published files."""
    sets = folder / SETS
    for name in entries:
        place = folder / name
        if not place.is_symlink():
            place.rename(sets / f"former-{name}")
            _link(place, Path(SETS, CURRENT, name), sets)
    _remove_stale_files(folder, set())
    for former in sets.glob("former-*"):
        shutil.rmtree(former) if former.is_dir() else former.unlink()


def _move_one_by_one(folder: Path, staged: Path) -> None:
    """Replace the published files one by one, each whole, and the manifest last."""
    files = _files(staged)
    for file in [*(file for file in files if file != Path(MANIFEST)), Path(MANIFEST)]:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (staged / file).replace(folder / file)
    _remove_stale_files(folder, set(files))


def _remove_stale_files(folder: Path, files: set[Path]) -> None:
    """Remove plain files of an earlier build that this one no longer has, and folders left empty by that."""
    for pattern in OWN_FILES:
        for stale in folder.glob(pattern):
            top = folder / stale.relative_to(folder).parts[0]
            if not top.is_symlink() and stale.relative_to(folder) not in files:
                stale.unlink()
    for name in ("segments/*", "segments", "audiences", "parquet", "charts"):
        for empty in folder.glob(name):
            top = folder / empty.relative_to(folder).parts[0]
            if not top.is_symlink() and empty.is_dir() and not any(empty.iterdir()):
                empty.rmdir()


def _files(folder: Path) -> list[Path]:
    return [file.relative_to(folder) for file in sorted(folder.rglob("*")) if file.is_file()]
