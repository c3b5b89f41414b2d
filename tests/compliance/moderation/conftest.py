"""Cases, recorded as the site does it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from compliance.moderation import recording
from compliance.moderation.models import Source


@pytest.fixture
def fern(member):
    """A member."""
    return member("fern")


@pytest.fixture
def case(fern):
    """`case(ada)` warns fern; `case(ada, "note", note="Look.")`."""

    def make(by, kind="warn", reason="spam", of=None, key=None, **draft):
        about = recording.Draft(kind, (of or fern).pk, reason, **draft)
        return recording.record(about, by=by, source=Source.WEB, key=key)

    return make


@pytest.fixture
def later():
    """Moves a case, and what waits for it, past its undo window: no trigger looks."""
    from compliance.effects.models import Effect

    def move(row):
        past = timezone.now() - timedelta(seconds=1)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(
                "UPDATE moderation_case SET undo_until = %s, decided_at = %s WHERE number = %s",
                [past, past - timedelta(seconds=10), row.number],
            )
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        Effect.objects.filter(cause=row.cause).update(not_before=past)
        row.refresh_from_db()
        return row

    return move
