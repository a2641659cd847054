"""What a user can cause ends in a sentence that says what to do, never in a traceback."""

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from project import PROJECT, further

from mall_segments import publish as publishing
from mall_segments import warehouse as reading
from mall_segments.cli import main
from mall_segments.problems import ProblemError


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


PUBLISH, ASK, BACKFILL = ("publish", "OUT", "--warehouse"), ("questions", "--warehouse"), ("backfill", "--warehouse")
NONE = "There is no warehouse at"
NO_WAREHOUSE = "cannot be read as a warehouse"
NO_BUILD = "does not say that a build of its marts has finished; run `dbt build`"
LACKS = "lacks something that is read"
NO_SIZE = "is not a size; write it as '4GB' or '50%'"
NO_FOLDER = "There can be no such folder or file"
NO_QUESTION = "There are no questions in"
NO_ANSWER = "cannot be answered"
NO_MONTH = "which is no month; write it as in 2025-01"
NO_VARS = "--vars holds no names with values; write them as for dbt"
UNREADABLE_VARS = "--vars cannot be read"
FROM_TO = ("--from", "2025-01", "--to", "2025-02")

# What is typed, with the names of `places` in it, and a part of the sentence; `argparse` answers the first ones.
TYPED = [
    ((), "arguments are required: command"),
    (("publsh",), "invalid choice: 'publsh' (choose from"),
    (("--version",), "arguments are required: command"),
    (("publish", "a", "b"), "unrecognized arguments: b"),
    (("publish", "--warehouse"), "expected one argument"),
    (("publish", "--memory"), "expected one argument"),
    (("publish", "--memory", "-1GB"), "expected one argument"),
    (("publish", "--nothing"), "unrecognized arguments: --nothing"),
    (("questions", "x"), "unrecognized arguments: x"),
    (("questions", "--page"), "expected one argument"),
    (("questions", "--compiled"), "expected one argument"),
    (("backfill",), "arguments are required: --from, --to"),
    (("backfill", "--from", "2025-01"), "arguments are required: --to"),
    (("backfill", "--to", "2025-01"), "arguments are required: --from"),
    ((*PUBLISH, ""), NONE),
    ((*PUBLISH, "nowhere/none.duckdb"), NONE),
    ((*PUBLISH, "/"), NONE),
    ((*PUBLISH, "DANGLING"), NONE),
    ((*PUBLISH, "LOOP"), NONE),
    ((*PUBLISH, "x" * 5000), NO_FOLDER),
    ((*PUBLISH, "EMPTY"), NO_WAREHOUSE),
    ((*PUBLISH, "TABLE"), NO_WAREHOUSE),
    ((*PUBLISH, "SQLITE"), NO_WAREHOUSE),
    ((*PUBLISH, "OTHER"), NO_BUILD),
    ((*PUBLISH, "OLDER"), LACKS),
    ((*PUBLISH, "OLD"), LACKS),
    ((*PUBLISH, "HALF"), "The last build did not finish; run `dbt build` to its end"),
    ((*PUBLISH, "GONE"), LACKS),
    (("publish", "TAKEN", "--warehouse", "BUILT"), NO_FOLDER),
    (("publish", "TAKEN/x", "--warehouse", "BUILT"), NO_FOLDER),
    (("publish", "DANGLING/x", "--warehouse", "BUILT"), NO_FOLDER),
    (("publish", "LOOP", "--warehouse", "BUILT"), NO_FOLDER),
    (("publish", "x" * 300, "--warehouse", "BUILT"), NO_FOLDER),
    (("publish", "/dev/null", "--warehouse", "BUILT"), NO_FOLDER),
    *(
        ((*PUBLISH, "BUILT", f"--memory={limit}"), NO_SIZE)
        for limit in ("0", "1", "much", "", "∞", "200%", "1e99GB", "4GB; drop", "4 elephants", "'; select 1")
    ),
    *(((*PUBLISH, "BUILT", f"--memory={limit}"), "give it more with --memory") for limit in ("0%", "1KB", "1MB")),
    ((*ASK, "BUILT", "--compiled", "NO_SQL"), NO_QUESTION),
    ((*ASK, "BUILT", "--compiled", "nowhere"), NO_QUESTION),
    ((*ASK, "BUILT", "--compiled", "TABLE"), NO_QUESTION),
    ((*ASK, "nowhere", "--compiled", "NO_MART"), NONE),
    ((*ASK, "TABLE", "--compiled", "NO_MART"), NO_WAREHOUSE),
    ((*ASK, "OTHER", "--compiled", "NO_MART"), NO_ANSWER),
    ((*ASK, "BUILT", "--compiled", "NO_MART"), NO_ANSWER),
    ((*ASK, "BUILT", "--compiled", "NO_SYNTAX"), NO_ANSWER),
    ((*ASK, "BUILT", "--compiled", "WRITES"), NO_ANSWER),
    ((*ASK, "BUILT", "--compiled", "NOTHING"), "does not say what it asks"),
    ((*ASK, "BUILT", "--compiled", "BYTES"), "is no text in UTF-8"),
    ((*ASK, "BUILT", "--compiled", "SOUND", "--page", "TAKEN/page.md"), NO_FOLDER),
    ((*ASK, "BUILT", "--compiled", "SOUND", "--page", "nowhere/page.md"), "see that its folder exists"),
    ((*ASK, "BUILT", "--compiled", "SOUND", "--page", "NO_SQL"), "A file could not be read or written"),
    *(
        ((*BACKFILL, "NEW", "--from", first, "--to", "2025-02"), NO_MONTH)
        for first in ("2025", "2025-13", "2025-00", "jan", "", "0000-01", "99999-01", "2025-01-01", "-1", "2025/01")
    ),
    ((*BACKFILL, "NEW", "--from", "2025-01", "--to", "x"), NO_MONTH),
    ((*BACKFILL, "NEW", "--from", "2025-02", "--to", "2025-01"), "swap them"),
    *(((*BACKFILL, "NEW", *FROM_TO, "--vars", given), NO_VARS) for given in ("a", "[1]", "3", "", "- x", "null")),
    *(
        ((*BACKFILL, "NEW", *FROM_TO, "--vars", given), UNREADABLE_VARS)
        for given in ("{", "a: b: c", "'", "!!python/object:os.system x", "{a: &x [*x]}", "? [a]\n: b")
    ),
    ((*BACKFILL, "TABLE", *FROM_TO), NO_WAREHOUSE),
    ((*BACKFILL, "SQLITE", *FROM_TO), NO_WAREHOUSE),
    ((*BACKFILL, "BUILT", *FROM_TO, "--memory", "much"), NO_SIZE),
]


@pytest.fixture(scope="module")
def places(warehouse, tmp_path_factory) -> dict[str, str]:
    """Files and folders that a command may be given, by the names that `TYPED` has for them."""
    folder = tmp_path_factory.mktemp("places")
    names = {name: folder / name.lower() for name in ("OUT", "NEW", "TAKEN", "EMPTY", "TABLE", "DANGLING", "LOOP")}
    names["BUILT"] = warehouse.path
    names["TAKEN"].write_text("")
    names["EMPTY"].write_text("")
    names["TABLE"].write_text("a,b\n1,2\n")
    names["DANGLING"].symlink_to(folder / "nowhere")
    names["LOOP"].symlink_to(names["LOOP"])
    names["SQLITE"] = folder / "sqlite.db"
    with sqlite3.connect(names["SQLITE"]) as connection:
        connection.execute("create table a (b)")
    builds = "create schema meta; create table meta.builds as select 'a' as invocation_id, 'finished' as event"
    for name, sql in {
        "OTHER": "create schema marts; create table marts.customers as select 1 as customer_id",
        "OLDER": builds,
        "OLD": f"{builds}, 1 as build_number, '' as detail",
    }.items():
        names[name] = folder / f"{name}.duckdb"
        with duckdb.connect(str(names[name])) as connection:
            connection.execute(sql)
    for name, sql in {
        "HALF": "insert into meta.builds (build_number, invocation_id, event) values (99, 'x', 'started')",
        "GONE": "drop table reporting.totals",
    }.items():
        names[name] = folder / f"{name}.duckdb"
        shutil.copy(warehouse.path, names[name])
        with duckdb.connect(str(names[name])) as connection:
            connection.execute(sql)
    for name, sql in {
        "NO_MART": b"-- What?\n-- So.\nselect * from marts.nothing",
        "NO_SYNTAX": b"-- What?\n-- So.\nselec",
        "WRITES": b"-- What?\n-- So.\ncreate table written as select 1",
        "NOTHING": b"",
        "BYTES": b"-- What?\n\xff\xfe",
        "SOUND": b"-- What?\n-- So.\nselect 1 as one",
        "NO_SQL": None,
    }.items():
        names[name] = folder / name
        names[name].mkdir()
        if sql is not None:
            (names[name] / "question.sql").write_bytes(sql)
    return {name: str(place) for name, place in names.items()}


@pytest.mark.parametrize(("typed", "sentence"), TYPED, ids=[" ".join(typed)[:70] for typed, _ in TYPED])
def test_what_is_typed_wrong_is_refused_in_a_sentence(places, capsys, typed, sentence):
    parts = [given.partition("/") for given in typed]
    arguments = [places.get(name, name) + slash + rest for name, slash, rest in parts]
    try:
        code = main(arguments)
    except SystemExit as stopped:
        code = stopped.code
    spoken = capsys.readouterr().err
    assert code in {1, 2}
    assert sentence in spoken
    assert "Traceback" not in spoken
    if code == 1:
        assert "\n" not in spoken.strip()


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


@pytest.mark.parametrize("size", ["5m", *further("1m", "6500k")])
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


FULL, NOT_ALLOWED, ELSE = (
    "The disk is full (",
    "cannot be written or read there",
    "A file could not be read or written (",
)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        *((OSError(number, "x"), FULL) for number in (errno.ENOSPC, errno.EDQUOT)),
        *((OSError(number, "x"), NOT_ALLOWED) for number in (errno.EACCES, errno.EPERM, errno.EROFS)),
        *((OSError(number, "x"), NO_FOLDER) for number in (errno.ENOTDIR, errno.EEXIST)),
        *((OSError(number, "x"), NO_FOLDER) for number in (errno.ELOOP, errno.ENAMETOOLONG)),
        (OSError(errno.ENOENT, "x"), ELSE),
        (duckdb.IOException("Could not write file 'x': No space left on device"), "Writing stopped, most likely"),
        (duckdb.IOException("x: No space left on device"), FULL),
        (duckdb.IOException("x: Disk quota exceeded"), FULL),
        (duckdb.IOException("x: Permission denied"), NOT_ALLOWED),
        (duckdb.IOException("x: Read-only file system"), NOT_ALLOWED),
        (duckdb.IOException("x: Input/output error"), ELSE),
        (duckdb.TransactionException("x"), ELSE),
        (duckdb.OutOfMemoryException("\nx\nand more"), "DuckDB may hold 3GB in memory and that was too little (x)"),
        (duckdb.CatalogException("x"), "NEW lacks something that is read (x)"),
        (duckdb.BinderException("x"), "NEW lacks something that is read (x)"),
        (ProblemError("x; do y."), "x; do y."),
    ],
    ids=repr,
)  # fmt: skip
def test_every_trouble_has_a_remedy_of_its_own(error, sentence, capsys, monkeypatch):
    def fail(_):
        raise error

    monkeypatch.setattr(publishing, "run", fail)
    spoken = said(capsys, "publish", "OUT", "--warehouse", "NEW", "--memory", "3GB")
    assert sentence in spoken


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
