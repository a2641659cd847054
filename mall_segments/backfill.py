"""Build the past month by month, each as it was known then, so that there is a history on the first day.

Every month is a `dbt build` of its own with the var `as_of`, in a process of its own as a scheduler would start it.
What is built so far continues from month to month; a backfill that stopped half-way goes on where it stopped.
"""

import argparse
import calendar
import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import yaml

from mall_segments import postgres
from mall_segments.problems import ProblemError
from mall_segments.progress import show_progress
from mall_segments.warehouse import open_warehouse

# What is looked at before anything is built: the days of the purchases, and campaigns that would draw their arms.
LOOKED_AT = ("--select", "+stg_purchases", "+campaign_terms", "--resource-type", "seed", "--resource-type", "model")
SAYS = {"ls": ("--quiet",), "build": ("--log-level", "warn", "--no-use-colors")}
# Runs a query on what is built, and returns its rows; none where there is no such table.
Ask = Callable[[str], list[tuple] | None]
COMMAND = (sys.executable, "-c", "from dbt.cli.main import cli; cli(prog_name='dbt')")


def last_days(first: str, last: str) -> list[dt.date]:
    """Return the last day of each month, both ends included.

    >>> last_days("2024-01", "2024-03")
    [datetime.date(2024, 1, 31), datetime.date(2024, 2, 29), datetime.date(2024, 3, 31)]

    Raises
    ------
    ProblemError
        If one is no month, or the last comes before the first.
    """
    months = []
    for option, text in (("--from", first), ("--to", last)):
        try:
            months.append(dt.datetime.strptime(text, "%Y-%m").date())
        except ValueError as error:
            raise ProblemError(f"{option} is `{text}`, which is no month; write it as in 2025-01.") from error
    start, end = (month.year * 12 + month.month - 1 for month in months)
    if end < start:
        raise ProblemError(f"--from {first} comes after --to {last}; swap them.")
    return [last_day(dt.date(number // 12, number % 12 + 1, 1)) for number in range(start, end + 1)]


def last_day(day: dt.date) -> dt.date:
    """Return the last day of a day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def read_vars(text: str) -> dict:
    """Read vars as dbt takes them, as YAML or JSON.

    Raises
    ------
    ProblemError
        If they are no names with values.
    """
    try:
        project_vars = yaml.safe_load(text)
        json.dumps(project_vars, default=str)  # how they go to dbt: a list that holds itself cannot
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise ProblemError(f"--vars cannot be read ({str(error).splitlines()[0]}); write them as for dbt.") from error
    if not isinstance(project_vars, dict):
        raise ProblemError("--vars holds no names with values; write them as for dbt, as in '{active_days: 30}'.")
    return project_vars


class Dbt:
    """The dbt of this environment, run in the current folder on one warehouse file.

    Parameters
    ----------
    warehouse : Path
    memory_limit : str
        What DuckDB may hold in memory.
    project_vars : mapping
        Vars of the user.
    options : list of str
        Further options for dbt, such as ``--target prod``.
    """

    def __init__(self, warehouse: Path, memory_limit: str, project_vars: Mapping, options: list[str]):
        self.environment = os.environ | {
            "MALL_SEGMENTS_DB": str(warehouse),
            "MALL_SEGMENTS_MEMORY": memory_limit,
        }
        self.project_vars = project_vars
        self.options = options

    def run(self, command: str, *arguments: str, as_of: dt.date | None) -> str:
        """Run a command for a day, None for the newest there is, and return its answer or its warnings.

        Raises
        ------
        ProblemError
            If dbt failed; says what dbt said.
        """
        project_vars = json.dumps({**self.project_vars, "as_of": as_of}, default=str)
        result = subprocess.run(
            [*COMMAND, *SAYS[command], command, *arguments, "--vars", project_vars, *self.options],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if result.returncode:
            day = f" for {as_of}" if as_of else ""
            raise ProblemError(
                f"{result.stdout.strip()}\n\n`dbt {command}`{day} failed, as it says above; put it right "
                "and start again."
            )
        return result.stdout


def asking(warehouse: Path, memory_limit: str) -> Ask:
    """Return what runs a query on a DuckDB file, which nothing holds open in between."""

    def ask(query: str) -> list[tuple] | None:
        if not warehouse.is_file():
            return None
        with open_warehouse(warehouse, memory_limit) as connection:
            try:
                return connection.execute(query).fetchall()
            except duckdb.CatalogException:
                return None

    return ask


def history_until(ask: Ask) -> dt.date | None:
    """Return the latest day that there is a history of; none where there is no history."""
    rows = ask("select cast(greatest(max(valid_from), max(valid_to)) as date) from marts.segment_history")
    return rows[0][0] if rows else None


def check_history(days: list[dt.date], until: dt.date | None) -> None:
    """Refuse months that the history has gone past.

    Raises
    ------
    ProblemError
        If the history goes to the first month's last day or beyond.
    """
    if until and until >= days[0]:
        following = f"{last_day(until) + dt.timedelta(1):%Y-%m}" if until >= last_day(until) else f"{until:%Y-%m}"
        raise ProblemError(
            f"The history of segments goes to {until}, and no month before that can be put in; begin with --from "
            f"{following}, or build into a warehouse of its own (--warehouse)."
        )


def check_source(days: list[dt.date], ask: Ask) -> dt.date:
    """Refuse months without purchases and campaigns that would be drawn in the past; return the newest purchase's day.

    Raises
    ------
    ProblemError
        If there is no purchase by the end of the first month or none from the last month on, or if an approved campaign
        would draw its arms from customers of the past.
    """
    days_of_purchases = ask("""
        select min(purchase_date), max(purchase_date) from staging.stg_purchases where rejection_reason is null
    """)
    if not days_of_purchases:
        raise ProblemError(
            "dbt left no staging.stg_purchases where we look for it; name the file of its profile with --warehouse, or "
            "say --postgres for the database in PGDATABASE, and take a target whose schemas have plain names, such as "
            "prod."
        )
    ((oldest, newest),) = days_of_purchases
    campaigns = ask(f"""
        select campaign from campaigns.campaign_terms
        where is_approved and problem is null and ends_on >= date '{days[0]}'
        order by campaign
    """)
    if newest is None:
        raise ProblemError("No purchase can be used; staging.rejected_purchases says why.")
    if days[0] < oldest:
        raise ProblemError(
            f"By {days[0]} nobody had bought yet, the first purchase is of {oldest}; begin with --from {oldest:%Y-%m}."
        )
    if days[-1].replace(day=1) > newest:
        raise ProblemError(
            f"The newest purchase is of {newest}, so nothing is known of {days[-1]:%Y-%m}; end with "
            f"--to {newest:%Y-%m}."
        )
    if campaigns:
        names = ", ".join(name for (name,) in campaigns)
        raise ProblemError(
            f"Approved campaigns that end after {days[0]} would draw their arms for good from customers of the past "
            f"({names}); set is_approved to false until the backfill is done."
        )
    return newest


def moved_on(day: dt.date, ask: Ask) -> int:
    """Count the customers whom the history has in a segment since that day."""
    rows = ask(f"select count(*) from marts.segment_history where cast(valid_from as date) = date '{day}'")
    return rows[0][0]


def backfill(
    days: list[dt.date],
    warehouse: Path,
    memory_limit: str,
    project_vars: Mapping,
    options: list[str],
    ask: Ask | None = None,
) -> None:
    """Build every day in turn, and say of each what happened in it.

    Parameters
    ----------
    days : list of date
        In order; `as_of` of each build.
    warehouse : Path
        The DuckDB file, which may be new.
    memory_limit : str
        What DuckDB may hold in memory.
    project_vars : mapping
        Vars for dbt beside those of the project; `as_of` is set for each build.
    options : list of str
        Further options for dbt.
    ask : callable, optional
        Runs a query on what these options build, where that is not the file.

    Raises
    ------
    ProblemError
        If the days cannot be built, which is said before the first is, or if one of the builds fails; those before it
        stand.
    """
    warehouse = warehouse.absolute()
    dbt = Dbt(warehouse, memory_limit, project_vars, options)
    ask = ask or asking(warehouse, memory_limit)
    check_history(days, history_until(ask))
    if "stg_purchases" not in dbt.run("ls", "--select", "stg_purchases", "--output", "name", as_of=None).split():
        raise ProblemError("The project has no purchases, which the past is built from; set the var purchases_file.")
    dbt.run("build", *LOOKED_AT, as_of=None)
    newest = check_source(days, ask)
    for position, day in enumerate(days, start=1):
        show_progress(f"{day}: building, {position} of {len(days)}")
        warnings = dbt.run("build", as_of=day)
        show_progress("")
        print(f"{day}: {moved_on(day, ask):,} customers came to a segment", flush=True)
    if warnings:
        print(f"\ndbt warned in the last build:\n{warnings}")
    if newest < days[-1]:
        print(f"The newest purchase is of {newest}; {days[-1]:%Y-%m} counts as over all the same.")


def add_command(commands: argparse._SubParsersAction, shared: argparse.ArgumentParser) -> None:
    """Add ``backfill`` to the command line."""
    command = commands.add_parser(
        "backfill",
        parents=[shared],
        help="build past months from purchases, as they were known then",
        description=run.__doc__,
    )
    command.add_argument("--from", dest="first", required=True, metavar="MONTH", help="the first month, as in 2025-01")
    command.add_argument("--to", dest="last", required=True, metavar="MONTH", help="the last month, as in 2025-12")
    command.add_argument(
        "--vars", default="{}", help="vars for dbt beside the project's own, as in YAML; as_of is set for each month"
    )
    command.add_argument(
        "--postgres",
        action="store_true",
        help="build the PostgreSQL database that PGDATABASE and so on name, not a file",
    )
    command.add_argument("options", nargs="*", metavar="-- OPTION", help="options for dbt, as in -- --target prod")
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Build past months from purchases, each on its last day and as it was known then."""
    days = last_days(chosen.first, chosen.last)
    options, ask = chosen.options, None
    if chosen.postgres:
        options, ask = ["--target", "postgres", *options], postgres.ask
    backfill(days, chosen.warehouse, chosen.memory, read_vars(chosen.vars), options, ask)
    return 0
