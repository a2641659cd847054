"""What the page links: every segment, and the customers that it lists."""

import re
from typing import Any

import pandas as pd

from mall_segments.charts.flows import CAUSES
from mall_segments.page.texts import say

MOST_CELLS = 100_000  # of the list of customers, so that the page stays small where there are many columns


def segment_anchor(segmentation: str, segment_id: int) -> str:
    """Name a segment in the page and in its address.

    >>> segment_anchor("income_spending", 2)
    'income-spending-2'
    """
    return f"{segmentation}-{segment_id}".replace("_", "-")


def title_of(name: str) -> str:
    """Write a name as a title; one without vowels is short for several words.

    >>> title_of("income_spending"), title_of("rfm")
    ('Income spending', 'RFM')
    """
    words = name.replace("_", " ")
    return words.capitalize() if re.search("[aeiouy]", words) else words.upper()


def linked_views(segments: pd.DataFrame, segmentations: list[str]) -> list[dict[str, Any]]:
    """Say what the page needs to know of each segment in order to mark it wherever it is shown.

    Parameters
    ----------
    segments : DataFrame, one row per segmentation and segment
        Holds `segmentation`, `segment_id`, `segment`, `color` and `customers`.
    segmentations : list of str
        The segmentations in their order.

    Returns
    -------
    list of dict
        `segmentation`, `title` and `segments`, each with what it is called, for every segmentation that has any.
    """
    views = []
    for name in segmentations:
        own = segments[segments["segmentation"] == name]
        listed = [
            {
                "anchor": segment_anchor(name, row.segment_id),
                "segment_id": row.segment_id,
                "called": row.segment,
                "color": row.color,
                "customers": row.customers,
            }
            for row in own.itertuples()
        ]
        if listed:
            views.append({"segmentation": name, "title": title_of(name), "segments": listed})
    return views


def listed_customers(
    customers: pd.DataFrame, form_fields: pd.DataFrame, segmentations: list[str], total: int
) -> dict[str, Any]:
    """Write the customers that the page lists, column by column.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        As `marts.customers`, or a sample of it.
    form_fields : DataFrame, one row per segmentation and feature
        The features that segmentations are made of: `feature`, `label`, `unit`, `is_category`.
    segmentations : list of str
        Those that have segments.
    total : int
        Customers that there are.

    Returns
    -------
    dict
        `total`, `ids`, `columns` (name, label, unit, whether they are numbers, and values, null where not known), and
        `segment_ids` by segmentation. Whether somebody may be contacted is a column where not everybody may.
    """
    fields = form_fields.drop_duplicates("feature")
    kept = customers.head(max(1, MOST_CELLS // (len(fields) + len(segmentations) + 2)))
    columns = [
        {
            "name": row.feature,
            "label": row.label,
            "unit": row.unit,
            "is_number": not row.is_category,
            "values": values(kept[row.feature]),
        }
        for row in fields.itertuples()
    ]
    if not customers["may_contact"].all():
        columns.append(
            {
                "name": "may_contact",
                "label": say("consent.may_contact"),
                "unit": "",
                "is_number": False,
                "values": values(consent(kept["may_contact"])),
            }
        )
    return {
        "total": total,
        "ids": kept["customer_id"].tolist(),
        "columns": columns,
        "segment_ids": {name: values(kept[f"{name}_segment_id"]) for name in segmentations},
    }


def listed_moves(recent_moves: pd.DataFrame, total: int) -> dict[str, Any]:
    """Write the moves that the page lists, column by column, the newest first.

    Parameters
    ----------
    recent_moves : DataFrame, one row per move
        As the frame of that name, of one segmentation.
    total : int
        Moves that there are.

    Returns
    -------
    dict
        `total`, `gone` (what a segment is called that is no more), `moments` (of builds, the last one first: `build`
        and `called`, its day, with the time if another build was on that day), and by move `builds`, `ids`, `days` (as
        in 2026-11-25), `from`, `to` and `today` (ids of segments, null for none), `causes`, and `may_contact`, which
        is null where everybody may be contacted.
    """
    builds = recent_moves.groupby("build_number")["moved_at"].max().sort_index(ascending=False)
    days = builds.dt.strftime("%Y-%m-%d")
    called = days.mask(days.duplicated(keep=False), builds.dt.strftime("%Y-%m-%d %H:%M:%S"))
    # Of those who are gone nobody knows whether they still agree.
    may_contact = consent(recent_moves["may_contact"]).fillna(say("consent.not_known"))
    return {
        "total": total,
        "gone": say("words.segment_gone"),
        "moments": [{"build": build, "called": moment} for build, moment in called.items()],
        "builds": recent_moves["build_number"].tolist(),
        "ids": recent_moves["customer_id"].tolist(),
        "days": recent_moves["moved_at"].dt.strftime("%Y-%m-%d").tolist(),
        "from": values(recent_moves["from_segment_id"]),
        "to": values(recent_moves["to_segment_id"]),
        "today": values(recent_moves["segment_id"]),
        "causes": recent_moves["cause"].map(CAUSES).tolist(),
        "may_contact": None if (may_contact == say("consent.agreed")).all() else may_contact.tolist(),
    }


def consent(may_contact: pd.Series) -> pd.Series:
    """Say whether somebody may be contacted, and nothing where that is not known."""
    return may_contact.map({True: say("consent.agreed"), False: say("consent.refused")}, na_action="ignore")


def values(column: pd.Series) -> list[Any]:
    """Write values as JSON has them, whole numbers without a point and what is not known as null."""
    whole = (int(value) if isinstance(value, float) and value.is_integer() else value for value in column.tolist())
    return [None if pd.isna(value) else value for value in whole]
