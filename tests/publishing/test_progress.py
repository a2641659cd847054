"""On a terminal long work says what it is at; in a log it is quiet, and it leaves nothing behind."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest

WIPE = "\r\033[K"


def on_a_terminal(*command: str, columns: int) -> str:
    """What a command writes to a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    written = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # how a terminal says that nobody writes to it any more
            break
        written += part
    os.close(ours)
    process.wait()
    return written.decode()


@pytest.mark.parametrize("columns", [pytest.param(120, marks=pytest.mark.long), 30])
def test_publishing_says_how_far_it_is_and_leaves_an_empty_line(warehouse, tmp_path, columns):
    program = (sys.executable, "-m", "mall_segments", "publish", "--warehouse", str(warehouse.path))
    written = on_a_terminal(*program, str(tmp_path / "exports"), columns=columns)
    lines = written.split(WIPE)
    assert lines[0] == lines[-1] == ""
    assert max(map(len, lines)) < columns
    if columns == 120:
        drawn = [re.fullmatch(r"publishing: drawing \w+, (\d+) of (\d+)", line) for line in lines]
        steps = [(int(step[1]), int(step[2])) for step in drawn if step]
        assert steps == [(number, len(steps)) for number in range(1, len(steps) + 1)]
        assert len(steps) > 10


def test_what_stops_it_stands_on_a_line_of_its_own_and_a_log_has_nothing_else(tmp_path):
    program = (sys.executable, "-m", "mall_segments", "publish", "--warehouse", str(tmp_path / "none.duckdb"))
    sentence = f"There is no warehouse at {tmp_path}/none.duckdb"
    assert on_a_terminal(*program, columns=200).split(WIPE)[-1].startswith(sentence)
    logged = subprocess.run(program, capture_output=True, text=True, check=False)
    assert logged.stderr.startswith(sentence)
