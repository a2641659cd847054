"""Publish a finished build: a copy of its marts that people, BI tools and CRMs read while the next build runs."""

import argparse
import codecs
import re
import shutil
import tempfile
import unicodedata
from pathlib import Path

import duckdb
import pandas as pd

from mall_segments import postgres, spark
from mall_segments.charts.registry import Drawings, to_publish
from mall_segments.charts.theme import FONT, PICTURE_FONT
from mall_segments.exports_folder import new_set, write_manifest
from mall_segments.frames import read_frames
from mall_segments.numbers import NumberFormat
from mall_segments.one_pagers import find_chromium, print_one_pagers
from mall_segments.page import dashboard_html
from mall_segments.problems import ProblemError
from mall_segments.progress import show_progress
from mall_segments.warehouse import MEMORY_LIMIT, PUBLISHED_SCHEMAS, identifier, literal, open_warehouse, set_limits
from mall_segments.wording import Wording
from mall_segments.workers import Workers

OLDEST_CLIENT = "v1.4.0"

# How tools relate the published tables, each by one column: the primary keys, and what of other tables refers to them.
# Tables of what is past refer to nothing, since customers leave and segments end.
PRIMARY_KEYS = {
    "marts.segmentations": "segmentation",
    "marts.segments": "segment_key",
    "marts.customers": "customer_id",
}
FOREIGN_KEYS = {
    "marts.segments": {"segmentation": "marts.segmentations"},
    "marts.segment_marketing_actions": {"segment_key": "marts.segments"},
    "marts.segment_profiles": {"segment_key": "marts.segments"},
    "marts.segment_rules": {"segment_key": "marts.segments"},
    "marts.segment_spreads": {"segment_key": "marts.segments"},
    "marts.segment_values": {"segment_key": "marts.segments"},
    "marts.customer_segments": {"customer_id": "marts.customers", "segment_key": "marts.segments"},
    "marts.upgrade_candidates": {
        "customer_id": "marts.customers",
        "segment_key": "marts.segments",
        "target_segment_key": "marts.segments",
    },
}
# Of more customers, what DuckDB keeps behind the keys of these tables would make the file five times as large.
TABLES_OF_CUSTOMERS = {"marts.customers", "marts.customer_segments", "marts.upgrade_candidates"}
MOST_CUSTOMERS_WITH_KEYS = 100_000

# What the list of a segment says beside the customer's own columns, and where it is from.
LIST_COLUMNS = {
    "segment_name": "segments.segment_name",
    "nickname": "segments.nickname",
    "margin": "places.margin",
    "reason": "places.reason",
    "objective": "actions.objective",
    "first_action": "actions.action",
    "channel": "actions.channel",
    "offer": "actions.offer",
    "kpi": "actions.kpi",
    "cadence": "actions.cadence",
}

# What a spreadsheet takes for the start of a formula, full-width forms included, behind characters that nobody sees.
_UNSEEN = r"[\p{Z}\p{C}]*"
_MARKS = "=+\\-@＝＋－＠"  # noqa: RUF001
_FORMULA = f"{_UNSEEN}[{_MARKS}]"
FORMULA_MARK = f"[{_MARKS}\t\r\n]"
FORMULA_START = f"^(?:[\t\r\n]|{_FORMULA})"
# Where a spreadsheet parts cells by another mark than the file, it splits a quoted text too, and each part may be a
# formula.
FORMULA_WITHIN = {separator: f"([{others}|\t\r\n])({_FORMULA})" for separator, others in ((",", ";"), (";", ",;"))}

# What pictures and the page show of a text: characters that XML has, and no more than anyone reads.
_UNDRAWABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
LONGEST_TEXT = 500


def published_relations(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row per mart, table or view: `schema_name`, `name` and `comment`."""
    relations = connection.execute(
        """
        with relations as (
            select database_name, schema_name, table_name as name, comment from duckdb_tables()
            union all
            select database_name, schema_name, view_name as name, comment from duckdb_views()
        )
        select schema_name, name, comment from relations
        where
            database_name = current_database()
            and schema_name in (select unnest($schemas))
            -- What dbt leaves behind when it is killed while it replaces a table.
            and not regexp_matches(name, '__dbt_(tmp|backup)')
        order by schema_name, name
        """,
        {"schemas": list(PUBLISHED_SCHEMAS)},
    ).df()
    for name in relations["name"]:
        if re.search(r'[/\\:*?"<>|\x00-\x1f]', name):
            raise ProblemError(f"The mart `{name}` cannot become a file of that name; rename it and build again.")
    return relations


def copy_marts(connection: duckdb.DuckDBPyConnection, file: Path, keys: dict[str, list[str]] | None = None) -> None:
    """Copy every mart, its comments and the functions on marts to a file of its own that older clients can open.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The warehouse.
    file : Path
        The file to be made.
    keys : dict of str to list of str, optional
        The constraints to declare, by the table's schema and name, as of :func:`table_keys`.
    """
    keys = keys or {}
    relations = published_relations(connection)
    if relations.empty:
        raise ProblemError("The warehouse holds no marts; run `dbt build` first.")
    connection.execute(f"attach {literal(file)} as published_copy (storage_version {literal(OLDEST_CLIENT)})")
    functions = connection.execute(
        """
        select schema_name, function_name, parameters, macro_definition from duckdb_functions()
        where
            database_name = current_database() and schema_name in (select unnest($schemas))
            and function_type = 'table_macro'
        """,
        {"schemas": list(PUBLISHED_SCHEMAS)},
    ).fetchall()
    relations = pd.concat([relations, _read_by(connection, [definition for *_, definition in functions])])
    # What others refer to comes first.
    names = relations["schema_name"] + "." + relations["name"]
    places = names.map({mart: place for place, mart in enumerate(PRIMARY_KEYS)}).fillna(len(PRIMARY_KEYS))
    relations = relations.iloc[places.argsort(kind="stable")]
    for schema in relations["schema_name"].unique():
        connection.execute(f"create schema published_copy.{identifier(schema)}")
    for position, (schema, name, comment) in enumerate(relations.itertuples(index=False), start=1):
        show_progress(f"publishing: copying {schema}.{name}, {position} of {len(relations)}")
        mart = f"{identifier(schema)}.{identifier(name)}"
        columns = connection.execute(f"describe {mart}").fetchall()
        declared = [f"{identifier(column)} {data_type}" for column, data_type, *_ in columns]
        declared += keys.get(f"{schema}.{name}", [])
        connection.execute(f"create table published_copy.{mart} ({', '.join(declared)})")
        try:
            connection.execute(f"insert into published_copy.{mart} from {mart}")
        except duckdb.ConstraintException as error:
            raise ProblemError(
                f"{schema}.{name} does not fit the tables it is related to ({str(error).splitlines()[0]}); "
                "run `dbt build` and publish again."
            ) from error
        if pd.notna(comment):
            connection.execute(f"comment on table published_copy.{mart} is {literal(comment)}")
    columns = connection.execute(
        """
        select schema_name, table_name, column_name, comment from duckdb_columns()
        where
            database_name = current_database() and schema_name in (select unnest($schemas))
            and comment is not null and not regexp_matches(table_name, '__dbt_(tmp|backup)')
        """,
        {"schemas": list(PUBLISHED_SCHEMAS)},
    ).fetchall()
    for *path, comment in columns:
        column = ".".join(identifier(name) for name in path)
        connection.execute(f"comment on column published_copy.{column} is {literal(comment)}")
    for schema, name, parameters, definition in functions:
        arguments = ", ".join(identifier(parameter) for parameter in parameters)
        connection.execute(
            f"create macro published_copy.{identifier(schema)}.{identifier(name)}({arguments}) as table ({definition})"
        )
    # Of its own, because one that fails within `detach` does not say why.
    connection.execute("checkpoint published_copy")
    connection.execute("detach published_copy")


def table_keys(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """The primary and foreign keys of each published table that has such, as SQL, by its schema and name."""
    customer_keys = {f"{name}_segment_key": "marts.segments" for name in segmentations(connection)}
    related = FOREIGN_KEYS | {"marts.customers": customer_keys}
    customers = connection.execute("select count(*) from marts.customers").fetchone()[0]
    if customers > MOST_CUSTOMERS_WITH_KEYS:
        related = {mart: columns for mart, columns in related.items() if mart not in TABLES_OF_CUSTOMERS}
    keys = {
        mart: [f"primary key ({key})"]
        for mart, key in PRIMARY_KEYS.items()
        if mart in related or mart not in TABLES_OF_CUSTOMERS
    }
    for mart, columns in related.items():
        keys[mart] = keys.get(mart, []) + [
            f"foreign key ({identifier(column)}) references {parent} ({PRIMARY_KEYS[parent]})"
            for column, parent in columns.items()
        ]
    return keys


def _read_by(connection: duckdb.DuckDBPyConnection, definitions: list[str]) -> pd.DataFrame:
    """The relations outside the published schemas that functions read, such as the model's rows; as the marts."""
    relations = connection.execute(
        """
        with relations as (
            select database_name, schema_name, table_name as name, comment from duckdb_tables()
            union all
            -- A warehouse whose schemas have a prefix is served through views.
            select database_name, schema_name, view_name as name, comment from duckdb_views()
        )
        select schema_name, name, comment from relations
        where database_name = current_database() and not schema_name in (select unnest($schemas))
        order by schema_name, name
        """,
        {"schemas": list(PUBLISHED_SCHEMAS)},
    ).df()
    mentioned = [
        any(
            re.search(rf'(?<![\w"])"?{re.escape(schema)}"?\."?{re.escape(name)}"?(?![\w"])', text)
            for text in definitions
        )
        for schema, name in zip(relations["schema_name"], relations["name"], strict=True)
    ]
    return relations[mentioned]


def segmentations(published: duckdb.DuckDBPyConnection) -> list[str]:
    """The segmentations that have segments, in the order of the project's var."""
    rows = published.execute("""
        select segmentation from marts.segmentations
        where segmentation in (select segments.segmentation from marts.segments as segments)
        order by position
    """)
    return [name for (name,) in rows.fetchall()]


def spreadsheet_safe(relation: duckdb.DuckDBPyRelation, separator: str = ",") -> duckdb.DuckDBPyRelation:
    """Put an apostrophe before every text that a spreadsheet would run as a formula; numbers stay numbers."""
    cells = []
    for name, data_type in zip(relation.columns, relation.types, strict=True):
        column = identifier(name)
        if data_type == duckdb.sqltypes.VARCHAR:
            guarded = f"regexp_replace({column}, {literal(FORMULA_WITHIN[separator])}, '\\1''\\2', 'g')"
            is_formula = f"regexp_matches({column}, {literal(FORMULA_START)})"
            safe = f"case when {is_formula} then '''' else '' end || {guarded}"
            has_mark = f"regexp_matches({column}, {literal(FORMULA_MARK)})"  # quicker, and nearly always false
            cells.append(f"case when {has_mark} then {safe} else {column} end as {column}")
        else:
            cells.append(column)
    return relation.project(", ".join(cells))


def readable_numbers(relation: duckdb.DuckDBPyRelation, decimal_mark: str = ".") -> duckdb.DuckDBPyRelation:
    """Round what has decimals to two of them, or to three digits where it is smaller; whole numbers lose their `.0`."""
    cells = []
    for name, data_type in zip(relation.columns, relation.types, strict=True):
        column = identifier(name)
        if data_type in (duckdb.sqltypes.DOUBLE, duckdb.sqltypes.FLOAT):
            has_digits = f"isfinite({column}) and abs({column}) between 1e-99 and 1e15"
            digits = f"greatest(2, 2 - cast(floor(log10(abs({column}))) as integer))"
            rounded = f"cast(case when {has_digits} then round({column}, {digits}) else {column} end as varchar)"
            plain = f"regexp_replace({rounded}, '[.]0$', '')"
            cells.append(f"replace({plain}, '.', {literal(decimal_mark)}) as {column}")
        else:
            cells.append(column)
    return relation.project(", ".join(cells))


def write_list(members: duckdb.DuckDBPyRelation, file: Path, has_bom: bool, decimal_mark: str = ".") -> None:
    """Write a CSV that people open in a spreadsheet; with a byte order mark Excel knows by itself that it is UTF-8.

    Where decimals begin with a comma, semicolons part the cells, as the spreadsheets of such a country have it.
    """
    separator = ";" if decimal_mark == "," else ","
    readable_numbers(spreadsheet_safe(members, separator), decimal_mark).write_csv(
        str(file), header=True, sep=separator
    )
    if has_bom:
        plain = file.with_suffix(".plain")
        file.rename(plain)
        with plain.open("rb") as source, file.open("wb") as target:
            target.write(codecs.BOM_UTF8)
            shutil.copyfileobj(source, target)
        plain.unlink()


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


def write_segment_lists(
    published: duckdb.DuckDBPyConnection, folder: Path, has_bom: bool = False, decimal_mark: str = "."
) -> None:
    """One CSV per segment: its customers who may be contacted, the clearest cases first, and the first action for them.

    Parameters
    ----------
    published : DuckDBPyConnection
        The published file.
    folder : Path
        Receives a folder per segmentation.
    has_bom : bool
        Whether each file begins with a byte order mark, for Excel.
    decimal_mark : str
        What begins the decimals; with a comma semicolons part the cells.
    """
    names = segmentations(published)
    segment_columns = {
        f"{segmentation}_{column}"
        for segmentation in names
        for column in ("segment_id", "segment_key", "segment_name", "nickname", "first_action")
    }
    attributes = [
        column
        for column in published.table("marts.customers").columns
        if column not in segment_columns | {"may_contact"}
    ]
    # A column of the customers' own may have the same name.
    headers = {column: f"segment_{column}" if column in attributes else column for column in LIST_COLUMNS}
    own = [f"customers.{identifier(column)}" for column in attributes]
    own += [f"{source} as {headers[column]}" for column, source in LIST_COLUMNS.items() if source.startswith("places.")]
    said_of_all = {column: source for column, source in LIST_COLUMNS.items() if not source.startswith("places.")}
    for position, segmentation in enumerate(names, start=1):
        show_progress(f"publishing: lists of segments of {segmentation}, {position} of {len(names)}")
        (folder / segmentation).mkdir(parents=True)
        taken: set[str] = set()
        segments = published.execute(
            f"""
            select segments.segment_id, segments.segment_key, {", ".join(said_of_all.values())}
            from marts.segments as segments
            left join marts.segment_marketing_actions as actions
                on
                    segments.segmentation = actions.segmentation
                    and segments.segment_id = actions.segment_id
                    and actions.priority = 1
            where segments.segmentation = ?
            order by segments.segment_id
            """,
            [segmentation],
        ).fetchall()
        for segment_id, segment_key, segment_name, *others in segments:
            said = {
                column: "cast(null as varchar)" if text is None else literal(text)
                for column, text in zip(said_of_all, [segment_name, *others], strict=True)
            }
            columns = [identifier(column) for column in attributes]
            columns += [f"{said.get(column, header)} as {header}" for column, header in headers.items()]
            # What is the same for all is put beside them last, lest it be carried through the sorting.
            members = published.sql(
                f"""
                select {", ".join(columns)}
                from (
                    select {", ".join(own)}
                    from marts.customers as customers
                    inner join marts.customer_segments as places on customers.customer_id = places.customer_id
                    where
                        customers.{identifier(segmentation + "_segment_id")} = {segment_id}
                        and customers.may_contact
                        and places.segment_key = {literal(segment_key)}
                    order by places.margin desc nulls last, customers.customer_id
                ) as members
                """
            )
            slug = file_name(segment_name, segment_id, taken)
            write_list(members, folder / segmentation / f"{slug}.csv", has_bom, decimal_mark)


def write_audiences(
    published: duckdb.DuckDBPyConnection, folder: Path, has_bom: bool = False, decimal_mark: str = "."
) -> None:
    """Two CSVs per campaign that has not ended: whom to contact, and, apart lest it be mailed, the hold-out.

    Parameters
    ----------
    published : DuckDBPyConnection
        The published file.
    folder : Path
        Receives the files.
    has_bom : bool
        Whether each file begins with a byte order mark, for Excel.
    decimal_mark : str
        What begins the decimals; with a comma semicolons part the cells.
    """
    campaigns = published.execute(
        "select distinct campaign from campaigns.campaign_audiences where status != 'ended' order by campaign"
    ).fetchall()
    taken: set[str] = set()
    for position, (campaign,) in enumerate(campaigns, start=1):
        show_progress(f"publishing: audiences, {position} of {len(campaigns)}")
        folder.mkdir(exist_ok=True)
        slug = file_name(campaign, position, taken)
        for arm, name in (("treatment", slug), ("hold-out", f"{slug}.hold-out-do-not-contact")):
            members = published.sql(
                f"""
                select campaign, customer_id, segment_name, arm, action, starts_on, ends_on, is_simulated
                from campaigns.campaign_audiences
                where campaign = {literal(campaign)} and arm = {literal(arm)} and is_listed
                order by customer_id
                """
            )
            write_list(members, folder / f"{name}.csv", has_bom, decimal_mark)


def write_parquet(published: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """One Parquet file per mart."""
    folder.mkdir()
    relations = published_relations(published)
    for position, (schema, name, _) in enumerate(relations.itertuples(index=False), start=1):
        show_progress(f"publishing: {name}.parquet, {position} of {len(relations)}")
        mart = published.sql(f"from {identifier(schema)}.{identifier(name)}")
        mart.write_parquet(str(folder / f"{name}.parquet"))


def write_pictures(frames: dict[str, pd.DataFrame], folder: Path, workers: Workers) -> None:
    """Write every chart as SVG and PNG, and the dashboard; pictures are drawn while the page is made."""
    (folder / "charts").mkdir()
    wording = Wording(frames)
    drawings = Drawings()
    charts = list(to_publish(frames))
    page_libraries = workers.submit("mall_segments.pictures:libraries")
    pictures = {}
    for position, (prefix, declared, own) in enumerate(charts, start=1):
        show_progress(f"publishing: drawing {prefix}{declared.name}, {position} of {len(charts)}")
        for name, spec in drawings.specs(declared, own).items():
            pictures[f"{prefix}{name}"] = workers.submit(
                "mall_segments.pictures:picture", wording.chart(spec), FONT, PICTURE_FONT
            )
    show_progress("publishing: the page")
    page = dashboard_html(frames, drawings, page_libraries.result)
    (folder / "dashboard.html").write_text(page, encoding="utf-8")
    for position, (name, drawn) in enumerate(pictures.items(), start=1):
        show_progress(f"publishing: writing pictures, {position} of {len(pictures)}")
        svg, png = drawn.result()
        (folder / "charts" / f"{name}.svg").write_text(svg, encoding="utf-8")
        (folder / "charts" / f"{name}.png").write_bytes(png)


def drawable(frame: pd.DataFrame) -> pd.DataFrame:
    """Make every text one that can be drawn: no control characters, no half characters, not endless."""

    def clean(value: object) -> object:
        if not isinstance(value, str):
            return value
        shown = _UNDRAWABLE.sub("\N{REPLACEMENT CHARACTER}", value)
        return shown if len(shown) <= LONGEST_TEXT else f"{shown[:LONGEST_TEXT]}…"

    texts = frame.select_dtypes(include=["object", "str"]).columns
    return frame.assign(**{name: frame[name].map(clean) for name in texts})


def finished_build(connection: duckdb.DuckDBPyConnection) -> dict:
    """What the manifest says of the build: its invocation id, the as-of day and the versions of the models.

    Raises
    ------
    ProblemError
        If the last build that touched a published table did not finish.
    """
    remedy = "run `dbt build` to its end and publish again."
    try:
        builds = connection.execute(
            """
            select
                invocation_id,
                coalesce(bool_or(event = 'finished'), false) as is_finished,
                coalesce(max(detail) filter (event = 'unfinished'), '') as detail
            from meta.builds
            where build_number = (select max(build_number) from meta.builds)
            group by invocation_id
            """
        ).fetchall()
    except duckdb.CatalogException:
        builds = []
    if not builds:
        raise ProblemError(f"The warehouse does not say that a build of its marts has finished; {remedy}")
    invocation_id, is_finished, detail = builds[0]
    if not is_finished:
        raise ProblemError(f"The last build did not finish{f' ({detail})' if detail else ''}; {remedy}")
    versions = connection.execute(
        "select segmentation, max(model_version) from clustering.segment_centroids group by all order by all"
    ).fetchall()
    has_day = connection.execute(
        """
        select 1 from duckdb_columns()
        where
            database_name = current_database() and schema_name = 'marts'
            and table_name = 'segmentations' and column_name = 'as_of'
        """
    ).fetchone()
    as_of = connection.execute("select max(as_of) from marts.segmentations").fetchone()[0] if has_day else None
    return {
        "build": invocation_id,
        "as_of": as_of and str(as_of),
        "model_versions": dict(versions),
    }


def publish(
    warehouse: Path, folder: Path, memory_limit: str = MEMORY_LIMIT, has_bom: bool = False, has_pdf: bool = False
) -> pd.DataFrame:
    """Write everything that a build publishes.

    Parameters
    ----------
    warehouse : Path
        The DuckDB file that `dbt build` left. It is held only while it is read, not while charts are drawn.
    folder : Path
        Receives the files, all at once: until then the ones of the build before stay as they are.
    memory_limit : str
        What DuckDB may hold in memory, as it writes sizes ('4GB') or as a share of the machine's.
    has_bom : bool
        Whether CSV files begin with a byte order mark, by which Excel knows that they are UTF-8.
    has_pdf : bool
        Whether Chromium prints the page as `one_pagers.pdf`.

    Returns
    -------
    DataFrame, one row per segmentation and segment
        What was published, for a last look.

    Raises
    ------
    ProblemError
        If there is nothing finished to publish, or something is in the way.
    """
    chromium = find_chromium() if has_pdf else None
    with new_set(folder) as staged, Workers() as workers:
        spill = staged.with_name("spill")
        try:
            with open_warehouse(warehouse, memory_limit) as connection:
                set_limits(connection, memory_limit, spill)
                build = finished_build(connection)
                copy_marts(connection, staged / "segments.duckdb", table_keys(connection))
                centroids = connection.sql("from clustering.segment_centroids").df()
                frames = {name: drawable(frame) for name, frame in read_frames(connection).items()}
                mark = NumberFormat.of(frames).decimal_mark
            with duckdb.connect(str(staged / "segments.duckdb"), read_only=True) as published:
                set_limits(published, memory_limit, spill)
                write_parquet(published, staged / "parquet")
                write_segment_lists(published, staged / "segments", has_bom, mark)
                write_audiences(published, staged / "audiences", has_bom, mark)
                names = segmentations(published)
                segments = published.execute(
                    """
                    select segmentation, segment_id, segment_name, nickname, customers, share
                    from marts.segments
                    order by list_position($names, segmentation), value_rank
                    """,
                    {"names": names},
                ).df()
        finally:
            shutil.rmtree(spill, ignore_errors=True)
        models = workers.submit("mall_segments.saved_models:model_files", centroids, segments)
        write_pictures(frames, staged, workers)
        for name, content in models.result().items():
            (staged / name).write_bytes(content)
        if chromium:
            show_progress("publishing: one_pagers.pdf")
            sheets = (segments["segmentation"] == names[0]).sum() if names else 0
            print_one_pagers(
                chromium, staged / "dashboard.html", staged / "one_pagers.pdf", build["as_of"], int(sheets)
            )
        write_manifest(staged, build)
    return segments


def add_command(commands: argparse._SubParsersAction, shared: argparse.ArgumentParser) -> None:
    """Add ``publish`` to the command line."""
    command = commands.add_parser(
        "publish", parents=[shared], help="write exports/ from a finished build", description=run.__doc__
    )
    command.add_argument("folder", nargs="?", type=Path, default=Path("exports"), help="default: exports")
    command.add_argument(
        "--bom", action="store_true", help="begin CSV files with a byte order mark, by which Excel knows UTF-8"
    )
    command.add_argument(
        "--pdf", action="store_true", help="also print the page as one_pagers.pdf, by Chromium or Chrome"
    )
    other = command.add_mutually_exclusive_group()
    other.add_argument(
        "--postgres",
        dest="copy_warehouse",
        action="store_const",
        const=postgres.copy_warehouse,
        help="read the PostgreSQL database that PGDATABASE and so on name, not a file",
    )
    other.add_argument(
        "--spark",
        dest="copy_warehouse",
        action="store_const",
        const=spark.copy_warehouse,
        help="read the tables of Spark in the folder that MALL_SEGMENTS_SPARK names, not a file",
    )
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Publish the warehouse's last finished build and say where to look."""
    folder = chosen.folder
    with tempfile.TemporaryDirectory() as scratch:
        warehouse = chosen.warehouse
        if chosen.copy_warehouse:
            warehouse = Path(scratch, "warehouse.duckdb")
            chosen.copy_warehouse(warehouse)
        segments = publish(warehouse, folder, chosen.memory, chosen.bom, chosen.pdf)
    show_progress("")
    print(
        segments.to_string(index=False, formatters={"share": "{:.1%}".format}),
        "",
        f"Published to {folder}:",
        f"  {folder}/dashboard.html    start here: the page from the data to what to do about each segment",
        *(
            [f"  {folder}/one_pagers.pdf    the same on paper: two pages, and one for each segment"]
            if chosen.pdf
            else []
        ),
        f"  {folder}/charts/           the charts as SVG and PNG",
        f"  {folder}/segments.duckdb   the marts, for SQL and BI tools",
        f"  {folder}/parquet/          one Parquet file per mart",
        f"  {folder}/audiences/        whom each coming or running campaign contacts, and apart whom it must not",
        f"  {folder}/segments/         one CSV per segment, with the first action for each customer",
        f"  {folder}/kmeans_model.*    the model, for scikit-learn (joblib, skops) and others (ONNX)",
        f"  {folder}/manifest.json     which build this is, and the hash of every file",
        sep="\n",
    )
    return 0
