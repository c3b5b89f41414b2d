"""What a link says of what was sent through it, whatever answer was lost on the way."""

import threading
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from compliance import policy
from compliance.evidence import pictures
from compliance.evidence.models import Evidence
from compliance.members.models import Consent
from compliance.refusals import Refusal
from compliance.uploads import line as line_module
from compliance.uploads import links, submission
from compliance.uploads.line import Line
from compliance.uploads.models import UploadLink
from compliance.verification import requests
from compliance.verification.models import VerificationRequest
from compliance.verification.states import State

AGREED = str(policy.CONSENT_VERSION)
JSON = {"Accept": "application/json, text/html"}


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def text(answer):
    return answer.content.decode()


@pytest.fixture
def link(opened):
    return f"/verify/{opened('fern').token}/"


@pytest.fixture
def send(link, picture):
    def post(kind="JPEG", **more):
        form = {"consent": AGREED, "picture": SimpleUploadedFile("id.jpg", picture(kind))}
        headers = more.pop("headers", {})
        return Client().post(more.pop("url", link), form | more, headers=headers, follow=True)

    return post


def what(client, link):
    return client.get(f"{link}place/").json()


def give_up(client, link):
    return client.post(f"{link}place/").json()


def test_it_works(client, link, send):
    assert what(client, link) == {"place": None, "sent_at": None}
    answer = send(headers=JSON)
    sent_at = UploadLink.objects.get().used_at.isoformat()
    assert answer.json() == {"sent_at": sent_at, "again": False}
    assert what(client, link) == {"place": None, "sent_at": sent_at}
    assert "Sent for review" in text(client.get(link))


def test_the_answer_was_lost_and_a_script_sends_once_more(client, link, send, evidence_dir):
    send()
    before = files(evidence_dir), VerificationRequest.objects.values().get()
    answer = send("PNG", headers=JSON)
    assert answer.status_code == 200
    assert answer.json()["again"] is True
    assert (files(evidence_dir), VerificationRequest.objects.values().get()) == before
    assert UploadLink.objects.get().attempts == 1
    page = text(client.get(f"{link}?said=again"))
    assert "that counts. Of what came after it nothing was kept." in page


def test_giving_up_comes_too_late(client, link, send):
    send()
    assert give_up(client, link) == {"given_up": False, "round": 0}
    assert VerificationRequest.objects.get().state == State.PENDING
    page = text(client.get(f"{link}?said=late"))
    assert "Your picture was here already when you cancelled. You can delete it below." in page
    assert "Cancel and delete" in page


def test_what_was_given_up_arrives_afterwards(client, link, send, evidence_dir):
    """As when a proxy still held it: nothing was kept, as the page said."""
    assert give_up(client, link) == {"given_up": True, "round": 1}
    answer = send(round="0", headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (409, "sent_again")
    assert files(evidence_dir) == [] and not Consent.objects.exists()
    assert VerificationRequest.objects.get().state == State.OPENED
    assert UploadLink.objects.get().attempts == 0
    assert 'name="round" value="1"' in text(client.get(link))
    assert send(round="1").status_code == 200


@pytest.mark.parametrize("said", ["", "x", "²", "-1", "9" * 400])
def test_no_round_or_nonsense(send, said):
    assert send(round=said).status_code in (200, 409)


@pytest.mark.parametrize("when", ["clean", "_keep"])
def test_given_up_at_any_moment_nothing_is_kept(
    client, link, send, evidence_dir, monkeypatch, when
):
    """Also when it is given up by another web process, which knows nothing of this line."""
    module = pictures if when == "clean" else submission
    act = getattr(module, when)

    def given_up_meanwhile(*args):
        links.give_up(link.split("/")[2])
        return act(*args)

    monkeypatch.setattr(module, when, given_up_meanwhile)
    assert send().status_code == 409
    assert files(evidence_dir) == []
    assert not Evidence.objects.exists() and not Consent.objects.exists()
    assert VerificationRequest.objects.get().state == State.OPENED


def test_a_link_that_is_over_is_given_up_without_a_trace(client, link):
    past = timezone.now() - timedelta(minutes=31)
    UploadLink.objects.update(issued_at=past, expires_at=past + policy.UPLOAD_LINK_LIFE)
    assert give_up(client, link) == {"given_up": True, "round": 0}


@pytest.mark.parametrize("state", [State.APPROVED, State.DENIED, State.MORE_REQUESTED])
def test_it_says_that_it_was_sent_and_not_what_became_of_it(client, link, send, state):
    send()
    VerificationRequest.objects.update(state=state, expires_at=None)
    pages = [text(client.get(link)), text(send("PNG"))]
    for page in pages:
        assert "Something was sent through this link." in page
        assert "/verify-status" in page
        assert "Cancel and delete" not in page and "<img" not in page
        assert state.label not in page
    assert len({page.split("<h1>")[1].split("</h1>")[0] for page in pages}) == 1


def test_who_took_it_back_reads_that(client, link, send):
    send()
    for _ in range(2):  # the first answer may have been lost
        answer = client.post(f"{link}withdraw/", follow=True)
        assert (answer.status_code, "Taken back" in text(answer)) == (200, True)
    assert "Taken back" in text(client.get(link))
    assert "Taken back" in text(send())
    assert VerificationRequest.objects.get().state == State.WITHDRAWN


def test_what_is_decided_can_not_be_taken_back_and_the_page_says_only_that(client, link, send):
    send()
    VerificationRequest.objects.update(state=State.APPROVED)
    answer = client.post(f"{link}withdraw/")
    assert answer.status_code == 409
    assert "This can&#x27;t be taken back any more; nothing was changed." in text(answer)
    assert "This link does not work" not in text(answer)


def test_loading_the_page_again_while_it_is_read(client, link, monkeypatch):
    monkeypatch.setattr(line_module, "uploads", Line(8, timedelta(minutes=1)))
    assert "data-under-way" not in text(client.get(link))
    with line_module.uploads.turn(links.key_of(link.split("/")[2])):
        page = text(client.get(link))
    assert 'data-under-way="1"' in page
    assert "is being read. Load this page again" in page


@pytest.fixture
def at_once(send):
    """`at_once(n, …)`: answers to n real POSTs of the same form at the same time."""

    def post(number, **more):
        answers, start = [], threading.Barrier(number)

        def one():
            start.wait(60)
            try:
                answers.append(send(**more))
            finally:
                connection.close()

        threads = [threading.Thread(target=one) for _ in range(number)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    return post


def assert_sent_once(evidence_dir):
    assert VerificationRequest.objects.get().state == State.PENDING
    assert (Evidence.objects.count(), Consent.objects.count()) == (1, 1)
    assert len(files(evidence_dir)) == 2  # the wrapped key and the blob of one picture


@pytest.mark.django_db(transaction=True)
def test_the_same_post_twice_at_once(client, link, at_once, evidence_dir):
    answers = at_once(4)
    assert_sent_once(evidence_dir)
    assert all(answer.status_code in (200, 409) for answer in answers)
    assert sum("counts. Of what came" not in text(a) and a.status_code == 200 for a in answers) == 1
    assert what(client, link)["sent_at"]


@pytest.mark.django_db(transaction=True)
def test_the_same_post_twice_at_once_in_two_web_processes(
    at_once, evidence_dir, monkeypatch, client, link
):
    """Each has a line of its own, so both are read: the row decides, and both say the truth."""
    both_are_read, keep = threading.Barrier(2), submission._keep

    def together(*args):
        both_are_read.wait(60)
        return keep(*args)

    monkeypatch.setattr(submission, "_keep", together)
    monkeypatch.setattr(line_module.uploads, "turn", lambda key: Line(8, timedelta(1)).turn(key))
    answers = at_once(2, headers=JSON)
    assert_sent_once(evidence_dir)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert sorted(answer.json()["again"] for answer in answers) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_giving_up_waits_for_what_is_being_accepted(opened, picture, monkeypatch):
    """Whichever is first wins, and the other one is told so: never both, never neither."""
    token, answers = opened().token, []
    accepted = requests.put_before_reviewers

    def while_the_row_is_held(*args):
        thread = threading.Thread(target=lambda: (answers.append(links.give_up(token)), close()))
        thread.start()
        thread.join(0.5)
        assert answers == []
        threads.append(thread)
        return accepted(*args)

    def close():
        connection.close()

    threads = []
    monkeypatch.setattr(requests, "put_before_reviewers", while_the_row_is_held)
    submission.submit(token, [picture()], consent_version=policy.CONSENT_VERSION)
    threads[0].join()
    assert answers[0].used_at is not None
    assert VerificationRequest.objects.get().state == State.PENDING


def test_an_erased_member(client, link):
    UploadLink.objects.all().delete()
    assert what(client, link) == {"place": None, "sent_at": None}
    assert client.post(f"{link}place/").status_code == 404
    with pytest.raises(Refusal):
        links.give_up(link.split("/")[2])
