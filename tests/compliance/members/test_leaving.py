"""Who left, and when: as it was first known."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.members import roster
from compliance.members.models import Member

pytestmark = pytest.mark.django_db


def test_a_scan_finds_who_is_gone(member):
    fern, moss = member("fern"), member("moss")
    Member.objects.filter(pk=fern.pk).update(seen_at=timezone.now() - timedelta(hours=1))
    assert roster.absent_since(timezone.now() - timedelta(minutes=1)) == 1
    fern.refresh_from_db(), moss.refresh_from_db()
    assert (fern.in_guild, moss.in_guild) == (False, True)


def test_who_left_before_left_then(member):
    fern, then = member("fern"), timezone.now() - timedelta(days=3)
    Member.objects.filter(pk=fern.pk).update(in_guild=False, left_at=then, seen_at=then)
    assert roster.absent_since(timezone.now()) == 0
    fern.refresh_from_db()
    assert fern.left_at == then
