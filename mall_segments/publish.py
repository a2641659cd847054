"""Publish a finished build: a copy of its marts that people, BI tools and CRMs read while the next build runs.

Every file is written beside its place and moved there whole, so
a reader never sees half a file, and one that has the old file open keeps reading it.
"""

import argparse
import io
import os
import re
import shutil
import sys
import tempfile
import time
import unicodedata
from pathlib import Path

import duckdb
import joblib
import pandas as pd
import vl_convert

from mall_segments.charts import published_charts
from mall_segments.charts.theme import FONT
from mall_segments.frames import read_frames
from mall_segments.page import dashboard_html
from mall_segments.saved_models import onnx_model, pipeline

PUBLISHED_SCHEMAS = ("marts", "campaigns", "reporting")
OLDEST_CLIENT = "v1.4.0"
PATIENCE_SECONDS = 10
MEMORY_LIMIT = "80%"  # of the machine's, as DuckDB takes by itself
PNG_PPI = 144
# What pictures are laid out with. In a wider font, such as the system's may be, words would not fit their places.
PICTURE_FONT = "Arial, 'Liberation Sans', Helvetica, sans-serif"
DAY_SECONDS = 24 * 60 * 60

# What a spreadsheet takes for the start of a formula, full-width forms included.
FORMULA_START = "^[=+\\-@\t\r\n＝＋－＠]"  # noqa: RUF001

# The files that come and go with the marts, segments and charts of a build.
OWN_FILES = ("parquet/*.parquet", "segments/*/*.csv", "charts/*.svg", "charts/*.png", "kmeans_model*")


class PublishError(Exception):
    """Says in one sentence why nothing was published, and the mend."""


def identifier(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | Path) -> str:
    """Quote a text for SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def open_warehouse(path: Path) -> duckdb.DuckDBPyConnection:
    """Open the warehouse to read, under its own name, as its views expect.

    The connection is in memory and the file attached to it, so that other files can be written beside it.

    Raises
    ------
    PublishError
        If there is no warehouse, or a build holds it for longer than ten seconds.
    """
    if not path.exists():
        raise PublishError(f"There is no warehouse at {path}; run `make build` first.")
    connection = duckdb.connect()
    name = identifier(path.stem)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            connection.execute(f"attach {literal(path)} as {name} (read_only)")
            break
        except duckdb.IOException as error:
            if "lock" not in str(error):
                raise
            if time.monotonic() > deadline:
                raise PublishError(
                    f"Another program holds {path}, most likely a build; publish again when it has ended."
                ) from error
            time.sleep(0.2)
    connection.execute(f"use {name}")
    return connection


def published_relations(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row per mart, table or view: `schema_name`, `name` and `comment`."""
    return connection.execute(
        """
        select schema_name, table_name as name, comment from duckdb_tables()
        where database_name = current_database() and schema_name in (select unnest($schemas))
        union all
        select schema_name, view_name as name, comment from duckdb_views()
        where database_name = current_database() and schema_name in (select unnest($schemas))
        order by schema_name, name
        """,
        {"schemas": list(PUBLISHED_SCHEMAS)},
    ).df()


def copy_marts(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Copy every mart, its comments and the functions on marts to a file of its own that older clients can open."""
    relations = published_relations(connection)
    if relations.empty:
        raise PublishError("The warehouse holds no marts; run `make build` first.")
    connection.execute(f"attach {literal(file)} as published_copy (storage_version {literal(OLDEST_CLIENT)})")
    for schema in relations["schema_name"].unique():
        connection.execute(f"create schema published_copy.{identifier(schema)}")
    for schema, name, comment in relations.itertuples(index=False):
        mart = f"{identifier(schema)}.{identifier(name)}"
        connection.execute(f"create table published_copy.{mart} as from {mart}")
        if pd.notna(comment):
            connection.execute(f"comment on table published_copy.{mart} is {literal(comment)}")
    columns = connection.execute(
        """
        select schema_name, table_name, column_name, comment from duckdb_columns()
        where
            database_name = current_database() and schema_name in (select unnest($schemas))
            and comment is not null
        """,
        {"schemas": list(PUBLISHED_SCHEMAS)},
    ).fetchall()
    for *path, comment in columns:
        column = ".".join(identifier(name) for name in path)
        connection.execute(f"comment on column published_copy.{column} is {literal(comment)}")
    functions = connection.execute(
        """
        select schema_name, function_name, parameters, macro_definition from duckdb_functions()
        where
            database_name = current_database() and schema_name in (select unnest($schemas))
            and function_type = 'table_macro'
        """,
        {"schemas": list(PUBLISHED_SCHEMAS)},
    ).fetchall()
    for schema, name, parameters, definition in functions:
        arguments = ", ".join(identifier(parameter) for parameter in parameters)
        connection.execute(
            f"create macro published_copy.{identifier(schema)}.{identifier(name)}({arguments}) as table ({definition})"
        )
    connection.execute("detach published_copy")


def segmentations(published: duckdb.DuckDBPyConnection) -> list[str]:
    """The segmentations that have segments, in the order of the project's var."""
    rows = published.execute("""
        select segmentation from marts.segmentations
        where segmentation in (select segments.segmentation from marts.segments as segments)
        order by position
    """)
    return [name for (name,) in rows.fetchall()]


def spreadsheet_safe(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Put an apostrophe before every text that a spreadsheet would run as a formula; numbers stay numbers."""
    cells = []
    for name, data_type in zip(relation.columns, relation.types, strict=True):
        column = identifier(name)
        if data_type == duckdb.sqltypes.VARCHAR:
            is_formula = f"regexp_matches({column}, {literal(FORMULA_START)})"
            cells.append(f"case when {is_formula} then '''' || {column} else {column} end as {column}")
        else:
            cells.append(column)
    return relation.project(", ".join(cells))


def file_name(segment_name: str, segment_id: int, taken: set[str]) -> str:
    """Name the file of a segment: its name in plain letters, with the id where that is empty or taken.

    >>> file_name("High income, low spending", 3, set())
    'high-income-low-spending'
    """
    plain = unicodedata.normalize("NFKD", segment_name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if not slug or slug in taken:
        slug = f"{slug or 'segment'}-{segment_id}"
    taken.add(slug)
    return slug


def write_segment_lists(published: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """One CSV per segment: its customers, who they are, and the first action for them."""
    names = segmentations(published)
    segment_columns = {
        f"{segmentation}_{column}"
        for segmentation in names
        for column in ("segment_id", "segment_name", "nickname", "first_action")
    }
    attributes = [
        f"customers.{identifier(column)}"
        for column in published.table("marts.customers").columns
        if column not in segment_columns
    ]
    for segmentation in names:
        (folder / segmentation).mkdir(parents=True)
        taken: set[str] = set()
        segments = published.execute(
            "select segment_id, segment_name from marts.segments where segmentation = ? order by segment_id",
            [segmentation],
        ).fetchall()
        for segment_id, segment_name in segments:
            members = published.sql(
                f"""
                select
                    {", ".join(attributes)},
                    segments.segment_name,
                    segments.nickname,
                    actions.objective,
                    actions.action as first_action,
                    actions.channel,
                    actions.offer
                from marts.customers as customers
                inner join marts.segments as segments
                    on segments.segmentation = {literal(segmentation)} and segments.segment_id = {segment_id}
                left join marts.segment_marketing_actions as actions
                    on
                        segments.segmentation = actions.segmentation
                        and segments.segment_id = actions.segment_id
                        and actions.priority = 1
                where customers.{identifier(segmentation + "_segment_id")} = {segment_id}
                """
            )
            slug = file_name(segment_name, segment_id, taken)
            spreadsheet_safe(members).write_csv(str(folder / segmentation / f"{slug}.csv"), header=True)


def write_parquet(published: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """One Parquet file per mart."""
    folder.mkdir()
    for schema, name, _ in published_relations(published).itertuples(index=False):
        mart = published.sql(f"from {identifier(schema)}.{identifier(name)}")
        mart.write_parquet(str(folder / f"{name}.parquet"))


def write_models(centroids: pd.DataFrame, names: list[str], folder: Path) -> None:
    """Write each champion as joblib and ONNX; the first segmentation's carries the plain name, as in SQL."""
    for position, segmentation in enumerate(names):
        own = centroids[centroids["segmentation"] == segmentation]
        stem = "kmeans_model" if position == 0 else f"kmeans_model_{segmentation}"
        joblib.dump(pipeline(own), folder / f"{stem}.joblib")
        (folder / f"{stem}.onnx").write_bytes(onnx_model(own, segmentation).SerializeToString(deterministic=True))


def write_pictures(frames: dict[str, pd.DataFrame], folder: Path) -> None:
    """Write every chart as SVG and PNG, and the dashboard."""
    (folder / "charts").mkdir()
    for name, chart in published_charts(frames).items():
        picture = folder / "charts" / name
        drawn = io.StringIO()
        chart.save(drawn, format="svg")
        svg = drawn.getvalue().replace(FONT, PICTURE_FONT)
        picture.with_suffix(".svg").write_text(svg, encoding="utf-8")
        # Drawn from the SVG, which takes a quarter of the time of rendering the chart again.
        picture.with_suffix(".png").write_bytes(vl_convert.svg_to_png(svg, ppi=PNG_PPI))
    (folder / "dashboard.html").write_text(dashboard_html(frames), encoding="utf-8")


def move_into_place(staged: Path, folder: Path) -> None:
    """Replace the published files one by one, each whole, and remove those that this build no longer has."""
    files = [file.relative_to(staged) for file in sorted(staged.rglob("*")) if file.is_file()]
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        os.replace(staged / file, folder / file)
    for pattern in OWN_FILES:
        for stale in folder.glob(pattern):
            if stale.relative_to(folder) not in files:
                stale.unlink()
    for empty in folder.glob("segments/*"):
        if empty.is_dir() and not any(empty.iterdir()):
            empty.rmdir()


def publish(warehouse: Path, folder: Path, memory_limit: str = MEMORY_LIMIT) -> pd.DataFrame:
    """Write everything that a build publishes.

    Parameters
    ----------
    warehouse : Path
        The DuckDB file that `dbt build` left. It is held only while it is read, not while charts are drawn.
    folder : Path
        Receives the files. Until all of them are written the old ones stay as they are.
    memory_limit : str
        What DuckDB may hold in memory, as it writes sizes ('4GB') or as a share of the machine's.

    Returns
    -------
    DataFrame, one row per segmentation and segment
        What was published, for a last look.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for abandoned in folder.glob(".publishing-*"):
        if time.time() - abandoned.stat().st_mtime > DAY_SECONDS:
            shutil.rmtree(abandoned, ignore_errors=True)
    # Inside the folder, because moving a file into place whole needs one and the same file system.
    with tempfile.TemporaryDirectory(prefix=".publishing-", dir=folder) as temporary:
        staged = Path(temporary) / "exports"
        staged.mkdir()
        spill = literal(Path(temporary) / "spill")
        limits = f"set temp_directory = {spill}; set memory_limit = {literal(memory_limit)}"
        with open_warehouse(warehouse) as connection:
            connection.execute(limits)
            copy_marts(connection, staged / "segments.duckdb")
            centroids = connection.sql("from clustering.segment_centroids").df()
            frames = read_frames(connection)
        with duckdb.connect(str(staged / "segments.duckdb"), read_only=True) as published:
            published.execute(limits)
            write_parquet(published, staged / "parquet")
            write_segment_lists(published, staged / "segments")
            names = segmentations(published)
            write_models(centroids, names, staged)
            segments = published.execute(
                """
                select segmentation, segment_id, segment_name, nickname, customers, share
                from marts.segments
                order by list_position($names, segmentation), value_rank
                """,
                {"names": names},
            ).df()
        write_pictures(frames, staged)
        move_into_place(staged, folder)
    return segments


def add_command(commands: argparse._SubParsersAction) -> None:
    """Add ``publish`` to the command line."""
    command = commands.add_parser("publish", help="write exports/ from a finished build")
    command.add_argument("folder", nargs="?", type=Path, default=Path("exports"), help="default: exports")
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Publish the warehouse and say where to look."""
    folder = chosen.folder
    try:
        segments = publish(chosen.warehouse, folder, os.environ.get("MALL_SEGMENTS_MEMORY", MEMORY_LIMIT))
    except PublishError as error:
        print(error, file=sys.stderr)
        return 1
    print(
        segments.to_string(index=False, formatters={"share": "{:.1%}".format}),
        "",
        f"Published to {folder}:",
        f"  {folder}/dashboard.html    start here: the page from the data to what to do about each segment",
        f"  {folder}/charts/           the charts as SVG and PNG",
        f"  {folder}/segments.duckdb   the marts, for SQL and BI tools",
        f"  {folder}/parquet/          one Parquet file per mart",
        f"  {folder}/segments/         one CSV per segment, with the first action for each customer",
        f"  {folder}/kmeans_model.*    the model, for scikit-learn (joblib) and other programs (ONNX)",
        sep="\n",
    )
    return 0
