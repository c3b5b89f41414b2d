"""Uploads stand in line: one is read at a time, and each knows its place."""

import threading
import time
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from compliance import policy
from compliance.evidence import pictures
from compliance.evidence.models import Evidence
from compliance.refusals import Refusal
from compliance.uploads import line as line_module
from compliance.uploads import links
from compliance.uploads.line import Line
from compliance.uploads.models import UploadLink
from compliance.verification.models import VerificationRequest
from compliance.verification.states import State

LONG = timedelta(minutes=2)
AGREED = str(policy.CONSENT_VERSION)


def eventually(holds):
    ends_at = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < ends_at
        time.sleep(0.01)


class Sender:
    """Somebody in line, in a thread of their own, who has their turn until `go()`."""

    def __init__(self, line, key):
        self.has_turn, self._may_go = threading.Event(), threading.Event()
        self.refusal = None
        self._thread = threading.Thread(target=self._stand, args=(line, key))
        self._thread.start()

    def _stand(self, line, key):
        try:
            with line.turn(key) as turn:
                self.has_turn.set()
                self._may_go.wait()
                turn.check()
        except Refusal as refusal:
            self.refusal = refusal.code

    def may_go(self):
        self._may_go.set()

    def go(self):
        self.may_go()
        self._thread.join()


@pytest.fixture
def stand():
    """`stand(line, b"a")`: somebody who stands in line now; all leave at the end."""
    senders = []

    def one(line, key):
        sender = Sender(line, key)
        senders.append(sender)
        eventually(lambda: line.place(key) is not None or sender.refusal)
        return sender

    yield one
    for sender in senders:
        sender.may_go()
    for sender in senders:
        sender.go()


def test_it_works(stand):
    line = Line(8, LONG)
    a, b, c = (stand(line, key) for key in (b"a", b"b", b"c"))
    assert a.has_turn.wait(60)
    assert [line.place(key) for key in (b"a", b"b", b"c", b"d")] == [0, 1, 2, None]
    assert not b.has_turn.is_set() and not c.has_turn.is_set()
    a.go()
    assert b.has_turn.wait(60) and not c.has_turn.is_set()
    assert [line.place(key) for key in (b"a", b"b", b"c")] == [None, 0, 1]
    b.go()
    assert c.has_turn.wait(60)


def test_a_line_that_is_full(stand):
    line = Line(2, LONG)
    for key in (b"a", b"b", b"c"):
        stand(line, key)
    assert stand(line, b"d").refusal == "line_long"
    assert line.place(b"d") is None


def test_who_waits_too_long(stand):
    line = Line(8, timedelta(milliseconds=20))
    stand(line, b"a")
    b = stand(line, b"b")
    eventually(lambda: b.refusal == "line_long")
    assert line.place(b"b") is None


def test_whoever_sends_again_keeps_the_place(stand):
    line = Line(2, LONG)
    stand(line, b"a")
    first, other = stand(line, b"b"), stand(line, b"c")
    again = stand(line, b"b")
    eventually(lambda: first.refusal == "sent_again")
    assert (line.place(b"b"), line.place(b"c")) == (1, 2)
    assert again.refusal is None and other.refusal is None


def test_giving_up_while_one_waits(stand):
    line = Line(8, LONG)
    stand(line, b"a")
    b = stand(line, b"b")
    line.leave(b"b")
    eventually(lambda: b.refusal == "sent_again")
    assert line.place(b"b") is None


def test_giving_up_while_it_is_read(stand):
    line = Line(8, LONG)
    a = stand(line, b"a")
    assert a.has_turn.wait(60)
    line.leave(b"a")
    a.go()
    assert a.refusal == "sent_again"


def test_giving_up_where_nobody_stands():
    line = Line(8, LONG)
    line.leave(b"a")
    with line.turn(b"a") as turn:
        turn.check()


def test_an_error_lets_the_next_one_in():
    line = Line(8, LONG)
    with pytest.raises(ZeroDivisionError), line.turn(b"a"):
        raise ZeroDivisionError
    with line.turn(b"b"):
        assert line.place(b"b") == 0


# Over HTTP


def post(url, picture, client=None, **headers):
    form = {"consent": AGREED, "picture": SimpleUploadedFile("id.jpg", picture)}
    return (client or Client()).post(url, form, headers=headers, follow=True)


@pytest.fixture
def slow(monkeypatch):
    """Pictures are read when `slow.set()` says so."""
    go_on, clean = threading.Event(), pictures.clean

    def later(upload):
        assert go_on.wait(60)
        return clean(upload)

    monkeypatch.setattr(pictures, "clean", later)
    yield go_on
    go_on.set()


@pytest.fixture
def sending(picture):
    """`sending(url)`: a POST under way in a thread; `.answer` when it is answered."""
    threads = []

    class Sending:
        def __init__(self, url):
            self.answer = None
            self.thread = threading.Thread(target=self._send, args=(url,))
            threads.append(self.thread)
            self.thread.start()

        def _send(self, url):
            self.answer = post(url, picture())
            connection.close()

    yield Sending
    for thread in threads:
        thread.join()


def place(client, url):
    return client.get(f"{url}place/").json()["place"]


@pytest.mark.django_db(transaction=True)
def test_one_is_read_at_a_time_and_all_are_kept(opened, client, sending, slow):
    urls = [f"/verify/{opened().token}/" for _ in range(3)]
    posts = []
    for expected, url in enumerate(urls):
        posts.append(sending(url))
        eventually(lambda url=url, expected=expected: place(client, url) == expected)
    assert [place(client, url) for url in urls] == [0, 1, 2]
    slow.set()
    eventually(lambda: all(each.answer for each in posts))
    assert [each.answer.status_code for each in posts] == [200] * 3
    assert VerificationRequest.objects.filter(state=State.PENDING).count() == 3
    assert [place(client, url) for url in urls] == [None] * 3


@pytest.mark.django_db(transaction=True)
def test_who_waits_keeps_no_connection_from_others(opened, sending, slow, client):
    urls = [f"/verify/{opened().token}/" for _ in range(6)]
    for url in urls:
        sending(url)
        eventually(lambda url=url: place(client, url) is not None)
    pool = connection.pool.get_stats()
    in_use = pool["pool_size"] - pool["pool_available"]
    assert in_use <= 3  # this test's, the sampler's, and that of the one who is read


@pytest.mark.django_db(transaction=True)
def test_a_line_that_is_too_long(opened, client, sending, slow, picture, monkeypatch):
    monkeypatch.setattr(line_module, "uploads", Line(1, LONG))
    urls = [f"/verify/{opened().token}/" for _ in range(3)]
    for url in urls[:2]:
        sending(url)
        eventually(lambda url=url: place(client, url) is not None)
    answer = post(urls[2], picture())
    assert answer.status_code == 429
    assert answer["Retry-After"] == "30"
    assert "Try again in 30 seconds; nothing was kept" in answer.content.decode()
    as_json = post(urls[2], picture(), accept="application/json")
    assert (as_json.status_code, as_json.json()["code"]) == (429, "line_long")
    key = links.key_of(urls[2].split("/")[2])
    assert UploadLink.objects.get(token_hash=key).attempts == 0


@pytest.mark.django_db(transaction=True)
def test_giving_up_keeps_nothing(opened, client, sending, slow):
    url = f"/verify/{opened().token}/"
    sent = sending(url)
    eventually(lambda: place(client, url) == 0)
    assert client.post(f"{url}place/").json() == {"given_up": True, "round": 1}
    slow.set()
    eventually(lambda: sent.answer)
    assert sent.answer.status_code == 409
    assert not Evidence.objects.exists()
    assert VerificationRequest.objects.get().state == State.OPENED


def test_the_place_of_nobody(opened, client, django_assert_num_queries):
    url = f"/verify/{opened().token}/place/"
    with django_assert_num_queries(1):
        assert client.get(url).json() == {"place": None, "sent_at": None}
    assert client.get(url)["Cache-Control"] == "no-store"


def test_a_forged_link_has_no_place(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/verify/forged.x/place/").status_code == 404
        assert client.post("/verify/forged.x/place/").status_code == 404
    assert client.delete("/verify/forged.x/place/").status_code == 405


def test_giving_up_from_another_site(opened):
    client = Client(enforce_csrf_checks=True)
    assert client.post(f"/verify/{opened().token}/place/").status_code == 403
