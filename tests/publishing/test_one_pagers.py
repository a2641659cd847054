"""The page on paper, printed by the Chromium that the tests of the page use."""

import json
import shutil
from unicodedata import normalize

import pytest

from mall_segments import publish as publishing
from mall_segments.cli import main
from mall_segments.one_pagers import PROGRAM, find_chromium, print_one_pagers
from mall_segments.problems import ProblemError
from mall_segments.publish import publish
from tests.clients import client, run

READ = """
import json, sys, pypdf
reader = pypdf.PdfReader(sys.argv[1])
print(json.dumps([str(reader.metadata.creation_date.date()), [page.extract_text() for page in reader.pages]]))
"""


def letters(text: str) -> str:
    """A text without what layout adds to it: breaks of lines, and letters that fonts join."""
    return "".join(normalize("NFKC", text).split())


@pytest.fixture
def same_page(exports, monkeypatch):
    """Take the page that is drawn already."""
    monkeypatch.setattr(
        publishing,
        "write_pictures",
        lambda _frames, folder, _workers: shutil.copy(exports / "dashboard.html", folder / "dashboard.html"),
    )


def test_two_pages_sum_up_and_each_segment_has_one(warehouse, exports, tmp_path):
    file = tmp_path / "one_pagers.pdf"
    print_one_pagers(find_chromium(), exports / "dashboard.html", file, "2026-11-25", 5)
    day, pages = json.loads(run(client("pypdf==7.1.1"), READ, file))
    assert day == "2026-11-25"
    segments = warehouse.query("from marts.segments where segmentation = 'income_spending' order by value_rank")
    assert len(pages) == 2 + len(segments)
    assert "Who our customers are" in pages[0]
    actions = warehouse.query("from marts.segment_marketing_actions where segmentation = 'income_spending'")
    for page, segment in zip(pages[2:], segments.itertuples(), strict=True):
        said = letters(page)
        assert letters(f"{segment.nickname} {segment.segment_name} {segment.customers} customers") in said
        for action in actions.loc[actions["segment_id"] == segment.segment_id, "action"]:
            assert letters(action) in said

    print_one_pagers(find_chromium(), exports / "dashboard.html", tmp_path / "again.pdf", "2026-11-25", 5)
    assert file.read_bytes() == (tmp_path / "again.pdf").read_bytes()


def test_pdf_is_in_the_set_where_it_is_asked_for(warehouse, tmp_path, same_page):
    publish(warehouse.path, tmp_path / "exports", has_pdf=True)
    assert (tmp_path / "exports" / "one_pagers.pdf").read_bytes().startswith(b"%PDF")
    assert "one_pagers.pdf" in json.loads((tmp_path / "exports" / "manifest.json").read_text())["files"]
    publish(warehouse.path, tmp_path / "exports")
    assert not (tmp_path / "exports" / "one_pagers.pdf").is_symlink()


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("false", "did not print the page (it ended with 1); name another Chromium"),
        ("no-such-program", "names no-such-program, which cannot be run; install one"),
    ],
)
def test_pdf_that_fails_says_what_to_do_and_leaves_the_last_set(
    warehouse, exports, monkeypatch, capsys, same_page, program, said
):
    monkeypatch.setenv(PROGRAM, program)
    before = {file: file.read_bytes() for file in sorted(exports.glob("**/*")) if file.is_file()}
    assert main(["publish", "--pdf", "--warehouse", str(warehouse.path), str(exports)]) == 1
    assert said in capsys.readouterr().err
    assert {file: file.read_bytes() for file in sorted(exports.glob("**/*")) if file.is_file()} == before


def test_without_chromium_the_remedy_is_said(monkeypatch, tmp_path):
    monkeypatch.delenv(PROGRAM, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProblemError, match=r"No Chromium or Chrome was found .* install one"):
        find_chromium()


def test_a_pdf_of_something_else_than_the_page_is_refused(tmp_path):
    with pytest.raises(ProblemError, match="did not print the page"):
        print_one_pagers(find_chromium(), tmp_path / "missing.html", tmp_path / "one_pagers.pdf", None, 5)
