"""E-mail to staff about their accounts: once each, tried again, and given up aloud."""

import smtplib
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from growmies_admin import policy
from growmies_admin.accounts import letters
from growmies_admin.accounts.messages import SOURCE
from growmies_admin.accounts.models import Staff
from monitoring.audit.models import Entry
from monitoring.delivery import outbox
from monitoring.delivery import sending as engine
from monitoring.delivery.models import Message, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(staff, settings):
    settings.EMAIL_IS_SET_UP = True
    ada = staff("viewer", username="ada")
    ada.email = "ada@example.org"
    ada.save(update_fields=["email"])
    return letters.write(ada, "Your second factor was removed", "An administrator did it.")


@pytest.fixture
def refusing(monkeypatch):
    """A mail server that answers with this: `refusing(421)`."""

    def answer(code):
        def send(self, fail_silently=False):
            raise smtplib.SMTPResponseException(code, b"no")

        monkeypatch.setattr(mail.EmailMessage, "send", send)

    return answer


def message(letter):
    return outbox.about(SOURCE, letter.pk).get()


def state(letter):
    return message(letter).state


def test_it_works(letter):
    assert engine.send_due() == 1
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["ada@example.org"], "Your second factor was removed")
    assert "An administrator did it." in sent.body
    assert state(letter) == State.SENT


def test_once(letter):
    engine.send_due()
    assert engine.send_due() == 0
    assert len(mail.outbox) == 1


def test_another_worker_has_it(letter):
    soon = timezone.now() + timedelta(minutes=1)
    Message.objects.update(state=State.SENDING, leased_until=soon, attempts=1)
    assert engine.send_due() == 0
    with time_machine.travel(soon + timedelta(seconds=1)):
        assert engine.send_due() == 1


def test_a_server_that_is_busy_is_asked_again_later(letter, refusing, monkeypatch):
    refusing(421)
    engine.send_due()
    assert (state(letter), message(letter).error) == (State.WAITING, "The mail server answers 421.")
    monkeypatch.undo()
    assert engine.send_due() == 0
    with time_machine.travel(timezone.now() + timedelta(seconds=2)):
        assert engine.send_due() == 1


def test_what_is_refused_is_given_up_and_told(letter, refusing):
    refusing(550)
    engine.send_due()
    assert state(letter) == State.FAILED
    entry = Entry.objects.get(action="staff.not_told")
    assert entry.severity == "warning"
    assert entry.data == {
        "username": "ada", "by": "e-mail", "why": "The mail server answers 550.",
    }  # fmt: skip


def test_tries_have_an_end(letter, refusing):
    refusing(421)
    now = timezone.now()
    for _ in range(3):
        with time_machine.travel(now, tick=False):
            engine.send_due()
        now += policy.LETTER_GIVE_UP * 0.6
    assert (state(letter), message(letter).attempts) == (State.FAILED, 3)


def test_an_address_that_is_gone(letter):
    Staff.objects.update(email="")
    engine.send_due()
    assert state(letter) == State.FAILED
    assert not mail.outbox


def test_what_is_over_goes(letter):
    engine.send_due()
    assert letters.forget_old() == 0
    with time_machine.travel(timezone.now() + policy.LETTER_RETENTION + timedelta(minutes=1)):
        assert letters.forget_old() == 1


def test_what_waits_stays(letter):
    with time_machine.travel(timezone.now() + policy.LETTER_RETENTION + timedelta(minutes=1)):
        assert letters.forget_old() == 0
