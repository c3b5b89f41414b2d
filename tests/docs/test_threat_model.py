"""Every test that docs/threat-model.md names is there, and the two pages are found."""

import ast
import re

import pytest

from tests.docs.reading import REPOSITORY, doc

NAMED = re.compile(r"`([a-z0-9_./]+/?test_\w+\.py)(?:::(\w+))?`")


def functions_in(path):
    """Names of the functions in a file of tests/."""
    tree = ast.parse((REPOSITORY / "tests" / path).read_text())
    found = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {one.name for one in ast.walk(tree) if isinstance(one, found)}


def what_holds():
    """Rows of the section's tables, without their heads."""
    section = doc("threat-model.md").split("## What holds")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    return [row for row in rows if not row.startswith("| asset |")]


@pytest.mark.parametrize("row", what_holds(), ids=lambda row: row.split("|")[2].strip()[:40])
def test_each_row_names_tests_that_are_there(row):
    assert row.count(" | ") == 3, row
    named = NAMED.findall(row.rsplit(" | ", 1)[1])
    assert named, row
    for path, name in named:
        assert (REPOSITORY / "tests" / path).is_file(), path
        assert name in functions_in(path), f"{path}::{name}"


def test_there_are_rows():
    assert len(what_holds()) > 40


def test_they_are_found_from_the_readme():
    readme = (REPOSITORY / "README.md").read_text()
    assert "(docs/threat-model.md)" in readme and "(SECURITY.md)" in readme
    assert (REPOSITORY / "SECURITY.md").is_file()
