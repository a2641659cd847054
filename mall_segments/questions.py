"""The SQL questions of ``analyses/`` with their answers, as the page ``docs/questions.md``.

They are read as ``dbt compile`` leaves them and answered by the built warehouse.
"""

import argparse
import re
from pathlib import Path

import duckdb

from mall_segments.problems import ProblemError
from mall_segments.warehouse import open_warehouse

COMPILED = Path("target/compiled/mall_segments/analyses")
PAGE = Path("docs/questions.md")
ROWS_SHOWN = 10

OPENING = """\
# Questions worth asking

Each is a file in `analyses/`, and its answer here is that of the mall data. Paste the SQL into any tool that has
`exports/segments.duckdb` open ([which ones, and how](bi.md)). With customers of your own, `dbt compile` leaves the
same questions, written for your segmentations, in `target/compiled/mall_segments/analyses/`. This page is written by
`python -m mall_segments questions`.
"""


def published_sql(compiled: str) -> str:
    """Take the warehouse's own name out of compiled SQL, so that it runs in the published file too.

    >>> published_sql('select * from "warehouse"."marts"."segments"')
    'select * from marts.segments'
    """
    return re.sub(r'"[^"]+"\."(\w+)"\."(\w+)"', r"\1.\2", compiled)


def cell(value: object) -> str:
    """One value as the text of a Markdown table's cell."""
    return "" if value is None else str(value).replace("|", "\\|")


def answer_table(answer: duckdb.DuckDBPyRelation) -> str:
    """The first rows of an answer as a Markdown table, and how many more there are."""
    rows = answer.limit(ROWS_SHOWN).fetchall()
    lines = [answer.columns, ["---"] * len(answer.columns), *rows]
    table = "\n".join(f"| {' | '.join(map(cell, line))} |" for line in lines)
    more = answer.shape[0] - ROWS_SHOWN
    return f"{table}\n\nand {more} more row{'s' if more > 1 else ''}." if more > 0 else table


def page(compiled: Path, connection: duckdb.DuckDBPyConnection) -> str:
    """Ask every compiled question and lay out the page.

    Parameters
    ----------
    compiled : Path
        The folder that `dbt compile` wrote the questions to. Each begins with comment lines: the question, then how
        to read the answer.
    connection : DuckDBPyConnection
        To the warehouse or to a published copy.

    Raises
    ------
    ProblemError
        If a file holds no question, or one that cannot be answered.
    """
    sections = [OPENING]
    for file in sorted(compiled.glob("*.sql")):
        try:
            lines = published_sql(file.read_text(encoding="utf-8")).strip().splitlines()
        except UnicodeDecodeError as error:
            raise ProblemError(f"{file} is no text in UTF-8 ({error}); run `dbt compile` again.") from error
        comments = [line.removeprefix("-- ") for line in lines if line.startswith("-- ")]
        sql = "\n".join(line for line in lines if not line.startswith("-- "))
        if not comments:
            raise ProblemError(f"{file} does not say what it asks; begin it with `-- ` and the question.")
        question, reading = comments[0], " ".join(comments[1:])
        try:
            answer = answer_table(connection.sql(sql))
        except (duckdb.ProgrammingError, duckdb.InvalidInputException) as error:
            raise ProblemError(
                f"{file} cannot be answered ({str(error).strip().splitlines()[0]}); run `dbt build` and `dbt compile` "
                "again, or put the question right."
            ) from error
        sections.append(f"## {question}\n\n{reading}\n\n```sql\n{sql.strip()}\n```\n\n{answer}\n")
    return "\n".join(sections)


def add_command(commands: argparse._SubParsersAction, shared: argparse.ArgumentParser) -> None:
    """Add ``questions`` to the command line."""
    command = commands.add_parser(
        "questions",
        parents=[shared],
        help="answer the questions of analyses/ on docs/questions.md",
        description=run.__doc__,
    )
    command.add_argument(
        "--compiled", type=Path, default=COMPILED, help=f"default: {COMPILED}, as dbt compile leaves it"
    )
    command.add_argument("--page", type=Path, default=PAGE, help=f"the file to write; default: {PAGE}")
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Answer the questions of analyses/ from the warehouse and write them as a page."""
    if not any(chosen.compiled.glob("*.sql")):
        raise ProblemError(
            f"There are no questions in {chosen.compiled}; run `dbt compile`, or name their folder with --compiled."
        )
    with open_warehouse(chosen.warehouse, chosen.memory) as warehouse:
        chosen.page.write_text(page(chosen.compiled, warehouse), encoding="utf-8")
    return 0
