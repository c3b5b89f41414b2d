"""A link takes ten attempts, counted before a picture is opened."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from compliance import policy
from compliance.evidence import pictures
from compliance.refusals import Refusal
from compliance.uploads import links, opening, submission
from compliance.uploads.models import UploadLink
from compliance.verification import requests
from compliance.verification.models import VerificationRequest
from compliance.verification.states import State

AGREED = policy.CONSENT_VERSION
BROKEN = b"\xff\xd8\xff no picture"


def attempts():
    return UploadLink.objects.get(revoked_at=None).attempts


def refusal_of(token, *uploads, consent=AGREED):
    with pytest.raises(Refusal) as refusal:
        submission.submit(token, list(uploads), consent_version=consent)
    return refusal.value


def tried(times):
    UploadLink.objects.update(attempts=times)


def test_it_works(opened, picture):
    token = opened().token
    assert refusal_of(token, BROKEN).code == "picture_format"
    assert refusal_of(token, picture(), BROKEN).code == "picture_format"
    assert attempts() == 2
    submission.submit(token, [picture()], consent_version=AGREED)
    assert VerificationRequest.objects.get().state == State.PENDING


def test_the_tenth_may_succeed(opened, picture):
    token = opened().token
    tried(9)
    submission.submit(token, [picture()], consent_version=AGREED)
    assert UploadLink.objects.get().used_at is not None


def test_the_tenth_that_fails_says_how_to_go_on(opened, picture):
    token = opened().token
    tried(9)
    refusal = refusal_of(token, BROKEN)
    assert refusal.code == "link_tries"
    assert refusal.sentence.startswith("That is not a JPEG")
    assert "Type /verify in Discord" in refusal.sentence
    assert refusal_of(token, picture()).code == "link_tries"


def test_the_page_of_a_link_that_was_tried_out(opened, picture, client):
    url = f"/verify/{opened().token}/"
    tried(10)
    for answer in (client.get(url), client.post(url, {"consent": str(AGREED)})):
        assert answer.status_code == 410
        assert "tried too often. Type /verify in Discord" in answer.content.decode()


def test_over_http_ten_times(opened, client):
    url = f"/verify/{opened().token}/"
    answers = [
        client.post(url, {"consent": str(AGREED), "picture": SimpleUploadedFile("a.jpg", BROKEN)})
        for _ in range(11)
    ]
    assert [answer.status_code for answer in answers] == [422] * 9 + [410] * 2
    assert attempts() == 10


def test_a_fresh_link_has_its_own(opened, picture):
    one = opened()
    tried(10)
    url = opening.open_request(one.request.member).url
    token = url.rstrip("/").rsplit("/", 1)[1]
    submission.submit(token, [picture()], consent_version=AGREED)


def links_that_took(member, *attempts):
    """One link of the member an hour, the last one an hour ago."""
    for hours, made in zip(range(len(attempts), 0, -1), attempts, strict=True):
        with time_machine.travel(timezone.now() - timedelta(hours=hours), tick=False):
            opening.open_request(member)
            UploadLink.objects.filter(revoked_at=None).update(attempts=made)


def test_a_member_has_thirty_a_day(member):
    who = member()
    links_that_took(who, 10, 10, 10)
    before = UploadLink.objects.count()
    with pytest.raises(Refusal) as refusal:
        opening.open_request(who)
    assert refusal.value.code == "tried_out"
    assert UploadLink.objects.count() == before
    until = UploadLink.objects.earliest("issued_at").issued_at + timedelta(days=1)
    assert refusal.value.details["until"] == until.isoformat()
    assert f"<t:{int(until.timestamp()) + 1}:f>" in refusal.value.sentence
    with time_machine.travel(until + timedelta(seconds=1)):
        opening.open_request(who)


def test_the_time_is_when_enough_of_them_are_over(member):
    who = member()
    links_that_took(who, 1, 10, 9, 10)
    with pytest.raises(Refusal) as refusal:
        opening.open_request(who)
    first = UploadLink.objects.filter(attempts=1).get()
    assert refusal.value.details["until"] == (first.issued_at + timedelta(days=1)).isoformat()
    UploadLink.objects.filter(attempts=9).update(attempts=10)
    with pytest.raises(Refusal) as refusal:
        opening.open_request(who)
    second = UploadLink.objects.order_by("issued_at")[1]
    assert refusal.value.details["until"] == (second.issued_at + timedelta(days=1)).isoformat()


def test_another_member_has_links(member):
    links_that_took(member(), 10, 10, 10)
    assert opening.open_request(member()).is_new


def test_a_request_begun_anew_does_not_help(member):
    who = member()
    links_that_took(who, 10, 10, 10)
    requests.withdraw(VerificationRequest.objects.get().pk)
    with pytest.raises(Refusal, match="too many times"):
        opening.open_request(who)


def test_what_crashes_us_is_counted(opened, picture, monkeypatch):
    def crash(upload):
        raise SystemError("out of luck")

    monkeypatch.setattr(pictures, "clean", crash)
    with pytest.raises(SystemError):
        submission.submit(opened().token, [picture()], consent_version=AGREED)
    assert attempts() == 1


def test_what_is_refused_unopened_is_not_counted(opened, picture):
    token = opened().token
    refusal_of(token)
    refusal_of(token, b"")
    refusal_of(token, *[picture()] * 3)
    refusal_of(token, bytes(policy.UPLOAD_MAX_BYTES + 1))
    refusal_of(token, picture(), consent=None)
    assert attempts() == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"revoked_at": "2026-01-01T00:00Z"}, "link_expired"),
        ({"used_at": "2026-01-01T00:00Z"}, "link_used"),
        ({"issued_at": "2020-01-01T00:00Z", "expires_at": "2020-01-02T00:00Z"}, "link_expired"),
        ({"attempts": 10}, "link_tries"),
    ],
)
def test_what_became_of_the_link_while_one_waited(opened, change, code):
    link = links.read(opened().token)
    UploadLink.objects.update(**change)
    before = UploadLink.objects.get().attempts
    with pytest.raises(Refusal) as refusal:
        links.count_attempt(link)
    assert refusal.value.code == code
    assert UploadLink.objects.get().attempts == before


@pytest.mark.parametrize("number", [-1, 11])
def test_the_database_holds_the_bounds(opened, number):
    opened()
    with pytest.raises(IntegrityError), transaction.atomic():
        tried(number)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_ten(opened):
    link = links.read(opened().token)
    codes = []

    def attempt():
        mine = UploadLink.objects.get(pk=link.pk)
        try:
            links.count_attempt(mine)
            codes.append("")
        except Refusal as refusal:
            codes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(14)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [""] * 10 + ["link_tries"] * 4


def test_a_picture_may_have_just_as_many_bytes_as_we_say():
    pictures.check_size(bytes(policy.UPLOAD_MAX_BYTES))
    with pytest.raises(Refusal, match="at most"):
        pictures.check_size(bytes(policy.UPLOAD_MAX_BYTES + 1))


def test_a_link_that_was_revoked_while_its_picture_was_read_is_not_used(opened):
    made = opened()
    link = links.read(made.token)
    UploadLink.objects.filter(pk=link.pk).update(revoked_at=timezone.now())
    with transaction.atomic(), pytest.raises(Refusal):
        links.use_up(link)
    link.refresh_from_db()
    assert link.used_at is None
