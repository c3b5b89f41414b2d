"""Keys of displays: long-lived, replaced every day, and ended at once."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from growmies_admin.displays import cookies, keys, pairing, screens
from growmies_admin.displays.models import Display, DisplayKey
from monitoring.audit.models import Entry
from tests.growmies_admin.displays.conftest import Television

pytestmark = pytest.mark.django_db


def later(**time):
    return time_machine.travel(timezone.now() + timedelta(**time), tick=False)


def why(television):
    with pytest.raises(keys.NotAccepted) as refused:
        keys.authenticate(television.key)
    return refused.value.why


def test_it_works(lobby, television):
    assert keys.authenticate(television.key).display == lobby
    assert television.look().status_code == 200


def test_a_key_stays_for_a_day_and_is_then_replaced(lobby, television):
    first = television.key
    with later(hours=23):
        television.look()
        assert television.key == first
    with later(hours=25):
        television.look("/wall/main/panels/")
        second = television.key
        assert second != first
        assert television.look().status_code == 200  # arrived: the first one ends soon
    with later(hours=25, minutes=9):
        assert keys.authenticate(first).display == lobby
    with later(hours=25, minutes=11):
        with pytest.raises(keys.NotAccepted) as refused:
            keys.authenticate(first)
        assert refused.value.why == "replaced"
        assert keys.authenticate(second).display == lobby


def test_a_new_key_that_is_lost_does_not_lock_the_screen_out(lobby, television):
    first = television.key
    with later(hours=25):
        lost = keys.authenticate(first).new_key
        assert lost
        assert keys.authenticate(first).new_key == ""  # not with each request
    with later(hours=25, minutes=11):
        found = keys.authenticate(first)
        assert found.new_key not in ("", lost)
    with later(days=20):
        assert keys.authenticate(first).display == lobby


def test_many_requests_at_once_make_one_new_key(lobby, television):
    with later(hours=25):
        made = [keys.authenticate(television.key).new_key for _ in range(3)]
    assert [bool(key) for key in made] == [True, False, False]


def test_a_copied_key_shows(lobby, television):
    copied = television.key
    with later(hours=25):
        television.look()
        television.look()
    with later(hours=26):
        thief = Television(type(television.client)())
        thief.client.cookies[cookies.KEY] = copied
        for _ in range(2):
            answer = thief.look()
            assert answer["Location"] == "/displays/pair/?board=main"
        assert "This screen has an old key" in thief.look("/displays/pair/").content.decode()
    tried = Entry.objects.get(action="display.old_key_tried")
    assert (tried.severity, tried.target_id) == ("warning", str(lobby.pk))


def test_a_display_that_nobody_saw_for_30_days_ends(lobby, television):
    with later(days=29, hours=23):
        television.look()
    with later(days=59):
        assert television.look().status_code == 200
    with later(days=89, minutes=1):
        assert television.look()["Location"] == "/displays/pair/?board=main"
        page = television.look("/displays/pair/").content.decode()
        assert "This screen was away too long" in page and "30 days" in page
        assert why(television) == "unseen"
    lobby.refresh_from_db()
    assert (lobby.ending, lobby.ended_by, lobby.reason) == ("unseen", None, "")
    ended = Entry.objects.get(action="display.ended")
    assert (ended.actor_type, ended.data["name"]) == ("system", "Lobby")


def test_last_seen_is_noted_once_a_minute(lobby, television, django_assert_num_queries):
    seen = Display.objects.get().last_seen_at
    with django_assert_num_queries(1):
        keys.authenticate(television.key)
    assert Display.objects.get().last_seen_at == seen
    with later(seconds=61):
        keys.authenticate(television.key)
    assert Display.objects.get().last_seen_at > seen


def test_a_revoked_key_opens_nothing(lobby, television, operator):
    screens.revoke(lobby, by=operator, reason="Sold")
    assert why(television) == "revoked"


@pytest.mark.parametrize("wrong", ["", "x", "x" * 43, "'; --"])
def test_what_is_no_key_opens_nothing(lobby, wrong):
    with pytest.raises(keys.NotAccepted) as refused:
        keys.authenticate(wrong)
    assert (refused.value.why, refused.value.display) == ("unknown", None)


@pytest.mark.parametrize(
    "broken",
    [
        {"key_hash": b"short"},
        {"replaced_at": timezone.now() - timedelta(days=999)},
        {"tried_again_at": timezone.now()},
    ],
)
def test_the_database_refuses_impossible_keys(lobby, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        DisplayKey.objects.update(**broken)


def test_a_new_key_ends_those_of_its_own_display_alone(lobby, television, operator):
    hall = Television(Client())
    pairing.confirm(hall.code(), by=operator, name="Hall", board="main")
    hall.ask(), hall.look()
    with later(minutes=11):
        assert keys.authenticate(television.key).display == lobby
        assert keys.authenticate(hall.key).display.name == "Hall"
