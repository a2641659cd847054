"""The audit lets no licence pass that does not fit, and takes no silence for a clean bill."""

import sys
from importlib.metadata import Distribution
from pathlib import Path

import pytest

from tests.audit import fits, licence_report, licences, vulnerability_report

WRITES = "import pathlib, sys; pathlib.Path(sys.argv[-1]).write_text({found!r})"
DIES = "raise SystemExit({said!r})"


def package(folder: Path, metadata: str, licence: str = "") -> Distribution:
    """An installed package that says this of itself."""
    folder = folder / "some-1.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: some\nVersion: 1\n{metadata}\n")
    (folder / "LICENSE").write_text(licence)
    (folder / "RECORD").write_text("some-1.dist-info/LICENSE,,\n")
    return Distribution.at(folder)


@pytest.mark.parametrize(
    ("metadata", "licence", "expected", "fitting"),
    [
        ("License-Expression: MIT", "", ["MIT"], True),
        ("License-Expression: MIT OR GPL-3.0-only", "", ["MIT", "GPL-3.0-only"], True),
        ("License-Expression: MIT AND GPL-3.0-only", "", ["MIT AND GPL-3.0-only"], False),
        ("License-Expression: AGPL-3.0-or-later", "", ["AGPL-3.0-or-later"], False),
        ("License-Expression: LGPL-2.1-only", "", ["LGPL-2.1-only"], True),
        (
            "Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)",
            "",
            ["GNU General Public License v3 (GPLv3)"],
            False,
        ),
        ("Classifier: License :: OSI Approved\nLicense: Apache 2.0", "", ["Apache 2.0"], True),
        ("License: Proprietary", "", ["Proprietary"], False),
        ("", "MIT License\n\nCopyright", ["MIT License"], True),
        ("", "Copyright (c) 2017\n\nRedistribution and use in source\nand binary forms", ["BSD"], True),
        ("", "GNU GENERAL PUBLIC LICENSE\nVersion 3", ["GNU GENERAL PUBLIC LICENSE"], False),
        ("", "", [], False),
    ],
)
def test_a_licence_is_found_and_judged(tmp_path, metadata, licence, expected, fitting):
    found = licences(package(tmp_path, metadata, licence))
    assert (found, fits(found)) == (expected, fitting)
    lines, unfit = licence_report([Distribution.at(tmp_path / "some-1.dist-info")])
    assert lines == [f"{' or '.join(expected) or 'not stated'}: some"]
    assert unfit == ([] if fitting else ["some"])


@pytest.mark.parametrize(
    ("script", "report", "is_failure"),
    [
        (
            WRITES.format(found='{"dependencies": [{"name": "some", "version": "1", "vulns": []}]}'),
            "No vulnerability is known of the 1 pinned packages.",
            False,
        ),
        (
            WRITES.format(
                found='{"dependencies": [{"name": "some", "version": "1", "vulns": '
                '[{"id": "CVE-1", "fix_versions": ["2"]}]}]}'
            ),
            "some 1: CVE-1, fixed in 2",
            True,
        ),
        (
            DIES.format(said="requests.exceptions.ConnectionError: no such host"),
            "Vulnerabilities were not looked for, because no database could be reached: "
            "requests.exceptions.ConnectionError: no such host",
            False,
        ),
        (
            DIES.format(said="No module named pip_audit"),
            "Vulnerabilities could not be looked for: No module named pip_audit",
            True,
        ),
    ],
)
def test_what_is_not_known_of_vulnerabilities_is_said(script, report, is_failure):
    assert vulnerability_report([sys.executable, "-c", script]) == (report, is_failure)
