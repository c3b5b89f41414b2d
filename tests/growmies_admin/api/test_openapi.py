"""The OpenAPI document says what the endpoints answer, and nothing else."""

import re
from datetime import datetime, timedelta

import pytest
from django.urls import get_resolver

from compliance.verification import claims
from compliance.verification.states import Method, State
from growmies_admin.accounts.scopes import Scope
from growmies_admin.api import urls
from growmies_admin.api.answers import REFUSALS
from growmies_admin.api.openapi import DOCUMENT

pytestmark = pytest.mark.django_db
TYPES = {"string": str, "integer": int, "array": list, "object": dict, "null": type(None)}
KNOWN = {"$ref", "type", "properties", "required", "additionalProperties", "items", "enum"}
KNOWN |= {"pattern", "format", "minimum", "maximum", "maxItems", "default", "const", "description"}


def resolve(schema):
    while "$ref" in schema:
        found = DOCUMENT
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def check(value, schema, where="$"):
    """Holds a value to the part of JSON Schema that the document uses."""
    schema = resolve(schema)
    assert schema.keys() <= KNOWN, where
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert any(type(value) is TYPES[kind] for kind in kinds), f"{where}: {value!r}"
    if "enum" in schema:
        assert value in schema["enum"], where
    if "pattern" in schema:
        assert re.search(schema["pattern"], value), where
    if schema.get("format") == "date-time":
        assert datetime.fromisoformat(value).utcoffset() == timedelta(0), where
    if "minimum" in schema:
        assert value >= schema["minimum"], where
    if isinstance(value, list):
        assert len(value) <= schema["maxItems"], where
        for number, one in enumerate(value):
            check(one, schema["items"], f"{where}[{number}]")
    if "properties" in schema:
        assert value.keys() == schema["properties"].keys() == set(schema["required"]), where
        assert schema["additionalProperties"] is False
        for name, one in value.items():
            check(one, schema["properties"][name], f"{where}.{name}")


def schema_of(path, status="200"):
    answer = resolve(DOCUMENT["paths"][path]["get"]["responses"][status])
    return answer["content"]["application/json"]["schema"]


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
    assert described == REFUSALS.keys() - {"method_not_allowed"}  # other methods have no entry


def test_scopes_are_known():
    named = {
        scope
        for path in DOCUMENT["paths"].values()
        for scheme in path["get"]["security"]
        for scope in scheme["token"]
    }
    assert named == set(Scope.values)


def test_every_reference_leads_somewhere():
    def references(part):
        if isinstance(part, dict):
            for name, value in part.items():
                if name == "$ref":
                    yield value
                else:
                    yield from references(value)
        elif isinstance(part, list):
            for value in part:
                yield from references(value)

    found = set(references(DOCUMENT))
    assert len(found) >= 5
    for reference in found:
        assert resolve({"$ref": reference})
