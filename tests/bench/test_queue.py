"""The desk does not slow down with history: a million requests, twenty thousand of them open."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bench.conftest import median_of

FIRST = 1_187_342_001_234_567_890
FEW, MANY, OPEN = 1_000, 1_000_000, 20_000


def fill(first: int, last: int, open_to: int) -> None:
    """Requests number `first` to `last`, a member each; open are those up to `open_to`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO members_member (discord_id, username, display_name, in_guild,"
            " has_verified_role, joined_at, seen_at)"
            " SELECT %s + g, 'member' || g, '', true, false, now(), now()"
            " FROM generate_series(%s, %s) g",
            [FIRST, first, last],
        )
        cursor.execute(
            "INSERT INTO verification_verificationrequest (member_id, method, state, version,"
            " opened_at, submitted_at, due_at, state_since)"
            " SELECT %s + g, 'in_person', CASE WHEN g <= %s THEN 'pending' ELSE 'approved' END, 2,"
            " now() - g * interval '1 second', now() - g * interval '1 second',"
            " now() - g * interval '1 second' + interval '4 hours', now()"
            " FROM generate_series(%s, %s) g",
            [FIRST, open_to, first, last],
        )
        cursor.execute("ANALYZE members_member, verification_verificationrequest")


@pytest.mark.django_db
def test_the_queue_page(staff: Any, say: Callable[..., None]) -> None:
    client = Client()
    client.force_login(
        staff("moderator"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )

    def page() -> None:
        assert client.get("/queue/").status_code == 200

    fill(1, FEW, FEW)
    few = median_of(page)
    fill(FEW + 1, MANY, OPEN)
    many = median_of(page)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        page()
    say(
        "queue page with 1,000,000 requests, times that with 1,000",
        many / few,
        "1.3 at most",
        f"{many * 1000:.1f} ms and {few * 1000:.1f} ms, median of 40; {len(captured)} queries",
    )
    assert many / few <= 1.3
    assert len(captured) <= 12


@pytest.mark.django_db
def test_a_later_page(staff: Any, say: Callable[..., None]) -> None:
    """By keyset: the last page costs what the first one costs."""
    from compliance.verification import queue
    from compliance.verification.models import VerificationRequest

    moderator = staff("moderator")
    fill(1, MANY // 10, OPEN)
    newest = VerificationRequest.objects.reviewable().order_by("-due_at", "-id")[200]
    first = median_of(lambda: queue.page(queue.Filters(), moderator))
    last = median_of(lambda: queue.page(queue.Filters(after=queue._cursor(newest)), moderator))
    say(
        "the last page of 20,000 open requests, times the first",
        last / first,
        "1.3 at most",
        f"{last * 1000:.1f} ms and {first * 1000:.1f} ms",
    )
    assert last / first <= 1.3
