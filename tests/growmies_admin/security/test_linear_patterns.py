"""Every regular expression of ours takes time in proportion to the text, whatever the text.

The patterns are found by walking the modules, so that a new one is tested too.
"""

import ast
import importlib
import pkgutil
import re
import time
from pathlib import Path

import pytest

from growmies_admin import log_setup
from growmies_admin.displays.browsers import browser_of
from monitoring.ui.routes import all_routes

ROOT = Path(__file__).parents[3]
PACKAGES = ("growmies_admin", "compliance", "monitoring")
SMALLEST, LONG, MEGABYTE = 2_000, 64_000, 1_000_000
TOO_SHORT_TO_TELL_SECONDS = 0.005
EVERYWHERE = (
    "a",
    ".",
    "A.",
    "<",
    "_",
    " ",
    "1",
    "-",
    "/",
    "%",
    "%25",
    "(",
    "=",
    "a.",
    "a" * 20 + ".",
)
_FUNCTIONS = {"match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}


def modules():
    for package in PACKAGES:
        yield importlib.import_module(package)
        for found in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            if ".migrations" in found.name or found.name.endswith("__main__"):
                continue
            yield importlib.import_module(found.name)


def inside(value, depth=0):
    """The patterns in a value: itself, in a tuple, a mapping, a dataclass, or a class."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4:
        if isinstance(value, dict):
            value = tuple(value.values())
        elif not isinstance(value, (tuple, list, set, frozenset)):
            of_ours = getattr(type(value), "__module__", "").startswith(PACKAGES)
            value = tuple(vars(value).values()) if of_ours and hasattr(value, "__dict__") else ()
        for one in value:
            yield from inside(one, depth + 1)


@pytest.fixture(scope="module")
def patterns():
    from monitoring.ui import unlogged

    found = {}
    for module in modules():
        for name, value in vars(module).items():
            if isinstance(value, type) and value.__module__ == module.__name__:
                value = dict(vars(value))
            for one in inside(value):
                found.setdefault((one.pattern, one.flags), f"{module.__name__}.{name}")
    for rule in unlogged._rules():
        found.setdefault((rule.pattern.pattern, rule.pattern.flags), f"unlogged, {rule.word}")
    for route in all_routes():
        found.setdefault((route.regex, 0), f"the address {route.template}")
    return [(where, re.compile(*of)) for of, where in found.items() if isinstance(of[0], str)]


def sample(tree):
    """The shortest text that this parsed pattern is about."""
    text = ""
    for operation, argument in tree:
        name = str(operation)
        if name == "LITERAL":
            text += chr(argument)
        elif name == "IN":
            text += next(map(chr, filter(lambda c: _in_set(c, argument), range(33, 127))), " ")
        elif name in ("ANY", "NOT_LITERAL"):
            text += "x"
        elif name == "BRANCH":
            text += sample(argument[1][0])
        elif name == "SUBPATTERN":
            text += sample(argument[-1])
        elif name == "ATOMIC_GROUP":
            text += sample(argument)
        elif "REPEAT" in name:
            text += sample(argument[2]) * max(argument[0], 1)
    return text


def _in_set(code, members):
    negated = any(str(operation) == "NEGATE" for operation, _ in members)
    return negated != any(_is_member(code, *member) for member in members)


def _is_member(code, operation, argument):
    match str(operation):
        case "LITERAL":
            return code == argument
        case "RANGE":
            return argument[0] <= code <= argument[1]
        case "CATEGORY":
            word = {"DIGIT": str.isdigit, "WORD": str.isalnum, "SPACE": str.isspace}
            negated, kind = "_NOT_" in str(argument), str(argument).rpartition("_")[2]
            return word[kind](chr(code)) != negated
    return False


def about(pattern):
    """Texts that lead far into this pattern: each beginning of what it is about, and its end."""
    text = sample(re._parser.parse(pattern.pattern, pattern.flags))
    cuts = sorted({*range(1, min(len(text), 12)), len(text) // 2, len(text)} - {0})
    for beginning in (text[:cut] for cut in cuts):
        yield beginning, beginning
        yield beginning, beginning[-1]


def seconds(pattern, text):
    began = time.thread_time()
    for _ in pattern.finditer(text):
        pass
    pattern.fullmatch(text)
    return time.thread_time() - began


def grows_too_fast(act, begin, feed, longest):
    """The length at which twice the text took more than three times as long; None when never."""
    size, before = SMALLEST, None
    while size <= longest:
        text = begin + feed * (size // len(feed))
        half = begin + feed * (size // 2 // len(feed))
        took = act(text)
        suspicious = before is not None and took > max(3 * before, TOO_SHORT_TO_TELL_SECONDS)
        if suspicious and all(act(text) > 3 * act(half) for _ in range(4)):
            return size
        size, before = size * 2, took
    return None


def test_it_works(patterns):
    where = {name for name, _ in patterns}
    assert {"growmies_admin.log_setup._BOT_TOKEN", "monitoring.ui.unlogged._IN_QUERY"} <= where
    assert "the address /verify/%(token)s/" in where
    assert len(where) > 200


def test_a_quadratic_pattern_is_found():
    slow = re.compile(r"[\w-]{20,}\.[\w-]{5,}\.[\w-]{20,}")
    assert grows_too_fast(lambda text: seconds(slow, text), "", "a", LONG // 4)
    keys = re.compile(r"(Key \([^)]*\)=\()[^)]*")
    assert any(
        grows_too_fast(lambda text: seconds(keys, text), begin, feed, LONG // 4)
        for begin, feed in about(keys)
    )


def test_every_pattern_stands_where_the_walk_finds_it():
    inline = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    inline += [
                        f"{path.relative_to(ROOT)}:{call.lineno}"
                        for call in ast.walk(node)
                        if isinstance(call, ast.Call)
                        and isinstance(call.func, ast.Attribute)
                        and isinstance(call.func.value, ast.Name)
                        and call.func.value.id == "re"
                        and call.func.attr in _FUNCTIONS | {"compile"}
                    ]
    # The rules of the routes are made once, and the fixture asks for them.
    assert [one for one in inline if "monitoring/ui/unlogged.py" not in one] == []


def test_what_each_pattern_is_about(patterns):
    slow = [
        (where, begin[:40], feed[:40], size)
        for where, pattern in patterns
        for begin, feed in about(pattern)
        if (size := grows_too_fast(lambda t, p=pattern: seconds(p, t), begin, feed, LONG))
    ]
    assert slow == []


def test_a_megabyte_of_one_thing(patterns):
    slow = [
        (where, feed, size)
        for where, pattern in patterns
        if not where.startswith("the address")  # anchored: the feeds fail at once
        for feed in EVERYWHERE[:5]
        if (size := grows_too_fast(lambda t, p=pattern: seconds(p, t), "", feed, MEGABYTE))
    ]
    assert slow == []


@pytest.mark.parametrize("feed", EVERYWHERE)
@pytest.mark.parametrize("act", [log_setup.redact, browser_of])
def test_a_megabyte_through_what_uses_them(act, feed):
    def timed(text):
        began = time.thread_time()
        act(text)
        return time.thread_time() - began

    assert grows_too_fast(timed, "", feed, MEGABYTE) is None


def test_a_long_address_costs_as_much_as_its_length(client, db):
    def took(length):
        began = time.thread_time()
        client.get("/accounts/login/?" + "a" * length)
        return time.thread_time() - began

    took(10)
    assert min(took(120_000), took(120_000)) <= 3 * min(took(60_000), took(60_000)) + 0.05
