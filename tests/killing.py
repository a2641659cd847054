"""Programs killed at a moment, as a machine that goes down does it."""

import os
import signal
import subprocess
import time

from project import PROJECT


def killed(command: list[str], environment: dict[str, str], after: float) -> float | None:
    """Run a command and kill it and its children after some seconds; None, or how long it took to end by itself."""
    started = time.monotonic()
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
        return None
    assert process.returncode == 0
    return time.monotonic() - started
