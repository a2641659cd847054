"""Every text of the page stands in `texts.yml`, and each one there is said somewhere."""

import ast
import json
import re
from html.parser import HTMLParser
from typing import NamedTuple

import jinja2
import pytest
import yaml
from jinja2 import nodes
from markupsafe import Markup

from mall_segments.charts.flows import CAUSES
from mall_segments.page import HERE, SCRIPTS, dashboard_html
from mall_segments.page.texts import FILE, PLACE, TEXTS, flat, say, script_texts, texts_of
from mall_segments.problems import ProblemError

TEMPLATE = (HERE / "page.html.jinja").read_text(encoding="utf-8")
# What looks the texts up has sentences of its own, on texts that are missing.
PYTHON = {file.name: file.read_text(encoding="utf-8") for file in HERE.glob("*.py") if file.name != "texts.py"}
SCRIPT = {name: (HERE / name).read_text(encoding="utf-8") for name in SCRIPTS if name != "texts.js"}
# Two words, or one that begins like a heading.
SAID = re.compile(r"[^\W\d_] [^\W\d_]|^[A-Z][a-z]")
# What looks like a text and is none: orders to the browser, a key of the keyboard, and marks of a missing value.
UNSAID = re.compile(r'"use strict"|Escape$|\? - -- \. na n/a')


class Asked(NamedTuple):
    """A text that the program asks for, and the names of the values that it gives; none where they are not written."""

    key: str
    names: set[str] | None


def asked_in_python(source: str) -> list[Asked]:
    """Find the calls of `say`; what :func:`texts_of` looks up counts as every text below the key."""
    asked = []
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in {"say", "texts_of"}:
            key = ast.literal_eval(call.args[0])  # a key that is put together would be found by nobody
            names = {each.arg for each in call.keywords}
            if call.func.id == "texts_of":
                asked += [Asked(f"{key}.{own}", set()) for own in texts_of(key)]
            else:
                asked.append(Asked(key, None if None in names else names))
    return asked


def asked_in_template() -> list[Asked]:
    """Find the calls of `say`."""
    calls = jinja2.Environment().parse(TEMPLATE).find_all(nodes.Call)
    called = [call for call in calls if isinstance(call.node, nodes.Name) and call.node.name == "say"]
    return [Asked(call.args[0].as_const(), {each.key for each in call.kwargs}) for call in called]


def asked_in_script(source: str) -> list[Asked]:
    """Find the calls of `say`, with the values of an object that is written in the call and takes in no other."""
    asked = []
    for call in re.finditer(r'\bsay\((?:"(?P<key>[^"]+)")?(?:(?P<end>\))|, \{(?P<values>[^{}]*)\}\))?', source):
        assert call["key"], f"a key that is put together would be found by nobody: {source[call.start() :][:80]}"
        names = re.findall(r"(?:^|,)\s*(\w+)(?=\s*(?:[:,]|$))", (call["values"] or "").strip().rstrip(","))
        is_written = call["end"] or (call["values"] and "..." not in call["values"])
        asked.append(Asked(call["key"], set(names) if is_written else None))
    return asked


ASKED = {
    **{name: asked_in_python(source) for name, source in PYTHON.items()},
    "page.html.jinja": asked_in_template(),
    **{name: asked_in_script(source) for name, source in SCRIPT.items()},
}


def test_every_text_is_asked_for_and_every_text_that_is_asked_for_is_there():
    assert {asked.key for part in ASKED.values() for asked in part} == set(TEXTS)
    in_scripts = {asked.key for name in SCRIPT for asked in ASKED[name]}
    assert in_scripts == set(script_texts())


def test_every_text_names_the_values_that_it_is_given():
    known = [asked for part in ASKED.values() for asked in part if asked.names is not None]
    assert [asked for asked in known if set(PLACE.findall(TEXTS[asked.key])) != asked.names] == []
    assert sum(bool(asked.names) for asked in known) > 60


def test_no_key_is_there_twice():
    def keys(node: yaml.Node, place: str) -> list[str]:
        if not isinstance(node, yaml.MappingNode):
            return []
        found = [f"{place}.{key.value}" for key, _ in node.value]
        return [*found, *(each for key, part in node.value for each in keys(part, f"{place}.{key.value}"))]

    found = keys(yaml.compose(FILE.read_text(encoding="utf-8")), "")
    assert [key for key in set(found) if found.count(key) > 1] == []


def test_no_place_is_named_like_a_customer_whom_a_project_calls_otherwise():
    assert [key for key, text in TEXTS.items() if re.search(r"\{customers?\}", text)] == []


def test_every_cause_of_a_move_has_words():
    assert list(texts_of("changes.causes")) == list(CAUSES)


class Words(HTMLParser):
    """What a page says, in texts and in attributes that are read out or shown."""

    def __init__(self):
        super().__init__()
        self.found: list[str] = []
        self.is_code = False

    def handle_starttag(self, tag, attrs):  # noqa: D102
        self.is_code = tag == "code"
        shown = {"alt", "aria-label", "aria-description", "data-label", "placeholder", "title"}
        self.found += [value for name, value in attrs if name in shown and re.search(r"[^\W\d_]", value or "")]

    def handle_endtag(self, tag):  # noqa: D102
        self.is_code = False

    def handle_data(self, data):  # noqa: D102
        if not self.is_code and re.search(r"[^\W\d_]", data):
            self.found.append(data.strip())


def said_in_template(source: str) -> list[str]:
    """Find texts between the tags and in attributes of a template, and within its expressions."""
    environment = jinja2.Environment()
    words = Words()
    words.feed("".join(value for _, kind, value in environment.lex(source) if kind == "data"))
    words.close()
    constants = [each.value for each in environment.parse(source).find_all(nodes.Const)]
    return words.found + [value for value in constants if isinstance(value, str) and SAID.search(value)]


def said_in_python(source: str) -> list[str]:
    """Find texts among the strings of a module, but for its docstrings and for tags."""
    tree = ast.parse(source)
    docstrings = {
        id(part.body[0].value)
        for part in ast.walk(tree)
        if isinstance(part, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(part)
    }
    strings = [
        re.sub(r"<[^>]*>", "", part.value)
        for part in ast.walk(tree)
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in docstrings
    ]
    return [text for text in strings if SAID.search(text) and not UNSAID.search(text)]


# The parts of a script that hold quotes: comments and patterns, which are passed over, selectors too, and strings.
PIECES = re.compile(
    r"""//[^\n]* | /\*.*?\*/
    | (?:(?<=\() | (?<=[=?:]\ ) | (?<=return\ )) /(?:\\. | \[(?:\\.|[^\]\\])*\] | [^/\\\n])+/
    | (?:querySelector(?:All)?|closest|matches)\("[^"]*"
    | "(?P<double>(?:\\.|[^"\\\n])*)" | '(?P<single>(?:\\.|[^'\\\n])*)' | `(?P<template>(?:\\.|[^`\\])*)`
    """,
    re.VERBOSE | re.DOTALL,
)


def said_in_script(source: str) -> list[str]:
    """Find texts among the strings of a script."""
    strings = []
    for piece in PIECES.finditer(source):
        strings += [piece["double"] or piece["single"] or ""]
        strings += re.split(r"\$\{(?:[^{}]|\{[^{}]*\})*\}", piece["template"] or "")
    return [text for text in strings if SAID.search(text) and not UNSAID.search(text)]


def test_no_text_stands_beside_the_file_of_texts():
    assert said_in_template(TEMPLATE) == []
    assert {name: said for name, source in PYTHON.items() if (said := said_in_python(source))} == {}
    assert {name: said for name, source in SCRIPT.items() if (said := said_in_script(source))} == {}


@pytest.mark.parametrize(
    ("find", "source", "found"),
    [
        (said_in_template, "<p>{{ name }} moved.</p>", ["moved."]),
        (said_in_template, '<p title="Moved {{ name }}"></p>', ["Moved "]),
        (said_in_template, '<button aria-label="more">{% if a %}+{% endif %}</button>', ["more"]),
        (said_in_template, "{{ 'has moved' if a else '' }}", ["has moved"]),
        (said_in_template, "<code>marts.customers</code> <p class='wide'>{{ say('page.title') }} · </p>", []),
        (said_in_python, 'def a():\n    """Make it."""\n    return "Moved"', ["Moved"]),
        (said_in_python, 'a = f"{b} has moved"', [" has moved"]),
        (said_in_python, 'a = "<b class=x>has moved</b>"', ["has moved"]),
        (said_in_python, 'a = b["segment_id"], "%Y-%m-%d %H:%M"', []),
        (said_in_script, 'a("Moved");', ["Moved"]),
        (said_in_script, "// It's `so`.\nconst a = `${b({ c: 1 })} has moved`;", [" has moved"]),
        (said_in_script, "a.replace(/\"[^\"]*'/g, 'has moved')", ["has moved"]),
        (said_in_script, 'a.querySelector("thead tr"); a.type = "button"; /* is "it so" */', []),
    ],
)
def test_a_text_that_stands_elsewhere_is_found(find, source, found):
    assert find(source) == found


def test_a_text_is_filled_in_once(monkeypatch):
    monkeypatch.setitem(TEXTS, "page.as_of", "<{day}>, again {day}")
    assert say("page.as_of", day="{day} & 1") == "<{day} & 1>, again {day} & 1"
    filled = say("page.as_of", day=Markup("<b>1</b>"))
    assert filled == Markup("&lt;<b>1</b>&gt;, again <b>1</b>")
    monkeypatch.setitem(TEXTS, "page.as_of", "{day} {at}")
    assert say("page.as_of", day="<1>", at=Markup("<b>")) == Markup("&lt;1&gt; <b>")


def test_a_text_that_is_missing_or_names_other_places_is_told():
    with pytest.raises(ProblemError, match=r"`page.nothing`, which texts.yml lacks"):
        say("page.nothing")
    with pytest.raises(ProblemError, match=r"`page.as_of` in texts.yml names {day}, and has to name nothing in braces"):
        say("page.as_of")
    with pytest.raises(ProblemError, match=r"`page.title` in texts.yml names nothing in braces, and has to name {a}"):
        say("page.title", a=1)
    with pytest.raises(ProblemError, match=r"names {count} and {left}, and has to name {count} and {right}"):
        say("list.script.more", count=1, right=2)
    with pytest.raises(ProblemError, match=r"`consent.agreed` in texts.yml is no text; put it in quotes"):
        flat(yaml.safe_load("consent: {agreed: yes}"), "")


def test_a_script_that_asks_for_a_text_that_is_missing_or_lacks_a_value_is_stopped(browser):
    source = (HERE / "texts.js").read_text(encoding="utf-8")
    page = browser.new_page()

    def said(key: str, values: dict) -> str:
        texts = {"a": "{one}, {two}, {one}"}
        asked = f"const read = () => ({json.dumps(texts)});\n{source}\nreturn say(key, values);"
        return page.evaluate(
            f"({{ key, values }}) => {{ try {{ return (() => {{ {asked} }})(); }} catch (e) {{ return e.message; }} }}",
            {"key": key, "values": values},
        )

    assert said("a", {"one": "{two} $&", "two": 0}) == "{two} $&, 0, {two} $&"
    assert said("a", {"one": 1}) == "The text a lacks a value for {two}."
    assert said("b", {}) == "There is no text b."
    page.close()


def test_a_changed_text_shows_on_the_page(frames, opened, monkeypatch):
    monkeypatch.setitem(TEXTS, "page.heading", "People & <groups>")
    monkeypatch.setitem(TEXTS, "trust.sure", "Sure?")
    monkeypatch.setitem(TEXTS, "list.script.found", "Here: {count} customers")
    html = dashboard_html(frames | {"totals": frames["totals"].assign(customer_word="guest", customers_word="guests")})
    assert "<h1>People &amp; &lt;groups&gt;</h1>" in html
    assert "<caption>Sure?</caption>" in html
    with opened(html, is_folded=True) as page:
        assert page.locator("h1").inner_text() == "People & <groups>"
        assert page.locator("#found").inner_text() == "Here: 200 guests."
