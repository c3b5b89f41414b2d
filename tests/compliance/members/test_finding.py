"""A member is found by either name or by id, however it is written, on every page that searches."""

import pytest
from django.db import connection

from compliance.appeals import asking
from compliance.members import names, roster
from compliance.members.models import Member
from compliance.verification import decisions

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(member):
    """Usernames of those whom `found(text)` finds among five people."""
    people = {
        "zoe.g": "Zoë Ünal",
        "nour_h": "نورهان الخطيب",
        "derevo": "ДЕРЕВО Ёлка",
        "plain_one": "100%_x",
        "bold": "𝕲𝖗𝖔𝖜 tent",
    }
    for username, display_name in people.items():
        member(username, display_name=display_name)

    def find(text):
        shown = Member.objects.filter(names.matching(text)).order_by("pk")
        return list(shown.values_list("username", flat=True))

    return find


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("zoë", ["zoe.g"]),
        ("ZOE", ["zoe.g"]),
        ("oe u", ["zoe.g"]),
        ("unal", ["zoe.g"]),
        ("@zoe.g", ["zoe.g"]),
        ("نور", ["nour_h"]),
        ("\u2068نورهان\u2069", ["nour_h"]),  # as a page shows it
        ("nour", ["nour_h"]),
        ("дерево", ["derevo"]),
        ("елка", ["derevo"]),
        ("grow", ["bold"]),
        ("100", ["plain_one"]),  # a name of digits, and no id
        ("%", ["plain_one"]),
        ("e_g", []),  # no wildcard
        ("nobody", []),
        ("@", []),
        ("\u200b", []),
        ("@\u200b \u200b", []),
    ],
)
def test_it_works(found, text, who):
    assert found(text) == who


@pytest.mark.parametrize("shape", ["{}", "<@{}>", " {} "])
def test_by_id(found, member, shape):
    fern = member("fern")
    assert found(shape.format(fern.pk)) == ["fern"]
    assert found(str(fern.pk)[:-1]) == []


@pytest.mark.parametrize("digits", ["9" * 19, "9" * 20, "9" * 60, "²", "٣"])
def test_what_can_be_no_id(found, digits):
    assert found(digits) == []


def test_a_new_name_counts_at_once(found, member):
    fern = member("fern", display_name="Fern")
    roster.seen(fern.pk, "fern", display_name="Farn")
    assert (found("farn"), found("fern")) == (["fern"], ["fern"])
    roster.seen_many([roster.Seen(fern.pk, "moss", "Möös")])
    assert (found("moos"), found("fern")) == (["moss"], [])


def test_the_index_serves_it(db):
    asked = Member.everybody.filter(names.matching("zoe")).order_by()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        assert "member_by_names" in asked.explain()


def test_every_page_that_searches(pending, staff, member, revealed, sign_in, end_cool_down):
    ada, bo = (staff("moderator", username=name) for name in ("ada", "bo"))
    waits = pending("zed")
    roster.seen(waits.member_id, "zed", display_name="Zoë")
    denied = revealed(ada, "zaz")
    roster.seen(denied.member_id, "zaz", display_name="Zoè")
    decision = decisions.deny(denied.pk, moderator=ada, version=denied.version, reason="altered")
    end_cool_down(decision)
    asking.appeal(denied.member_id, "It is mine.")
    desk = sign_in(bo)
    for url, name in {
        "/members/?q=ZOE": "Zoë",
        "/queue/?q=ZOE": "Zoë",
        "/appeals/?q=ZOE": "Zoè",
    }.items():
        page = desk.get(url).content.decode()
        assert f"<bdi>{name}</bdi>" in page, url
        assert f"<bdi>{name}</bdi>" not in desk.get(f"{url}x").content.decode(), url
    fern = member("fern")
    assert desk.get(f"/members/?q={fern.pk}")["Location"] == f"/members/{fern.pk}/"
