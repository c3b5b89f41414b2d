"""No page says what docs/writing.md says that pages don't say."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
# Attributes that people read or hear; the others of a template are code.
_READ = (
    "alt",
    "aria-label",
    "data-announce",
    "data-key-name",
    "data-more-keys",
    "data-preview-when",
)
_READ += ("placeholder", "title")
_ATTRIBUTE = re.compile(r"""\s([\w-]+)=(?:"[^"]*"|'[^']*')""")
_TAG = re.compile(r"\{%.*?%\}|<[^>]*>")
_COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|<!--.*?-->", re.DOTALL)
_LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|`(?:[^`\\]|\\.)*`')


def unwanted() -> list[str]:
    page = (REPOSITORY / "docs" / "writing.md").read_text()
    table = page.partition("\n## Pages don't say\n")[2]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return [phrase for cell in cells for phrase in re.findall(r"`([^`]+)`", cell)]


UNWANTED = re.compile(
    "|".join(rf"(?<![\w.-]){re.escape(one)}(?![\w-])" for one in unwanted()), re.IGNORECASE
)


def of_template(source: str) -> Iterator[str]:
    """Its words, with the strings of its tags; of attributes only those that people read."""
    yield _ATTRIBUTE.sub(lambda one: one[0] if one[1] in _READ else " ", _COMMENT.sub("", source))


def of_python(source: str, *, is_table: bool = False) -> Iterator[str]:
    """Its strings, without docstrings; of a table without the help for whoever reads its code."""
    tree = ast.parse(source)
    unread = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    if is_table:
        helps = (
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.keyword) and node.arg == "help_text"
        )
        unread |= {id(part) for one in helps for part in ast.walk(one)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in unread:
            yield str(node.value)


def of_script(source: str) -> Iterator[str]:
    """Its strings, without comments."""
    yield from _LITERAL.findall(re.sub(r"(?m)(^|\s)//.*$", "", source))


def places() -> Iterator[tuple[Path, Iterator[str]]]:
    for path in sorted((REPOSITORY / "templates").rglob("*.*")):
        yield path, (of_script if path.suffix == ".js" else of_template)(path.read_text())
    for package in ("monitoring", "compliance", "growmies_admin"):
        for path in sorted((REPOSITORY / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, of_python(path.read_text(), is_table="models" in path.name)
    for path in sorted((REPOSITORY / "docker" / "prometheus" / "rules").glob("*.yml")):
        yield path, of_rules(path.read_text())
    for path in sorted((REPOSITORY / "static" / "js").glob("*.js")):
        yield path, of_script(path.read_text())


def buttons(source: str) -> Iterator[str]:
    """What stands on buttons, links that look so, and summaries, for whoever sees them."""
    seen = re.sub(r'<span class="visually-hidden">.*?</span>', "", source, flags=re.DOTALL)
    for _, inside in re.findall(
        r'<(button|summary|a(?= class="button))\b[^>]*>(.*?)</\1>', seen, re.DOTALL
    ):
        yield " ".join(_TAG.sub(" ", inside).split())


def of_rules(source: str) -> Iterator[str]:
    """Summaries and descriptions of alert rules."""
    yield from re.findall(r"(?m)^\s+(?:summary|description): (.*)$", source)


def test_it_works():
    found = [
        f"{path.relative_to(REPOSITORY)}: {said[0]!r}"
        for path, texts in places()
        for text in texts
        for said in UNWANTED.finditer(" ".join(text.split()))
    ]
    assert not found, "\n".join(found)


def test_no_button_says_it():
    """A button is read alone: "Create rota", not "Make it"."""
    found = [
        f"{path.relative_to(REPOSITORY)}: {words}"
        for path in sorted((REPOSITORY / "templates").rglob("*.html"))
        for words in buttons(path.read_text())
        if re.fullmatch(r"(?!Got )(\w+ )+it( \w+)?|Leave", words)
    ]
    assert not found, "\n".join(found)


def test_every_kind_of_button_is_read():
    source = (
        '<button class="x">Do it<span class="visually-hidden"> for jane</span></button>'
        '<a class="button" href="/">Leave it</a><summary class="link">Look it up</summary>'
    )
    assert list(buttons(source)) == ["Do it", "Leave it", "Look it up"]


@pytest.mark.parametrize(
    ("read", "source"),
    [
        (of_rules, "  annotations:\n    summary: Discord has refused effects for good"),
        (of_template, '<h1>Nobody\n waits</h1> {% state "info" "none fires" %}'),
        (of_template, '<input placeholder="None fires" aria-label="Drawn by lot">'),
        (of_python, 'def f():\n    "Docstring."\n    return f"{n} and it goes on"'),
        (of_script, "say(`${one} needs a person`);"),
    ],
)
def test_each_kind_of_place_is_read(read, source):
    assert UNWANTED.search(" ".join(" ".join(read(source)).split()))


@pytest.mark.parametrize(
    ("read", "source"),
    [
        (of_template, '{# it goes on #}<button class="button colour" data-colour>Color</button>'),
        (of_python, '"""It goes on."""\n\ndef f():\n    """Nobody waits."""'),
        (of_script, '// nobody waits\nhere.querySelector("[data-colour]");'),
    ],
)
def test_what_nobody_reads_may_say_it(read, source):
    assert not UNWANTED.search(" ".join(" ".join(read(source)).split()))
