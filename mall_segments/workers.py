"""Work in processes of its own, beside this one: what draws holds Python's lock, so that threads would take turns."""

import contextlib
import os
import pickle
import pkgutil
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Self

from mall_segments.problems import ProblemError

MOST_WORKERS = 4


class Workers:
    """As many processes as there are cores, up to four, each started when there is something for it to do.

    They are plain programs that are asked through pipes, not `multiprocessing`: that would run a caller's script again,
    and is forbidden in the processes of many a scheduler.

    >>> with Workers() as workers:
    ...     workers.submit("builtins:sorted", [2, 3, 1]).result()
    [1, 2, 3]
    """

    def __init__(self):
        self._own = threading.local()
        self._processes: list[subprocess.Popen] = []
        self._threads = ThreadPoolExecutor(min(MOST_WORKERS, os.cpu_count() or 1))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(cancel_futures=True)
        for process in self._processes:
            process.stdin.close()
            process.wait()
            process.stdout.close()

    def submit(self, function: str, *arguments: Any) -> Future:
        """Have a function run; its result, or what it raises, is that of the future.

        Parameters
        ----------
        function : str
            Its module and name, as `package.module:name`, so that the worker alone imports what it takes.
        *arguments
            What it is called with.
        """
        return self._threads.submit(self._answer, function, arguments)

    def _answer(self, function: str, arguments: tuple) -> Any:
        if not hasattr(self._own, "process"):
            self._own.process = subprocess.Popen(
                [sys.executable, "-m", "mall_segments.workers"],
                env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            self._processes.append(self._own.process)
        process = self._own.process
        try:
            process.stdin.write(pickle.dumps((function, arguments)))
            process.stdin.flush()
            is_done, answer = pickle.load(process.stdout)
        except (EOFError, BrokenPipeError) as error:
            raise ProblemError(
                "A process that was started to help was ended from outside, as happens where memory is short; "
                "free some and try again."
            ) from error
        if is_done:
            return answer
        raise answer


def work() -> None:
    """Be such a process: answer until nobody can ask any more."""
    # Who stops the program by hand stops the one that asks; what is printed must not get between the answers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with contextlib.suppress(EOFError, BrokenPipeError), answers:
        while True:
            function, arguments = pickle.load(sys.stdin.buffer)
            try:
                answer = pickle.dumps((True, pkgutil.resolve_name(function)(*arguments)))
            except Exception as error:
                answer = pickle.dumps((False, error))
            answers.write(answer)
            answers.flush()


if __name__ == "__main__":
    work()
