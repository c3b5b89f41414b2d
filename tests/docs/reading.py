"""What tests of the documentation read."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def doc(name: str) -> str:
    return (REPOSITORY / "docs" / name).read_text()


def rows(name: str) -> dict[str, list[str]]:
    """Rows of all tables of a page: each name in backticks in the first cell -> the row's cells."""
    found: dict[str, list[str]] = {}
    for line in doc(name).splitlines():
        if line.startswith("| `"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            for key in re.findall(r"`([^`]+)`", cells[0]):
                found.setdefault(key, cells)
    return found
