"""Work that is handed to other processes comes back as if it had been done here, and pictures do not tell the order."""

import re

import pytest

from mall_segments.pictures import picture
from mall_segments.problems import ProblemError
from mall_segments.workers import Workers


def test_what_is_raised_is_raised_here_and_what_is_printed_disturbs_nothing(capfd):
    with Workers() as workers:
        failing = workers.submit("builtins:int", "many")
        printing = workers.submit("builtins:print", "said by a library")
        assert workers.submit("builtins:sum", [1, 2, 3]).result() == 6
        assert printing.result() is None
        with pytest.raises(ValueError, match="many"):
            failing.result()
        with pytest.raises(TypeError, match="pickle"):
            workers.submit("threading:Lock").result()
    assert capfd.readouterr().out == ""


def test_a_worker_that_is_ended_from_outside_ends_in_a_sentence():
    with Workers() as workers, pytest.raises(ProblemError, match="ended from outside"):
        workers.submit("os:_exit", 1).result()


def test_a_picture_is_the_same_whatever_was_drawn_before():
    spec = {
        "data": {"values": [{"a": 1, "b": 2}, {"a": 3, "b": 1}]},
        "mark": {"type": "line", "clip": True},
        "encoding": {"x": {"field": "a", "type": "quantitative"}, "y": {"field": "b", "type": "quantitative"}},
    }
    first, second = (picture(spec, "sans-serif", "Arial") for _ in range(2))
    assert first == second
    svg, png = first
    assert set(re.findall(r"url\(#(\w+)\)", svg)) == set(re.findall(r'<clipPath id="(\w+)"', svg)) == {"clip0"}
    assert png.startswith(b"\x89PNG")
