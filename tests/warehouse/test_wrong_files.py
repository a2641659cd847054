"""Every file that cannot be read is refused in a sentence that says what to do, before anything is built."""

import gzip
import json
import random
import tempfile
from pathlib import Path

import duckdb
import pytest
from project import Warehouse

HEADER = "CustomerID,Gender,Age,Annual Income (k$),Spending Score (1-100)\n"
ROWS = "1,Male,19,15,39\n2,Male,21,15,81\n3,Female,20,16,6\n"
TEXT = HEADER + ROWS
ENDING = "ends in neither .csv, .tsv, .txt (also .gz or .zst) nor .parquet; save the customers as CSV or Parquet"
EMPTY = "is empty; give a file with at least a header, or leave it out"
ANOTHER_KIND = "rename it to what it is, or save it as UTF-8 CSV or Parquet"
NO_COLUMN = "which is not among the source's columns"
NO_FILE = "name a CSV or Parquet file or a glob, relative to the folder that dbt is started in"
TOO_LONG = "is longer than the 2,000,000 bytes that are read; shorten it"
NOISE = random.Random(1).randbytes(5000)


def parquet() -> bytes:
    """A sound Parquet file."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "sound.csv").write_text(TEXT)
        sound = duckdb.read_csv(f"{folder}/sound.csv").cross(duckdb.sql("select range as n from range(300)"))
        sound.write_parquet(f"{folder}/sound.parquet")
        return Path(folder, "sound.parquet").read_bytes()


SOUND = parquet()
FOOTER = int.from_bytes(SOUND[-8:-4], "little")

# Name of the file, what it holds (a Path for a folder, None for no file), and a part of the sentence.
WRONG = [
    ("empty.csv", "", EMPTY),
    ("empty.parquet", "", EMPTY),
    ("line.csv", "\n", NO_COLUMN),
    ("blank.csv", "   \n\n", NO_COLUMN),
    ("mark.csv", "\ufeff", NO_COLUMN),
    ("binary.csv", bytes(range(256)) * 40, "holds binary data where its ending says text"),
    ("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(200), "holds binary data where its ending says text"),
    ("zeros.csv", bytes(1000), "holds binary data where its ending says text"),
    ("header_with_nul.csv", TEXT.replace("Age", "A\0ge"), ANOTHER_KIND),
    ("utf16.csv", TEXT.encode("utf-16"), "holds UTF-16 where its ending says text"),
    ("utf16_without_mark.csv", TEXT.encode("utf-16-le"), ANOTHER_KIND),
    ("utf32.csv", TEXT.encode("utf-32"), ANOTHER_KIND),
    ("gzip.csv", gzip.compress(TEXT.encode()), "holds gzip where its ending says text"),
    ("zstandard.csv", b"\x28\xb5\x2f\xfd" + bytes(50), "holds Zstandard where its ending says text"),
    ("parquet.csv", b"PAR1" + bytes(50) + b"PAR1", "holds Parquet where its ending says text"),
    ("book.csv", b"PK\x03\x04" + bytes(50), "holds Excel or zip where its ending says text"),
    ("old_book.csv", b"\xd0\xcf\x11\xe0" + bytes(50), "holds Excel where its ending says text"),
    ("plain.csv.gz", TEXT, "holds text where its ending says gzip"),
    ("plain.csv.zst", TEXT, "holds text where its ending says Zstandard"),
    ("plain.parquet", TEXT, "holds text where its ending says Parquet"),
    (
        "cut_off.parquet",
        b"PAR1" + bytes(200),
        "is cut off, since a Parquet file ends as it begins; copy or write it again",
    ),
    (
        "footer.parquet",
        SOUND[: -8 - FOOTER] + NOISE[:FOOTER] + SOUND[-8:],
        "is damaged, which says what a Parquet file holds",
    ),
    ("footer_length.parquet", SOUND[:-8] + b"\xff\xff\xff\x7fPAR1", "is damaged, which says what a Parquet file holds"),
    ("half.csv.gz", gzip.compress(NOISE)[:2000], "is cut off, since it does not end as gzip does; copy or compress it"),
    ("random.csv", NOISE, "holds binary data where its ending says text"),
    ("random.parquet", NOISE, "holds binary data where its ending says Parquet"),
    ("random.csv.gz", NOISE, "holds binary data where its ending says gzip"),
    ("without_control.csv", bytes(byte for byte in NOISE if byte > 127), NO_COLUMN),
    ("book.xlsx", b"PK\x03\x04", ENDING),
    ("table.json", "[]", ENDING),
    ("without_ending", TEXT, ENDING),
    ("folder.csv", Path(), NO_FILE),
    ("no_such.csv", None, NO_FILE),
    ("no_such_*.csv", None, NO_FILE),
    ("it's not there.csv", None, NO_FILE),
    ("no_[such.csv", None, NO_FILE),
    ("https://example.invalid/customers.csv", None, "download the file and name the copy"),
    ("s3://bucket/customers.parquet", None, "download the file and name the copy"),
    ("long_line.csv", HEADER + "1," + "x" * 3_000_000 + ",19,15,39\n" + ROWS, "line 2 of"),
    ("long_line_too.csv", HEADER + "1," + "x" * 3_000_000 + ",19,15,39\n" + ROWS, TOO_LONG),
    ("long_header.csv", "CustomerID," + "x" * 3_000_000 + ",Age\n1,2,3\n", TOO_LONG),
    ("colons.csv", TEXT.replace(",", ":"), NO_COLUMN),
    ("spaces.csv", TEXT.replace(",", " "), NO_COLUMN),
    ("without_header.csv", ROWS, NO_COLUMN),
    ("blank_header.csv", ",,,,\n" + ROWS, NO_COLUMN),
    ("remark.csv", "# exported today\n" + TEXT, NO_COLUMN),
    ("one_column.csv", "CustomerID\n1\n2\n", "`gender` comes from Gender or Genre, " + NO_COLUMN),
    ("page.csv", "<html><body>Sign in first</body></html>\n", NO_COLUMN),
    ("object.csv", json.dumps([{"CustomerID": 1}]), NO_COLUMN),
    ("other.csv", "a,b\n1,2\n", "name the right one, or take `customer_id` out"),
]


@pytest.fixture(scope="module")
def refusals(tmp_path_factory) -> list[tuple[bool, str]]:
    warehouse = Warehouse(tmp_path_factory.mktemp("files"))
    calls = []
    sound = [
        ("sound.csv", TEXT, ""),
        ("sound.parquet", SOUND, ""),
        ("sound.csv.gz", gzip.compress(TEXT.encode()), ""),
    ]
    for name, content, _ in [*sound, *WRONG]:
        path = warehouse.folder / name
        if isinstance(content, Path):
            path.mkdir()
        elif content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        project_vars = {"customers_file": name if "://" in name else str(path)}
        calls.append(("file_columns", {"path": project_vars["customers_file"]}, project_vars))
    return warehouse.operations(calls)


def test_sound_files_pass(refusals):
    assert refusals[:3] == [(True, "")] * 3


@pytest.mark.parametrize("number", range(len(WRONG)), ids=[name for name, *_ in WRONG])
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(refusals, number):
    name, _, sentence = WRONG[number]
    is_accepted, said = refusals[3 + number]
    assert not is_accepted
    assert sentence in said
    assert name in said or "var customer_columns: `" in said
    assert "Traceback" not in said
