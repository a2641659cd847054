"""What the page and the charts call a customer: a patient in a clinic, a member of a club.

All texts of the project speak of customers. A project that calls them otherwise says so in the var `customer_words`,
and the finished page and charts are read over for it: whatever is text for people, and nothing that is a name to code.
"""

import html
import re
from typing import Any

import pandas as pd

CUSTOMER = r"(?<![\w.])(?:(?P<article>[Aa]) )?(?P<initial>[Cc])ustomer(?P<many>s?)(?!\w|\.\w)"
# What the values under these keys of a chart's specification are is names and formulas.
CODE = {"$schema", "as", "calculate", "customer_id", "expr", "feature", "field", "filter", "labelExpr", "name", "test"}
# Of a page: a part that holds no text for people, the text of a label for those who hear it, and any other text.
MARKUP = re.compile(
    r"""<(?P<part>script|style|code)\b.*?</(?P=part)>|(?P<label>(?<=\ aria-label=")[^"]*)|(?P<text>(?<=>)[^<]+)""",
    re.DOTALL,
)


class Wording:
    """The words for a customer and for customers, put for ours.

    Parameters
    ----------
    frames : dict of str to DataFrame
        As :func:`mall_segments.frames.read_frames` reads them. `totals` holds the words; ids and values of customers
        stay as they are wherever they are shown.
    """

    def __init__(self, frames: dict[str, pd.DataFrame]):
        totals = frames["totals"].iloc[0]
        self.one, self.many = totals["customer_word"], totals["customers_word"]
        self.is_ours = (self.one, self.many) == ("customer", "customers")
        shown = [
            frames["top_customers"]["customer_id"],
            frames["segment_categories"]["value"],
            frames["form_centers"]["level"],
        ]
        own = {str(value) for values in shown for value in values if re.search(CUSTOMER, str(value))}
        kept = "|".join(re.escape(value) for value in sorted(own, key=len, reverse=True))
        self.pattern = re.compile(
            rf"(?<!\w)(?P<kept>{kept})(?!\w)|{CUSTOMER}" if kept else f"(?P<kept>(?!))|{CUSTOMER}"
        )

    def text(self, text: str) -> str:
        """Say it in the project's words: 'A customer' becomes 'A patient', or 'An attendee'."""
        return self.pattern.sub(self._word, text)

    def _word(self, match: re.Match) -> str:
        if match["kept"]:
            return match["kept"]
        word = self.many if match["many"] else self.one
        if match["initial"] == "C":
            word = word[:1].upper() + word[1:]
        if match["article"]:
            word = match["article"] + ("n " if word[:1].lower() in "aeio" else " ") + word
        return word

    def said(self, value: Any) -> Any:
        """Say every text of a chart's specification, or of other data of the page, that is no name to code."""
        if isinstance(value, dict):
            return {key: part if key in CODE else self.said(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.said(part) for part in value]
        return self.text(value) if isinstance(value, str) else value

    def page(self, markup: str) -> str:
        """Say every text of an HTML page, and of the labels for those who hear it."""
        return MARKUP.sub(
            lambda found: found[0] if found["part"] else html.escape(self.text(html.unescape(found[0]))), markup
        )

    def chart(self, spec: dict[str, Any]) -> dict[str, Any]:
        """Say the texts of a chart's specification, those of its data as well."""
        return spec if self.is_ours else self.said(spec)
