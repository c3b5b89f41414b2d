"""What a link lets its member do, and that a revoked or expired one does none of it."""

import threading
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.utils import timezone

from compliance import policy
from compliance.evidence.models import Evidence
from compliance.privacy import erasure
from compliance.uploads import opening
from compliance.uploads.models import UploadLink
from compliance.uploads.urls import urlpatterns
from compliance.verification.models import VerificationRequest
from compliance.verification.states import State
from monitoring.audit.models import Entry

AGREED = str(policy.CONSENT_VERSION)


@pytest.fixture
def link(opened):
    return f"/verify/{opened('fern').token}/"


@pytest.fixture
def sent(client, link, picture):
    form = {"consent": AGREED, "picture": SimpleUploadedFile("id.jpg", picture())}
    assert client.post(link, form)["Location"] == link
    return link


def expire():
    past = timezone.now() - timedelta(minutes=31)
    UploadLink.objects.update(issued_at=past, expires_at=past + policy.UPLOAD_LINK_LIFE)


def revoke():
    UploadLink.objects.update(revoked_at=timezone.now())


def test_it_works(client, link):
    assert client.post(f"{link}withdraw/")["Location"] == link
    assert VerificationRequest.objects.get().state == State.WITHDRAWN


def test_after_sending(client, sent):
    assert "Cancel and delete" in client.get(sent).content.decode()
    assert client.post(f"{sent}withdraw/")["Location"] == sent
    assert VerificationRequest.objects.get().state == State.WITHDRAWN


@pytest.mark.parametrize("end", [expire, revoke])
@pytest.mark.parametrize("which", ["link", "sent"])
def test_a_link_that_is_over_withdraws_nothing(client, request, which, end):
    url = request.getfixturevalue(which)
    end()
    before = VerificationRequest.objects.values().get(), Entry.objects.count()
    answer = client.post(f"{url}withdraw/")
    assert answer.status_code == 410
    assert "has expired; nothing was changed" in answer.content.decode()
    assert "/verify-status" in answer.content.decode()
    assert (VerificationRequest.objects.values().get(), Entry.objects.count()) == before
    assert not Evidence.objects.filter(destroy_cause="withdrawn").exists()


def test_a_link_that_a_newer_one_replaced(client, link):
    opening.open_request(VerificationRequest.objects.get().member)
    assert client.post(f"{link}withdraw/").status_code == 410
    assert VerificationRequest.objects.get().state == State.OPENED


def test_the_page_offers_what_works(client, sent):
    expire()
    page = client.get(sent).content.decode()
    assert "Sent for review" in page and "/verify-status" in page
    assert "Cancel and delete" not in page


@pytest.mark.parametrize("end", [expire, revoke])
def test_no_act_below_a_link_that_is_over_changes_anything(client, link, picture, end):
    """Every route below the link: a new one is asked here by itself."""
    end()
    routes = [str(each.pattern) for each in urlpatterns]
    below = [
        route.partition("<secret:token>/")[2] for route in routes if route.startswith("verify/")
    ]
    assert {"", "withdraw/", "place/"} <= set(below)
    before = VerificationRequest.objects.values().get(), UploadLink.objects.values().get()
    for path in below:
        form = {"consent": AGREED, "picture": SimpleUploadedFile("id.jpg", picture())}
        client.post(link + path, form)
    after = VerificationRequest.objects.values().get(), UploadLink.objects.values().get()
    assert after == before and not Evidence.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_revoked_while_the_withdrawal_waits(opened):
    """The link is asked under the lock of its request, not before."""
    one, refusals = opened(), []

    def withdraw():
        try:
            opening.withdraw_by_link(one.token)
        except Exception as error:
            refusals.append(getattr(error, "code", error))
        finally:
            connection.close()

    with transaction.atomic():
        VerificationRequest.objects.select_for_update().get(pk=one.request.pk)
        thread = threading.Thread(target=withdraw)
        thread.start()
        _until_somebody_waits()
        revoke()
    thread.join()
    assert refusals == ["link_expired"]
    assert VerificationRequest.objects.get().state == State.OPENED


def _until_somebody_waits():
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    for _ in range(3000):
        with connection.cursor() as cursor:
            cursor.execute(waits)
            if cursor.fetchone()[0]:
                return
        threading.Event().wait(0.02)
    raise AssertionError("nobody waited for the request")


def test_after_an_erasure(client, link, staff):
    member = VerificationRequest.objects.get().member
    erasure.erase(member, by=staff("compliance"), reason="asked")
    assert client.post(f"{link}withdraw/").status_code == 404
