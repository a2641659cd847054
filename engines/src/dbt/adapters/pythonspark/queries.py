"""Queries whose named steps are read more than once, each of them computed once.

Spark writes the query of a `with` into every place that reads it, and so into those that read these: of ten steps that
are each read twice it would plan and compute the first one a thousand times.
"""

import re
import uuid
from dataclasses import dataclass

# What is no SQL: texts, quoted names, comments. A text has its quotes doubled or behind a backslash.
QUOTED = re.compile(r"'(?:[^'\\]|\\.|'')*'|`(?:[^`]|``)*`|--[^\n]*|/\*.*?\*/", re.DOTALL)
BEGINNING = re.compile(r"\s*with\s+(?!recursive\b)", re.IGNORECASE)
# Written between `as` and the bracket of a step that is not to be held.
REREAD = "/* not materialized */"
NAMED = re.compile(r"\s*(\w+)\s+as\s*\(", re.IGNORECASE)


@dataclass
class Step:
    """A named query of a `with`, as written; `is_reread` where a comment asks for it to be read again each time."""

    name: str
    query: str
    is_reread: bool = False


def blanked(sql: str) -> str:
    """Return SQL of the same length with nothing in its texts, quoted names and comments."""
    return QUOTED.sub(lambda found: " " * len(found.group()), sql)


def steps_of(sql: str) -> tuple[list[Step], str]:
    """Return the named steps that a query begins with, and the rest of it; no steps where it is not read.

    >>> steps_of("with a as (select ')' as b) select b from a")
    ([Step(name='a', query="select ')' as b", is_reread=False)], ' select b from a')
    """
    plain = blanked(sql)
    beginning = BEGINNING.match(plain)
    if not beginning:
        return [], sql
    steps, place = [], beginning.end()
    while True:
        named = NAMED.match(plain, place)
        if not named:
            return [], sql
        is_reread = REREAD in sql[place : named.end()]
        depth, place = 1, named.end()
        while depth:
            if place == len(plain):
                return [], sql
            depth += {"(": 1, ")": -1}.get(plain[place], 0)
            place += 1
        steps.append(Step(named.group(1), sql[named.end() : place - 1], is_reread))
        if not plain[place:].lstrip().startswith(","):
            return steps, sql[place:]
        place = plain.index(",", place) + 1


def reads(sql: str, name: str) -> int:
    """Count how often SQL reads from a name."""
    return len(re.findall(rf"\b(?:from|join)\s+{name}\b(?!\s*[.(])", blanked(sql), re.IGNORECASE))


def with_held_steps(session, sql: str) -> tuple[str, list[str]]:
    """Compute the steps that are read more than once.

    They are held by the workers, and lost with them; where `spark.checkpoint.dir` names a folder, they are held there.

    Returns
    -------
    tuple of str and list of str
        The query that reads them from where they are held, and the names of these views, to be dropped after it.
    """
    steps, rest = steps_of(sql)
    outlives_workers = session.conf.get("spark.checkpoint.dir", None)
    held = []
    for place, step in enumerate(steps):
        later = "".join(each.query + "\n" for each in steps[place + 1 :]) + rest
        if not step.is_reread and reads(later, step.name) > 1:
            name = new_name()
            query = f"select * from (\n{step.query}\n)"
            rows = session.sql(written(named(steps[:place], query), query))
            (rows.checkpoint() if outlives_workers else rows.localCheckpoint()).createOrReplaceTempView(name)
            step.query = f"select * from {name}"
            held.append(name)
    return (written(named(steps, rest), rest) if held else sql), held


def new_name() -> str:
    """Return a name that no view has yet."""
    return f"held_{uuid.uuid4().hex}"


def named(steps: list[Step], sql: str) -> list[Step]:
    """Return the steps whose names stand in a query, or in those of such steps."""
    found = []
    for step in reversed(steps):
        if re.search(rf"\b{step.name}\b", blanked(sql), re.IGNORECASE):
            found.insert(0, step)
            sql += f"\n{step.query}"
    return found


def written(steps: list[Step], rest: str) -> str:
    """Return a query from its steps and its rest."""
    listed = ",\n".join(f"{step.name} as (\n{step.query}\n)" for step in steps)
    return f"with\n{listed}\n{rest}" if steps else rest
