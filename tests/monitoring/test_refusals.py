"""A refusal has one code, one sentence and one status, wherever it is told."""

import ast
import json

import pytest

import compliance.refusals  # noqa: F401 - declares its codes
import growmies_admin.api.refusing  # noqa: F401
from monitoring import refusals
from monitoring.refusals import Meaning, Refusal
from monitoring.ui import refused
from tests.running import REPOSITORY


def raised():
    """(file and line, code) of each Refusal that the code makes."""
    for folder in ("growmies_admin", "compliance", "monitoring"):
        for path in sorted((REPOSITORY / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal":
                    code = node.args[0]
                    if isinstance(code, ast.Constant):
                        yield f"{path.relative_to(REPOSITORY)}:{node.lineno}", code.value


def test_it_works():
    refusal = Refusal("store_failed", until="later")
    assert str(refusal) == refusal.sentence == refusals.declared()["store_failed"].sentence
    assert (refusal.status, refusal.may_be_tried_again) == (503, True)
    assert refusal.details == {"until": "later"}


def test_a_closer_sentence():
    refusal = Refusal("over", "The window is over.")
    assert (refusal.code, str(refusal), refusal.status) == ("over", "The window is over.", 409)


def test_every_code_that_is_raised_is_declared():
    found = list(raised())
    assert len(found) > 120
    assert [one for one in found if one[1] not in refusals.declared()] == []


def test_every_code_is_used():
    sources = "".join(
        path.read_text()
        for folder in ("growmies_admin", "compliance", "monitoring")
        for path in (REPOSITORY / folder).rglob("*.py")
        if path.name not in ("refusals.py", "refusing.py")
    )
    assert [code for code in refusals.declared() if f'"{code}"' not in sources] == []


@pytest.mark.parametrize("code", refusals.declared())
def test_each_says_something_and_has_a_status_of_a_refusal(code):
    meaning = refusals.declared()[code]
    assert meaning.sentence.strip()
    assert 400 <= meaning.status < 600
    assert not (meaning.status in (429, 503) and not meaning.again), "this passes"


def test_an_unknown_code():
    with pytest.raises(KeyError):
        Refusal("no_such_code")


def test_a_code_has_one_meaning():
    with pytest.raises(ValueError, match="over"):
        refusals.declare({"over": Meaning("Something else.")})
    assert refusals.declared()["over"].sentence == "It is over."


def test_as_json():
    answer = refused.as_json(Refusal("too_many"), Retry_After="5")
    assert (answer.status_code, answer["Retry-After"]) == (429, "5")
    assert json.loads(answer.content) == {
        "error": "That was too often. Wait a little.",
        "code": "too_many",
    }


def test_as_text():
    answer = refused.as_text(Refusal("own"))
    assert (answer.status_code, answer["Content-Type"]) == (403, "text/plain")
    assert answer.content.decode() == "That is not for yourself to do."


def test_as_a_page(rf, settings):
    answer = refused.as_page(rf.get("/"), Refusal("unknown", "There is no such thing."))
    assert answer.status_code == 404
    assert "There is no such thing." in answer.content.decode()
