"""What a user can cause ends in a sentence that says what to do, never in a traceback."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from project import PROJECT

from mall_segments import warehouse as reading
from mall_segments.cli import main


@pytest.fixture
def junk(tmp_path) -> Path:
    path = tmp_path / "junk.duckdb"
    path.write_bytes(b"this is no database" * 1000)
    return path


@pytest.fixture
def in_a_file(tmp_path) -> Path:
    """A folder that cannot be, because a file has its name."""
    (tmp_path / "taken").write_text("")
    return tmp_path / "taken" / "exports"


def said(capsys, *arguments: object) -> str:
    """Run a command that has to fail, and return what it says."""
    code = main([str(argument) for argument in arguments])
    spoken = capsys.readouterr().err.strip()
    assert code == 1
    assert "Traceback" not in spoken
    assert "\n" not in spoken
    return spoken


def test_missing_and_junk_warehouses(junk, tmp_path, capsys):
    out = tmp_path / "out"
    assert "run `dbt build`" in said(capsys, "publish", out, "--warehouse", tmp_path / "none.duckdb")
    assert "run `dbt build`" in said(capsys, "publish", out, "--warehouse", tmp_path)
    assert "cannot be read as a warehouse" in said(capsys, "publish", out, "--warehouse", junk)
    empty = tmp_path / "empty.duckdb"
    duckdb.connect(str(empty)).close()
    assert "run `dbt build`" in said(capsys, "publish", out, "--warehouse", empty)
    assert "cannot be read as a warehouse" in said(
        capsys, "questions", "--warehouse", junk, "--compiled", PROJECT / "analyses"
    )


def test_truncated_warehouse(warehouse, tmp_path, capsys):
    part = tmp_path / "part.duckdb"
    part.write_bytes(warehouse.path.read_bytes()[:300_000])
    assert said(capsys, "publish", tmp_path / "out", "--warehouse", part)


def test_warehouse_that_a_build_holds(tmp_path, capsys, monkeypatch):
    held = tmp_path / "held.duckdb"
    monkeypatch.setattr(reading, "PATIENCE_SECONDS", 0.1)
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(held)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as build:
        build.stdout.readline()
        assert "most likely a build" in said(capsys, "publish", tmp_path / "out", "--warehouse", held)
        build.communicate()


@pytest.mark.parametrize("limit", ["much", "", "4 elephants", "'; select 1"])
def test_memory_settings_that_are_none(warehouse, tmp_path, capsys, limit):
    spoken = said(capsys, "publish", tmp_path / "out", "--warehouse", warehouse.path, f"--memory={limit}")
    assert "MALL_SEGMENTS_MEMORY" in spoken
    assert "4GB" in spoken


def test_too_little_memory(warehouse, tmp_path, capsys):
    spoken = said(capsys, "publish", tmp_path / "out", "--warehouse", warehouse.path, "--memory", "1MB")
    assert "give it more with --memory" in spoken
    assert {entry.name for entry in (tmp_path / "out" / ".sets").iterdir()} == {"lock"}


def test_folders_that_cannot_be_written(warehouse, in_a_file, capsys):
    assert "folder" in said(capsys, "publish", in_a_file, "--warehouse", warehouse.path)
    assert "folder" in said(capsys, "publish", in_a_file.parent, "--warehouse", warehouse.path)


def test_read_only_folder(warehouse, tmp_path, capsys):
    folder = tmp_path / "read-only"
    folder.mkdir(mode=0o555)
    if os.access(folder, os.W_OK):
        pytest.skip("this user may write anywhere")
    assert "allow it, or name another folder" in said(capsys, "publish", folder, "--warehouse", warehouse.path)


@pytest.mark.parametrize("size", ["1m", "5m", "6500k"])
def test_full_disk_leaves_the_former_set(warehouse, exports, tmp_path, capsys, size):
    """A small file system in memory: it fills up while the file, the lists or the charts are written."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a file system")
    try:
        (disk / ".sets" / "1").mkdir(parents=True)
        (disk / ".sets" / "1" / "manifest.json").write_text("former")
        (disk / ".sets" / "current").symlink_to("1")
        assert "disk is full" in said(capsys, "publish", disk, "--warehouse", warehouse.path)
        assert (disk / ".sets" / "current" / "manifest.json").read_text() == "former"
        assert {entry.name for entry in (disk / ".sets").iterdir()} == {"lock", "current", "1"}
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_questions_that_were_not_compiled(warehouse, tmp_path, capsys):
    spoken = said(capsys, "questions", "--warehouse", warehouse.path, "--compiled", tmp_path)
    assert "run `dbt compile`" in spoken


def test_interrupted_by_hand(warehouse, tmp_path, capsys, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("mall_segments.publish.write_pictures", interrupt)
    assert main(["publish", str(tmp_path), "--warehouse", str(warehouse.path)]) == 130
    assert "Stopped" in capsys.readouterr().err
    assert {entry.name for entry in (tmp_path / ".sets").iterdir()} == {"lock"}
    shutil.rmtree(tmp_path)
