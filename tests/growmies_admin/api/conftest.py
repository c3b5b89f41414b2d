"""Tokens, a program that uses them, and requests that wait."""

import itertools
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from compliance import policy
from compliance.members.models import Consent, Member
from compliance.verification.models import VerificationRequest
from compliance.verification.states import State
from growmies_admin.accounts import tokens
from growmies_admin.accounts.scopes import Scope

_ids = itertools.count(1387342001234567890)


@pytest.fixture
def token(staff, ada):
    """Ada's token; `token.plain` is what a program sends."""
    root = staff("administrator", username="root")
    issued = tokens.issue("daily check", owner=ada, scopes=[Scope.QUEUE_READ], by=root)
    made, plain = tokens.open_once(issued.pk, owner=ada)
    made.plain = plain
    return made


@pytest.fixture
def ask(token):
    """A program with a token, and checks of forms as in a browser: `ask(url).json()`."""

    def get(url, data=None, plain=None, **more):
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        header = f"Bearer {token.plain if plain is None else plain}"
        return client.get(url, data, headers={"Authorization": header}, **more)

    return get


@pytest.fixture
def waiting(db):
    """Rows of requests: `waiting(3, late=timedelta(hours=1), state="escalated")`."""

    def make(count, *, late=timedelta(0), apart=timedelta(seconds=1), **fields):
        found = []
        for number in range(count):
            member = Member.objects.create(discord_id=next(_ids), username=f"member{number}")
            due_at = timezone.now() - late + apart * number
            if not late:
                due_at += policy.REVIEW_TARGET
            values = {
                "state": State.PENDING,
                "consent": Consent.objects.create(member=member, version=4),
                "submitted_at": due_at - policy.REVIEW_TARGET,
                "due_at": due_at,
                **fields,
            }
            found.append(VerificationRequest.objects.create(member=member, **values))
        return found

    return make
