"""Takes the second factor off that somebody else has lost, and lets them know."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models.functions import Greatest
from django.utils import timezone

from growmies_admin import policy
from growmies_admin.accounts import second_factor, telling, throttle
from growmies_admin.accounts.models import Staff
from growmies_admin.accounts.staff import end_sessions
from monitoring.audit import trail
from monitoring.audit.models import Category, Entry, Severity
from monitoring.refusals import Refusal


@transaction.atomic
def reset(person: Staff, *, by: Staff) -> list[str]:
    """All of it is gone, recovery codes too; returns by what they are told (telling.py).

    They are signed out everywhere; password links that were made before and known devices end.
    Their password is enough for SECOND_FACTOR_GRACE_AFTER_RESET, so that they can add another
    one without haste. Raises Refusal for oneself (there the second factor itself is asked
    for), for whoever has left or has none, and beyond SECOND_FACTOR_RESETS.
    """
    if person.pk == by.pk:
        raise Refusal("own", "Your own is removed at Sign-in and second factor.")
    both = Staff.objects.filter(pk__in=[person.pk, by.pk])
    locked = {one.pk: one for one in both.order_by("pk").select_for_update(no_key=True)}
    person, now = locked[person.pk], timezone.now()
    if not person.is_active:
        raise Refusal("not_allowed", f"{person} is deactivated; reactivate them first.")
    _refuse_too_many(by, now)
    if not Authenticator.objects.filter(user=person).delete()[0]:
        raise Refusal("already_there", f"{person} has no second factor.")
    until = _give_grace(person, now)
    end_sessions(person)
    throttle.forget_codes(person)
    must_by = until if second_factor.is_required(person) else None
    told_by = telling.second_factor_removed(person, by=by, at=now, until=must_by)
    trail.record(
        "staff.second_factor_taken_off",
        category=Category.ACCESS,
        severity=Severity.WARNING,
        actor=by,
        target=person,
        data={"username": person.username, "told_by": told_by},
    )
    return told_by


def _give_grace(person: Staff, now: datetime) -> datetime:
    """Until when they may do without; a longer grace stays."""
    until = now + policy.SECOND_FACTOR_GRACE_AFTER_RESET
    Staff.objects.filter(pk=person.pk).update(
        grace_until=Greatest("grace_until", until), factor_reset_at=now
    )
    return max(until, person.grace_until or until)


def _refuse_too_many(by: Staff, now: datetime) -> None:
    most, within = policy.SECOND_FACTOR_RESETS
    of_late = Entry.objects.filter(actor=by, at__gt=now - within)
    if of_late.filter(action="staff.second_factor_taken_off").count() >= most:
        hours = within.total_seconds() / 3600
        raise Refusal(
            "too_many",
            f"You have reset {most} second factors within {hours:.0f} hour. Wait, or ask another "
            "administrator; if it was not you, choose another password and tell them.",
        )
