"""The OpenAPI document says what the endpoints answer, and nothing else."""

from datetime import datetime, timedelta

import pytest
from django.urls import get_resolver
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from compliance.verification import claims
from compliance.verification.states import Method, State
from growmies_admin.accounts.scopes import Scope
from growmies_admin.api import urls
from growmies_admin.api.openapi import DOCUMENT
from growmies_admin.api.refusing import meanings

pytestmark = pytest.mark.django_db
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def in_utc(value):
    return datetime.fromisoformat(value).utcoffset() == timedelta(0)


def resolve(part):
    while "$ref" in part:
        found = DOCUMENT
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def check(value, schema):
    """Raises ValidationError, which says where it is not as the schema has it.

    OpenAPI 3.1 has JSON Schema's draft 2020-12. References lead into the document, whose other
    parts are no keywords of a schema.
    """
    Draft202012Validator(DOCUMENT | schema, format_checker=FORMATS).validate(value)


def schema_of(path, status="200"):
    answer = resolve(DOCUMENT["paths"][path]["get"]["responses"][status])
    return answer["content"]["application/json"]["schema"]


def parts(of=DOCUMENT):
    """Every object of the document."""
    if isinstance(of, dict):
        yield of
    for one in of.values() if isinstance(of, dict) else of if isinstance(of, list) else ():
        yield from parts(one)


def test_it_works(ask):
    answer = ask("/api/admin/openapi.json")
    assert answer.json() == DOCUMENT
    assert answer.json()["openapi"] == "3.1.0"


def test_every_path_is_there():
    assert {"/" + str(p.pattern) for p in get_resolver().url_patterns} >= {"/api/admin/"}
    paths = {f"/api/admin/{pattern.pattern}" for pattern in urls.urlpatterns}
    assert DOCUMENT["paths"].keys() == paths


@pytest.mark.parametrize("path", DOCUMENT["paths"])
def test_answers_are_as_it_says(ask, waiting, ada, path):
    check(ask(path).json(), schema_of(path))
    first, *_ = [waiting(1, method=method)[0] for method in Method]
    waiting(1, state=State.ESCALATED, late=timedelta(hours=1))
    claims.claim(first.pk, ada)
    check(ask(path).json(), schema_of(path))
    check(ask(path, {"limit": 1}).json(), schema_of(path))


@pytest.mark.parametrize("path", DOCUMENT["paths"])
def test_refusals_are_as_it_says(ask, ada, path):
    answers = [ask(path, plain="x"), ask(path, plain="")]
    if "400" in DOCUMENT["paths"][path]["get"]["responses"]:
        answers += [ask(path, {"limit": 0}), ask(path, {"cursor": "x"})]
    ada.roles.all().delete()
    answers.append(ask(path))
    for answer in answers:
        if answer.status_code != 200:
            check(answer.json(), schema_of(path, str(answer.status_code)))
            described = resolve(
                DOCUMENT["paths"][path]["get"]["responses"][str(answer.status_code)]
            )
            for name, header in described["headers"].items():
                assert answer[name] == header["schema"]["const"]
    needs_right = DOCUMENT["paths"][path]["get"]["security"][0]["token"] != []
    assert answers[-1].status_code == (403 if needs_right else 200)


def test_every_refusal_is_described():
    described = set()
    for answer in DOCUMENT["components"]["responses"].values():
        described |= set(
            answer["content"]["application/json"]["schema"]["properties"]["code"]["enum"]
        )
    assert described == meanings().keys() - {"method_not_allowed"}  # other methods have no entry


def test_scopes_are_known():
    named = {
        scope
        for path in DOCUMENT["paths"].values()
        for scheme in path["get"]["security"]
        for scope in scheme["token"]
    }
    assert named == set(Scope.values)


def test_every_reference_leads_somewhere():
    found = {part["$ref"] for part in parts() if "$ref" in part}
    assert len(found) >= 5
    for reference in found:
        assert resolve({"$ref": reference})


def test_its_schemas_are_json_schema_and_leave_nothing_open():
    found = [part for part in parts() if "type" in part and "scheme" not in part]
    assert len(found) > 20
    for schema in found:
        Draft202012Validator.check_schema(schema)
        if "properties" in schema:
            assert schema["properties"].keys() == set(schema["required"])
            assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", 1),
        ("id", "one"),
        ("submitted_at", "2026-04-20T16:20:00+02:00"),
        ("submitted_at", "yesterday"),
        ("state", "approved"),
        ("claimed_by", 7),
        ("version", 0),
        ("age", 21),
    ],
)
def test_an_answer_that_is_not_as_it_says_is_found(ask, waiting, name, value):
    waiting(1)
    path = "/api/admin/verifications"
    answer = ask(path).json()
    check(answer, schema_of(path))
    answer["verifications"][0][name] = value
    with pytest.raises(ValidationError):
        check(answer, schema_of(path))
