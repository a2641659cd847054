"""What `make audit` runs: the licence of every installed package, and the known vulnerabilities of every pinned one.

It fails on a licence that does not fit a program under the MIT licence, or that nothing is known of, and on a known
vulnerability. Where no database of vulnerabilities can be reached it says so; that alone is no failure.
"""

import json
import re
import subprocess
import sys
import tempfile
from importlib.metadata import Distribution, distributions
from pathlib import Path

PINNED = Path(__file__).parents[1] / "requirements-dev.txt"
# Licences that ask for no more than their own text beside the package, or for changes to the package alone.
FITTING = re.compile(
    r"\b(MIT|0?BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|LGPL|Lesser General Public|Zlib|CC0|CNRI"
    r"|Unlicense|Artistic)\b",
    re.IGNORECASE,
)
# How the texts of the BSD licences, which do not name themselves, begin.
BSD = "Redistribution and use in source and binary forms"
# How an answer that never came is called by pip-audit and what it calls.
UNREACHED = re.compile("ConnectionError|Timeout|ProxyError|SSLError|HTTPError|ServiceError")


def licences(package: Distribution) -> list[str]:
    """Name the licences of a package, or nothing where it does not say.

    Of several a user may choose. The metadata is asked first: its expression, its classifiers, its field; then the
    file that holds the licence.
    """
    metadata = package.metadata
    if expression := metadata.get("License-Expression"):
        return re.split(r"\s+OR\s+", expression)
    classifiers = [each.split(" :: ") for each in metadata.get_all("Classifier") or []]
    if named := [each[-1] for each in classifiers if each[0] == "License" and each[-1] != "OSI Approved"]:
        return named
    if field := (metadata.get("License") or "").strip():
        return [field.splitlines()[0]]
    for file in package.files or []:
        if re.match("licen[cs]e|copying", file.name, re.IGNORECASE):
            text = package.locate_file(file).read_text(encoding="utf-8")
            return ["BSD"] if BSD in " ".join(text.split()) else text.splitlines()[:1]
    return []


def fits(choices: list[str]) -> bool:
    """Whether one of the licences, with all of its parts, fits a program under the MIT licence.

    >>> fits(["MIT AND PSF-2.0"]), fits(["Artistic License", "GPL-2.0-or-later"]), fits(["MIT AND GPL-3.0-only"])
    (True, True, False)
    """
    return any(all(FITTING.search(part) for part in re.split(r"\s+AND\s+", choice)) for choice in choices)


def licence_report(packages: list[Distribution]) -> tuple[list[str], list[str]]:
    """Return a line per package, and the names of those whose licence does not fit."""
    stated = {package.metadata["Name"]: licences(package) for package in packages}
    order = sorted(stated, key=lambda name: (fits(stated[name]), stated[name], name.lower()))
    lines = [f"{' or '.join(stated[name]) or 'not stated'}: {name}" for name in order]
    return lines, [name for name in order if not fits(stated[name])]


def vulnerability_report(command: list[str]) -> tuple[str, bool]:
    """Run pip-audit; return what it found in words, and whether that is a failure."""
    with tempfile.TemporaryDirectory() as scratch:
        found = Path(scratch, "found.json")
        done = subprocess.run([*command, "--output", str(found)], capture_output=True, text=True, check=False)
        if not found.exists():
            said = (done.stderr.strip() or "it said nothing").splitlines()[-1]
            if not UNREACHED.search(said):
                return f"Vulnerabilities could not be looked for: {said}", True
            return f"Vulnerabilities were not looked for, because no database could be reached: {said}", False
        packages = json.loads(found.read_text())["dependencies"]
    known = [
        f"{package['name']} {package['version']}: {hole['id']}, fixed in {', '.join(hole['fix_versions']) or 'none'}"
        for package in packages
        for hole in package.get("vulns", [])
    ]
    return "\n".join(known) or f"No vulnerability is known of the {len(packages)} pinned packages.", bool(known)


def main() -> int:
    """Print both reports and return the exit code."""
    lines, unfit = licence_report(list(distributions()))
    print(*lines, sep="\n")
    print(f"\nThe licence of {', '.join(unfit)} does not fit." if unfit else f"\nAll {len(lines)} licences fit.")
    audit = ["--vulnerability-service", "osv", "--disable-pip", "--require-hashes", "--format", "json"]
    report, is_vulnerable = vulnerability_report(
        [sys.executable, "-m", "pip_audit", *audit, "--requirement", str(PINNED)]
    )
    print(report)
    return int(bool(unfit) or is_vulnerable)


if __name__ == "__main__":
    sys.exit(main())
