"""docs/conformance.md names tests that are there, and every module of the plans that it is about."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "conformance.md").read_text()
ROW = re.compile(r"^\| (?P<module>[^|]+) \| (?P<tests>[^|]*) \| (?P<note>[^|]*) \|$", re.MULTILINE)
IN_FILE = re.compile(r"\]\(\.\./(?P<path>tests/[^)]+)\): (?P<names>.*)")


def rows() -> list[tuple[str, str, str]]:
    found = [(row["module"].strip(), row["tests"], row["note"].strip()) for row in ROW.finditer(PAGE)]
    return [each for each in found if each[0] not in {"module", "---"}]


def test_every_test_that_it_names_is_there() -> None:
    named = [
        (file["path"], name)
        for _, tests, _ in rows()
        for part in tests.split("<br>")
        if (file := IN_FILE.search(part))
        for name in re.findall(r"`(test_\w+)`", file["names"])
    ]
    assert len(named) > 80
    missing = [
        (path, name)
        for path, name in named
        if not re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE)
    ]
    assert missing == []


def test_a_module_without_a_test_says_why() -> None:
    assert [module for module, tests, note in rows() if not tests.strip() and not note] == []
