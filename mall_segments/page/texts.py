"""What the page says: every text of `texts.yml`, the one file to change or to translate for other words."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from markupsafe import Markup, escape

from mall_segments.problems import ProblemError

FILE = Path(__file__).with_name("texts.yml")
PLACE = re.compile(r"\{(\w+)\}")  # where a value is filled in


def flat(part: Any, key: str) -> dict[str, str]:
    """Name each text by its keys from the top of the file on.

    >>> flat({"page": {"title": "Segments", "script": {"more": "Show more"}}}, "")
    {'page.title': 'Segments', 'page.script.more': 'Show more'}
    """
    if isinstance(part, dict):
        return {
            name: text
            for own, below in part.items()
            for name, text in flat(below, f"{key}.{own}" if key else str(own)).items()
        }
    if not isinstance(part, str):
        raise ProblemError(f"`{key}` in {FILE.name} is no text; put it in quotes.")
    return {key: part}


TEXTS = flat(yaml.safe_load(FILE.read_text(encoding="utf-8")), "")


def say(key: str, /, **values: Any) -> str:
    """Look a text up and fill in its values.

    Parameters
    ----------
    key : str
        The text's keys in `texts.yml` from the top on, with points between them, as in "page.title".
    **values
        One for each place that the text names in braces.

    Returns
    -------
    str
        The text. Where a value is markup the whole is, with all else in it escaped.

    Raises
    ------
    ProblemError
        If there is no such text, or if it names other places than there are values for.
    """
    if key not in TEXTS:
        raise ProblemError(f"The page has a text `{key}`, which {FILE.name} lacks: put it there.")
    text = TEXTS[key]
    places = set(PLACE.findall(text))
    if places != set(values):
        raise ProblemError(
            f"The text `{key}` in {FILE.name} names {_in_braces(places)}, and has to name {_in_braces(values)}: "
            "write it so."
        )
    if any(isinstance(value, Markup) for value in values.values()):
        return Markup(PLACE.sub(lambda place: escape(values[place[1]]), escape(text)))
    return PLACE.sub(lambda place: str(values[place[1]]), text)


def texts_of(part: str) -> dict[str, str]:
    """Look up every text below a key, each by the rest of its own key.

    >>> texts_of("glossary.plurals")
    {'criterion': 'criteria'}
    """
    return {key.removeprefix(f"{part}."): text for key, text in TEXTS.items() if key.startswith(f"{part}.")}


def script_texts() -> dict[str, str]:
    """Return the texts that are for the page's scripts."""
    return {key: text for key, text in TEXTS.items() if ".script." in key}


def _in_braces(names: Iterable[str]) -> str:
    return " and ".join(f"{{{name}}}" for name in sorted(names)) or "nothing in braces"
