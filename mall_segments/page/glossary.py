"""What the page's terms mean: each is defined here, and every section leads to the definition at its first use."""

import re

from markupsafe import Markup, escape

# Term: what it means. Each is found in any case and in the plural; of two that begin alike the longer one counts.
TERMS = {
    "adjusted Rand index": (
        "How far two groupings of the same customers agree, beyond chance: 1 where they are the same, about 0 "
        "where they agree as chance would have it."
    ),
    "Calinski-Harabasz index": "How far segments lie apart over how wide each of them is. Higher is better.",
    "criterion": "A measure of how well a number of segments suits the data. Each votes for the number it finds best.",
    "cut point": "The value at which a customer's score goes up by one. It belongs to the version of the model.",
    "Davies-Bouldin index": "How wide segments are over how far they lie from the nearest other. Lower is better.",
    "elbow": "The number of segments from which on one more hardly brings customers nearer to their center.",
    "feature": "What is known of every customer and segments are made of, such as an age or a number of visits.",
    "gap statistic": (
        "How much closer customers lie to their centers than in data without any groups. Higher is better."
    ),
    "held out": "Left alone on purpose during a campaign. What these customers do is what would have happened anyway.",
    "hold-out": (
        "Customers of a campaign who are left alone on purpose. What they do is what would have happened anyway."
    ),
    "imputed": "Not known, and filled in with what is usual, so that the customer has a segment all the same.",
    "inertia": "The squared distances of all customers to the centers of their segments, added up. Lower is closer.",
    "median": "The value in the middle: half of the customers lie below it, half above.",
    "most valuable": "Highest in what the project counts as valuable, against everyone.",
    "natural groups": (
        "Groups with a gap between them, where hardly any customer is. Without gaps segments are bands: useful to "
        "plan by, but a border might as well lie elsewhere."
    ),
    "noise": "Customers whom an algorithm puts into no group.",
    "principal component": "A direction in which customers differ most, made of several features at once.",
    "silhouette": (
        "How much nearer a customer is to the own segment than to the next: 1 in the middle of it, 0 on the "
        "border, below 0 in the wrong one."
    ),
    "simplified silhouette": (
        "The silhouette taken from the centers: 1 at the center of the own segment, 0 on the border to the next."
    ),
    "stability": (
        "How much the same segments come out when the model is fitted to other samples of the same customers: 1 is "
        "the same each time."
    ),
    "stability index": (
        "How far today's customers are spread otherwise than those the model was trained on: 0 is alike."
    ),
    "standard deviation": (
        "The usual distance of a customer from the mean. About two in three customers lie within one of it."
    ),
    "uplift": "What customers who were contacted did beyond those who were held out.",
}
PLURALS = {"criterion": "criteria"}
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
