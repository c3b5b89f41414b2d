"""E-mail to teams, past Alertmanager."""

import smtplib

import pytest
from django.core import mail

from monitoring.delivery import sending
from monitoring.delivery.models import Message
from tests.monitoring.alerts.conftest import alert, deliver, nothing_queued

pytestmark = pytest.mark.django_db


def test_it_works(deliver, settings, nothing_queued):
    settings.EMAIL_IS_SET_UP = True
    settings.ALERT_EMAIL_CRITICAL = ["ops-team@growmiesnj.com"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    subject = {"annotations": {"summary": "Bot\r\nBcc: x", "description": "Down"}}
    deliver(alert(1) | subject, source="direct")
    sending.send_due()
    (sent,) = mail.outbox
    assert (sent.to, sent.from_email) == (["ops-team@growmiesnj.com"], "alerts@growmiesnj.com")
    assert sent.subject == "🔥 Bot Bcc: x (DiscordBotDown) [direct]"
    assert "Down" in sent.body and "/alerts/" in sent.body


@pytest.mark.parametrize(("code", "state"), [(451, "waiting"), (550, "failed")])
def test_a_recipient_that_is_refused_for_now_and_for_good(
    deliver, settings, monkeypatch, nothing_queued, code, state
):
    settings.EMAIL_IS_SET_UP = True
    settings.ALERT_EMAIL_CRITICAL = ["ops-team@growmiesnj.com"]

    def refuse(self, fail_silently=False):
        raise smtplib.SMTPRecipientsRefused({self.to[0]: (code, b"no")})

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    deliver(alert(1), source="direct")
    sending.send_due()
    assert Message.objects.get(channel="email").state == state


def test_of_two_recipients_one_is_refused_for_now(deliver, settings, monkeypatch, nothing_queued):
    settings.EMAIL_IS_SET_UP = True
    settings.ALERT_EMAIL_CRITICAL = ["a@growmiesnj.com", "b@growmiesnj.com"]

    def refuse(self, fail_silently=False):
        raise smtplib.SMTPRecipientsRefused({self.to[0]: (451, b"later"), self.to[1]: (550, b"no")})

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    deliver(alert(1), source="direct")
    sending.send_due()
    assert Message.objects.get(channel="email").state == "waiting"
