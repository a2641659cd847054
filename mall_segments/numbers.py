"""How numbers are written for people: the marks and the currency that the vars `number_format` and `currency` name.

Charts and page write every number by the functions of this module, in the format of the frames they are drawn from:

>>> formatted(1234.5, ",.2f"), written(2104, 2), percent(0.125), measured("52", "€")
('1,234.50', '2,100', '13%', '52 €')
"""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

LAKHS = "lakhs"  # groups of two digits before the last three: 12,34,567


@dataclass(frozen=True)
class NumberFormat:
    """Marks of a number and the place of its currency, as `reporting.totals` has them; by default those of English.

    Attributes
    ----------
    decimal_mark : str
        What begins the decimals.
    grouping_mark : str
        What stands between groups of digits, may be empty.
    digit_groups : str
        Groups of three digits, `thousands`, or `lakhs`.
    currency_sign : str
        The sign or code of amounts; empty for none.
    currency_place : str
        Whether it stands `before` or `after` them.
    """

    decimal_mark: str = "."
    grouping_mark: str = ","
    digit_groups: str = "thousands"
    currency_sign: str = ""
    currency_place: str = "after"

    @classmethod
    def of(cls, frames: dict[str, pd.DataFrame]) -> "NumberFormat":
        """Read the format that the frames name; English where they name none."""
        totals = frames["totals"].iloc[0] if "totals" in frames else {}
        return cls(**{name: totals[name] for name in cls.__dataclass_fields__ if name in totals})

    def in_marks(self, text: str) -> str:
        """Put the format's marks into one number that is written in English.

        >>> NumberFormat(",", ".").in_marks("-1,234,567.5"), NumberFormat(digit_groups="lakhs").in_marks("1,234,567.5")
        ('-1.234.567,5', '12,34,567.5')
        """
        whole, point, decimals = text.partition(".")
        if self.digit_groups == LAKHS and "," in whole:
            *upper, last = whole.split(",")
            whole = re.sub(r"(?<=\d)(?=(\d\d)+$)", ",", "".join(upper)) + "," + last
        return whole.replace(",", self.grouping_mark) + point.replace(".", self.decimal_mark) + decimals

    def amount(self, number: str, unit: str) -> str:
        """Add a unit to a written number, a currency's sign on the side where it stands.

        >>> NumberFormat(currency_sign="$", currency_place="before").amount("-52", "k$ per year")
        '-$52k per year'
        """
        amount = re.fullmatch(rf"([kM]?){re.escape(self.currency_sign)}( .*)?", unit) if self.currency_sign else None
        if not amount or self.currency_place != "before":
            return f"{number} {unit}".strip()
        minus = "-" if number.startswith("-") else ""
        space = "\N{NO-BREAK SPACE}" if re.search(r"[a-zA-Z.]$", self.currency_sign) else ""
        return f"{minus}{self.currency_sign}{space}{number.removeprefix('-')}{amount[1]}{amount[2] or ''}"

    def vega_locale(self) -> dict[str, Any]:
        """Say it in the words of a Vega configuration."""
        groups = [3, 2, 2, 2, 2, 2, 2] if self.digit_groups == LAKHS else [3]
        number = {
            "decimal": self.decimal_mark,
            "thousands": self.grouping_mark,
            "grouping": groups,
            "currency": [self.currency_sign, ""] if self.currency_place == "before" else ["", self.currency_sign],
        }
        return {"number": number}


_FORMAT: ContextVar[NumberFormat] = ContextVar("number_format", default=NumberFormat())  # noqa: B039


@contextmanager
def number_format(frames: dict[str, pd.DataFrame]) -> Iterator[NumberFormat]:
    """Write numbers in the format that the frames name, as long as the context lasts."""
    own = NumberFormat.of(frames)
    token = _FORMAT.set(own)
    try:
        yield own
    finally:
        _FORMAT.reset(token)


def formatted(value: float, specification: str = ",") -> str:
    """Write a number by a specification of Python, with the marks of the project."""
    return _FORMAT.get().in_marks(format(value, specification))


def in_marks(sentence: str) -> str:
    """Put the project's marks into the numbers with decimals of a sentence that was written without knowing them."""
    return re.sub(r"\d+\.\d+", lambda number: _FORMAT.get().in_marks(number[0]), sentence)


def written(value: float, digits: int = 3) -> str:
    """Write a figure with so many digits that count, and never with an exponent: 2,100 for 2104 with two."""
    return formatted(Decimal(f"{value:.{digits}g}"), ",f")


def percent(share: float) -> str:
    """Write a share in whole percent, halves rounded up."""
    return f"{math.floor(share * 100 + 0.5)}%"


def measured(number: str, unit: str) -> str:
    """Add its unit to a written number: '52 points', '52 €' or '$52'."""
    return _FORMAT.get().amount(number, unit)
