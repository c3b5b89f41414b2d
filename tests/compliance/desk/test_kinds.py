"""A kind of work plugs in from its room: the desk itself knows none of them."""

import re

import pytest

from compliance.desk import kinds, metrics, showing
from compliance.desk.models import WorkItem
from tests.docs.reading import REPOSITORY

DESK = REPOSITORY / "compliance/desk"


def test_they_are_there():
    names = [kind.name for kind in kinds.every()]
    assert sorted(names) == ["appeal", "dispute", "second_review", "verification"]
    assert {shown.claims.kind.name for shown in showing.every()} == set(names)


@pytest.mark.parametrize("name", ["appeal", "dispute", "second_review", "verification"])
def test_the_desk_names_none(name):
    """But for the rights by which its page is opened, and the words of a right."""
    for path in DESK.glob("*.py"):
        text = re.sub(r'"(verification|appeals)\.\w+"', "", path.read_text())
        assert f'"{name}"' not in text, path


def test_a_name_twice_is_an_error():
    known = kinds.every()[0]
    with pytest.raises(ValueError, match="two kinds"):
        kinds.register(kinds.Kind("verification", "Other", "eye", known.model, "x", known.work))


@pytest.mark.django_db
def test_the_gauges_have_every_kind(pending):
    pending()
    depth = dict(metrics._depth())
    assert depth["verification", "pending"] == 1
    assert depth["verification", "escalated"] == depth["appeal", "pending"] == 0
    WorkItem.objects.update(due_at="2026-01-01T00:00Z", opened_at="2026-01-01T00:00Z")
    assert dict(metrics._overdue())["verification",] == 1
    assert dict(metrics._oldest())["verification",] > 86_400
