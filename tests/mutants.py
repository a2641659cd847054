"""Change the program in one place at a time and see whether a test notices: ``make mutants``.

The changes are those of cosmic-ray. They are made in a copy of the project, and each is judged by the tests that run
the changed lines, in a process forked from one that has imported the libraries. Tests that take longer than `SLOWEST`
are left out, and the mall is built once, so that a change costs a second or two.
"""

import argparse
import ast
import gc
import hashlib
import importlib.util
import json
import os
import pickle
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import coverage
import pytest
from cosmic_ray.ast import Visitor, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

PROJECT = Path(__file__).parents[1]
LIBRARIES = [
    *("altair", "duckdb", "jinja2", "joblib", "kneed", "onnx", "onnxruntime", "pandas", "platformdirs"),
    *("scipy.cluster.hierarchy", "scipy.optimize", "scipy.stats", "skops.io", "statsmodels.api", "vl_convert", "yaml"),
    *("sklearn.cluster", "sklearn.isotonic", "sklearn.metrics", "sklearn.mixture", "sklearn.tree"),
]
SLOWEST = 12

# Tests that could notice a change of some modules; which of them do, and how long they take, is measured.
GROUPS = {
    **{
        (f"tests/unit/test_{file.name}",): (f"python_models/{file.name}",)
        for file in sorted((PROJECT / "python_models").glob("*.py"))
    },
    ("tests/page/test_charts.py", "tests/page/test_registry.py"): (
        "mall_segments/charts/*.py",
        "mall_segments/colors.py",
        "mall_segments/frames.py",
    ),
    (
        *("tests/page/test_registry.py", "tests/page/test_sections.py"),
        *("tests/page/test_texts.py", "tests/page/test_wording.py"),
    ): (
        "mall_segments/page/*.py",
        "mall_segments/wording.py",
    ),
    ("tests/publishing/test_saved_models.py",): ("mall_segments/saved_models.py",),
    ("tests/publishing/test_exports_folder.py",): ("mall_segments/exports_folder.py",),
    ("tests/publishing/test_warehouse.py", "tests/publishing/test_user_errors.py"): (
        "mall_segments/cli.py",
        "mall_segments/warehouse.py",
    ),
    ("tests/publishing",): ("mall_segments/publish.py",),
    ("tests/documents/test_analyses.py", "tests/publishing/test_user_errors.py"): ("mall_segments/questions.py",),
    ("tests/warehouse/test_backfill.py", "tests/publishing/test_user_errors.py"): ("mall_segments/backfill.py",),
}
# These install programs of others.
LEFT_OUT = "not older_client and not sql_tool and not streamlit and not reader_that_never_closes"


class Mutant(NamedTuple):
    """One change: which of the places that an operator finds in a module, and where that is."""

    operator: str
    occurrence: int
    start: tuple[int, int]


class Finder(Visitor):
    """Collects where an operator could change a module, in the order in which cosmic-ray counts them."""

    def __init__(self, operator):
        self.operator = operator
        self.starts: list[tuple[int, int]] = []

    def visit(self, node):
        """Note what the operator would do to a node, and leave the node as it is."""
        self.starts += [start for start, _ in self.operator.mutation_positions(node)]
        return node


def mutants(source: str) -> list[Mutant]:
    """Every change that means something: types are hints here, which nothing reads."""
    tree = ast.parse(source)
    hints = [
        hint
        for node in ast.walk(tree)
        for hint in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if hint is not None
    ]
    found = []
    for name in sorted(operator_names()):
        operator = get_operator(name)
        if operator.arguments():
            continue
        finder = Finder(operator())
        finder.walk(get_ast(source))
        found += [
            Mutant(name, occurrence, start)
            for occurrence, start in enumerate(finder.starts)
            if not any((h.lineno, h.col_offset) <= start < (h.end_lineno, h.end_col_offset) for h in hints)
        ]
    return found


def change(source: str, mutant: Mutant) -> str:
    """Return the changed source, '' where cosmic-ray cannot: it does not know exceptions of other modules."""
    try:
        return mutate_code(source, get_operator(mutant.operator)(), mutant.occurrence)
    except AttributeError:
        return ""


def one_per_place(every: list[Mutant], rng: random.Random) -> list[Mutant]:
    """Draw one change for each place and kind of operator, in a random order."""
    places = defaultdict(list)
    for mutant in every:
        places[mutant.start, mutant.operator.split("_")[0]].append(mutant)
    drawn = [rng.choice(alike) for alike in places.values()]
    rng.shuffle(drawn)
    return drawn


def statement_lines(source: str) -> Callable[[int], set[int]]:
    """Return what gives the lines of the innermost statement around a line, without the statements inside it."""
    statements = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):
            body = [child.lineno for child in getattr(node, "body", [])]
            first = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", []))])
            last = max(first, min(body) - 1) if body else node.end_lineno
            statements.append(range(first, last + 1))
    return lambda line: set(min((lines for lines in statements if line in lines), key=len, default=[line]))


def processor_seconds() -> float:
    """Return what this process and those it waited for took of the processor."""
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


class Judge:
    """A pytest plugin that tells which tests ran which lines of files, and how many seconds tests and fixtures took.

    They are those of the processor, so that other work on the machine makes no test slow.
    """

    def __init__(self, files: list[Path]):
        self.watch = coverage.Coverage(data_file=None, include=[str(file) for file in files])
        self.watch.start()
        self.files = files
        self.running = ""
        self.seconds: dict[str, float] = {}
        self.fixture_seconds: dict[str, float] = {}
        self.fixtures: dict[str, list[str]] = {}
        self.failed: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        """Put what a test runs under its name."""
        self.running = item.nodeid
        self.fixtures[item.nodeid] = list(item.fixturenames)
        self.watch.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self.watch.switch_context("")

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef):
        """Put what a fixture runs under the names of all tests that use it."""
        self.watch.switch_context(f"fixture {fixturedef.argname}")
        started = processor_seconds()
        try:
            return (yield)
        finally:
            self.fixture_seconds[fixturedef.argname] = processor_seconds() - started
            self.watch.switch_context(self.running)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        """Note how long a test takes."""
        started = processor_seconds()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = processor_seconds() - started

    def pytest_runtest_logreport(self, report):
        """Note whether a test is of use."""
        if not report.passed:
            self.failed.add(report.nodeid)

    def found(self) -> dict:
        """Return the seconds that each usable test takes, and the tests of each line."""
        self.watch.stop()
        usable = {
            test: seconds + sum(self.fixture_seconds.get(name, 0) for name in self.fixtures[test])
            for test, seconds in self.seconds.items()
            if test not in self.failed
        }
        users = {
            f"fixture {name}": {test for test in usable if name in self.fixtures[test]} for name in self.fixture_seconds
        }
        lines: dict[str, dict[int, list[str]]] = {}
        for file in self.files:
            own = lines[file.relative_to(Path.cwd()).as_posix()] = {}
            for line, contexts in self.watch.get_data().contexts_by_lineno(str(file)).items():
                # What is run without a test is run on import, so every test may notice.
                running = [users.get(context, {context}) if context else set(usable) for context in contexts]
                own[line] = sorted(set().union(*running) & set(usable))
        return {"seconds": usable, "lines": lines, "failed": sorted(self.failed)}


def forked(work: Callable[[], int], seconds: int) -> int:
    """Do work in a process of its own and return its exit code; one that takes longer on the processor is killed."""
    process = os.fork()
    if not process:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        code = 3
        try:
            code = work()
        finally:
            os._exit(code)
    # One that waits for something which never comes takes no time of the processor.
    deadline = time.monotonic() + 60 + 10 * seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.killpg(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return -signal.SIGKILL


def run_tests(project: Path, tests: list[str], log: Path, judge: Judge | None = None) -> int:
    """Run tests of a copy of the project, in this process, until one fails; with a judge all of them."""
    with log.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.chdir(project)
    os.environ["PYTHONPATH"] = str(project)
    if not judge:  # a change takes a moment, and within the same moment what is compiled counts as fresh
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        sys.dont_write_bytecode = True
    sys.path[:0] = [str(project), str(project / "tests")]
    remember_builds(project.parent / "builds")
    remember_pictures(project.parent / "pictures")
    options = ["-q", "--tb=short", "-m", "not long", "-k", LEFT_OUT, f"--basetemp={project.parent / 'tests'}"]
    for plugin in ("cacheprovider", "hypothesispytest", "xdist"):
        options += ["-p", f"no:{plugin}"]
    if not judge:
        options.append("-x")
    return int(pytest.main([*options, *tests], plugins=[judge] if judge else []))


def remember_builds(folder: Path) -> None:
    """Make a dbt command leave what it left of the same warehouse before: no change here is one of what dbt builds."""
    import project

    build = project.Warehouse.dbt

    def dbt(self, *arguments, project_vars=None, check=True):
        if self.project != project.PROJECT:
            return build(self, *arguments, project_vars=project_vars, check=check)
        digest = hashlib.sha256(repr((arguments, project_vars, str(self.folder))).encode())
        for file in sorted(file for file in self.folder.rglob("*") if file.is_file() and not file.is_symlink()):
            if not {"target", "logs", "exports"} & set(file.relative_to(self.folder).parts):
                digest.update(file.name.encode() + file.read_bytes())
        kept = folder / digest.hexdigest()
        if not kept.exists():
            result = build(self, *arguments, project_vars=project_vars, check=check)
            unfinished = folder / "unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(parents=True)
            if self.path.exists():
                shutil.copy(self.path, unfinished)
            if (self.folder / "target").exists():
                shutil.copytree(self.folder / "target", unfinished / "target")
            (unfinished / "result.pickle").write_bytes(pickle.dumps(result))
            unfinished.rename(kept)
            return result
        shutil.copytree(kept, self.folder, dirs_exist_ok=True)
        return pickle.loads((self.folder / "result.pickle").read_bytes())

    project.Warehouse.dbt = dbt


def forget_old_builds(folder: Path, project: Path) -> None:
    """Remove builds that were remembered of another state of what dbt builds."""
    digest = hashlib.sha256()
    for file in sorted(project.rglob("*")):
        if file.is_file() and file.relative_to(project).parts[0] not in {"mall_segments", "tests", "docs"}:
            digest.update(file.read_bytes())
    stamp = folder / "state.txt"
    if not stamp.exists() or stamp.read_text() != digest.hexdigest():
        shutil.rmtree(folder / "builds", ignore_errors=True)
    stamp.write_text(digest.hexdigest())


def remember_pictures(folder: Path) -> None:
    """Make what draws a picture of a specification return the one it drew of it before."""
    import vl_convert

    def remembered(draw: Callable) -> Callable:
        def drawn(*arguments, **options):
            key = hashlib.sha256(repr((draw.__name__, arguments, sorted(options.items()))).encode()).hexdigest()
            kept = folder / key
            if not kept.exists():
                folder.mkdir(exist_ok=True)
                kept.write_bytes(pickle.dumps(draw(*arguments, **options)))
            return pickle.loads(kept.read_bytes())

        return drawn

    for name in ("javascript_bundle", "svg_to_png", "vegalite_to_png", "vegalite_to_svg"):
        setattr(vl_convert, name, remembered(getattr(vl_convert, name)))


def covered(files: list[Path], tests: tuple[str, ...], project: Path) -> dict:
    """Return the seconds of each test, and for each file the tests that run each of its lines."""
    log, answer = project.parent / "log.txt", project.parent / "answer.json"

    def cover() -> int:
        judge = Judge(files)
        code = run_tests(project, list(tests), log, judge)
        answer.write_text(json.dumps(judge.found()))
        return code

    former = set(project.parent.glob("[bp]*s/*"))
    forked(cover, seconds=3600)
    if former != set(
        project.parent.glob("[bp]*s/*")
    ):  # the time that builds and pictures took is not that of the tests
        forked(cover, seconds=3600)
    for file in files:
        Path(importlib.util.cache_from_source(str(file))).unlink(missing_ok=True)
    found = json.loads(answer.read_text())
    slow = [test for test, seconds in found["seconds"].items() if seconds > SLOWEST]
    for test in [*found["failed"], *slow]:
        found["seconds"].pop(test, None)
    print(f"{len(found['seconds'])} tests of {' and '.join(tests)} judge; left out: {[*found['failed'], *slow]}")
    return found


def judged(file: Path, found: dict, project: Path, sample: int, seed: int) -> None:
    """Change a module of a copy of the project in so many places, one after another, and print what no test noticed."""
    module, log = file.relative_to(project).as_posix(), project.parent / "log.txt"
    source = file.read_text()
    around = statement_lines(source)
    every = mutants(source)
    places = one_per_place(every, random.Random(seed))
    seconds, lines = found["seconds"], found["lines"][module]

    def tests_of(mutant: Mutant) -> list[str]:
        tests = {test for line in around(mutant.start[0]) for test in lines.get(str(line), [])}
        return sorted(tests & set(seconds), key=seconds.get)

    reached = [(mutant, tests) for mutant in places if (tests := tests_of(mutant))]
    unreached = sorted({mutant.start[0] for mutant in places} - {mutant.start[0] for mutant, _ in reached})
    if unreached:
        print(f"{module}: not reached: {unreached}")
    tried = killed = 0
    for mutant, tests in reached:
        changed = change(source, mutant)
        if not changed:
            continue
        if tried == sample:
            break
        file.write_text(changed)
        limit = 20 + 5 * round(sum(map(seconds.get, tests)))
        code = forked(lambda tests=tests: run_tests(project, tests, log), limit)
        tried += 1
        killed += code != 0
        if code == 0:
            pairs = zip(source.splitlines(), changed.splitlines(), strict=False)
            before, after = next(pair for pair in pairs if pair[0] != pair[1])
            print(f"survived at {module}:{mutant.start[0]}\n    - {before.strip()}\n    + {after.strip()}", flush=True)
        elif code not in (1, 2, 4) and code >= 0:
            print(f"{module}:{mutant.start[0]} ended in {code}: {log.read_text()[-500:]}", flush=True)
    file.write_text(source)
    print(
        f"{module}: {len(every)} changes of {len(places)} places, {len(reached)} of those reached by a test, "
        f"{tried} changed, {killed} noticed",
        flush=True,
    )


def main() -> None:
    """Judge the modules that are named, or all."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("modules", nargs="*", help="paths, as in mall_segments/cli.py; default: all")
    parser.add_argument("--sample", type=int, default=60, help="places of each module that are changed; default: 60")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--builds", type=Path, help="where to keep what dbt builds for a later run")
    chosen = parser.parse_args()
    for library in LIBRARIES:
        importlib.import_module(library)
    gc.freeze()  # what is imported need not be looked through again in every process
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.builds.absolute() if chosen.builds else Path(scratch)
        project = folder / "project"
        shutil.rmtree(project, ignore_errors=True)
        tracked = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=PROJECT, capture_output=True, text=True, check=True,
        ).stdout.splitlines()  # fmt: skip
        for name in tracked:
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, project / name)
        forget_old_builds(folder, project)
        for tests, patterns in GROUPS.items():
            files = [
                file
                for pattern in patterns
                for file in sorted(project.glob(pattern))
                if not chosen.modules or file.relative_to(project).as_posix() in chosen.modules
            ]
            if files:
                found = covered(files, tests, project)
                for file in files:
                    judged(file, found, project, chosen.sample, chosen.seed)
    gc.unfreeze()


if __name__ == "__main__":
    main()
