"""What the page's terms mean: every section leads to the definition of a term at its first use."""

import re

from markupsafe import Markup, escape

from mall_segments.page.texts import texts_of

TERMS = texts_of("glossary.terms")
PLURALS = texts_of("glossary.plurals")
FORMS = {form.lower(): term for term in TERMS for form in (term, f"{term}s", PLURALS.get(term, term))}
PATTERN = re.compile(rf"(?<![\w-])(?:{'|'.join(sorted(map(re.escape, FORMS), key=len, reverse=True))})(?![\w-])", re.I)


def anchor(term: str) -> str:
    """Name the place of a term on the page.

    >>> anchor("Gap statistic")
    'term-gap-statistic'
    """
    return f"term-{term.lower().replace(' ', '-')}"


def explained(text: str, told: set[str]) -> Markup:
    """Make the terms in a text lead to what they mean, each the first time that it is told.

    Parameters
    ----------
    text : str
        Plain text.
    told : set of str
        The terms that need no more explaining where the text stands; those of the text are added.

    Returns
    -------
    Markup
        The text, with a button for each term.
    """
    parts, end = [], 0
    for found in PATTERN.finditer(text):
        term = FORMS[found[0].lower()]
        if term not in told:
            told.add(term)
            parts += [
                escape(text[end : found.start()]),
                Markup('<button type="button" class="term" popovertarget="{}">{}</button>').format(
                    anchor(term), found[0]
                ),
            ]
            end = found.end()
    return Markup("").join([*parts, escape(text[end:])])
