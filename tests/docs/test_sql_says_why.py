"""SQL stands where one statement settles a race, a benchmark needs it, or there is no model.

Each says which, beside the statement, in the docstring of its function, or of the module:
"In SQL for a race", "In SQL for tests/bench/test_NAME.py", "in SQL for want of a model".
"""

import ast
import re

import pytest

from tests.docs.reading import REPOSITORY

PACKAGES = ("growmies_admin", "compliance", "monitoring")
# Django may not be imported there, so there are no querysets; and what sends others' statements.
OUTSIDE = ("growmies_admin/stack/", "growmies_admin/practice/", "monitoring/prepared.py")
SENDS = {"execute", "executemany", "raw", "RawSQL", "extra"}
SENDS_PREPARED = {"rows", "run"}
NO_DATABASE = {"pipe"}  # of Valkey
REASON = re.compile(r"[Ii]n SQL for (?:a race|want of a model|(?P<bench>tests/bench/test_\w+\.py))")


def sends(call):
    """Whether a call sends SQL, and by which name."""
    to = call.func
    if isinstance(to, ast.Name):
        return to.id == "RawSQL"
    if not isinstance(to, ast.Attribute):
        return False
    of = to.value.id if isinstance(to.value, ast.Name) else ""
    return (to.attr in SENDS and of not in NO_DATABASE) or (
        to.attr in SENDS_PREPARED and of == "prepared"
    )


def unsaid(path):
    """Lines of the file from which SQL is sent without a word why."""
    text = path.read_text()
    tree = ast.parse(text)
    lines = text.splitlines()
    if REASON.search(flat(ast.get_docstring(tree) or "")):
        return
    beside = {name: words for node in tree.body for name, words in named(node, lines)}
    for node in tree.body:
        own = "\n".join(lines[node.lineno - 1 : node.end_lineno])
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and sends(call):
                names = {one.id for one in ast.walk(call) if isinstance(one, ast.Name)}
                words = [own, *(beside.get(name, "") for name in names)]
                if not any(REASON.search(flat(some)) for some in words):
                    yield call.lineno


def named(node, lines):
    """The names that an assignment of the module gives, with the comment before it."""
    if isinstance(node, ast.Assign):
        first = node.lineno - 1
        while first and lines[first - 1].startswith("#"):
            first -= 1
        for target in node.targets:
            yield ast.unparse(target), "\n".join(lines[first : node.lineno - 1])


def flat(text):
    return re.sub(r"\s+(#\s*)?", " ", text)


@pytest.fixture
def module(tmp_path):
    def make(text):
        (tmp_path / "module.py").write_text(text)
        return list(unsaid(tmp_path / "module.py"))

    return make


def test_it_works():
    files = [
        path
        for package in PACKAGES
        for path in (REPOSITORY / package).rglob("*.py")
        if "migrations" not in path.parts
        and "tests" not in path.parts
        and not str(path.relative_to(REPOSITORY)).startswith(OUTSIDE)
    ]
    assert len(files) > 500
    found = [f"{path.relative_to(REPOSITORY)}:{line}" for path in files for line in unsaid(path)]
    assert found == []
    for path in files:
        for reason in REASON.finditer(flat(path.read_text())):
            assert not reason["bench"] or (REPOSITORY / reason["bench"]).exists(), path


SENT = "def act():\n    cursor.execute(_ASK)\n"


def test_a_statement_without_a_word_is_found(module):
    assert module('_ASK = "SELECT 1"\n\n\n' + SENT) == [5]
    assert module('# It asks.\n_ASK = "SELECT 1"\n\n\n' + SENT) == [6]


def test_a_word_beside_it_is_enough(module):
    assert module('# In SQL for a\n# race.\n_ASK = "SELECT 1"\n\n\n' + SENT) == []
    assert module('"""In SQL for want of a model."""\n' + SENT) == []
    assert module('def act():\n    """In SQL for a race."""\n    prepared.run("SELECT 1")\n') == []
