"""Acts that happen when their undo window is over: until then nothing has to be taken back.

For what can't be taken back once it has happened: many requests at once, and an answer that
tells whoever gave it what was decided before.
"""

from collections.abc import Callable
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from compliance import policy
from compliance.desk.models import HeldAct
from compliance.refusals import Refusal
from monitoring.audit import trail
from monitoring.people import Person

log = structlog.get_logger(__name__)
BATCH = 50
_acts: dict[str, tuple[Callable[[HeldAct], str], Callable[[HeldAct], object]]] = {}


def register(
    kind: str,
    act: Callable[[HeldAct], str],
    undone: Callable[[HeldAct], object] = lambda row: None,
) -> None:
    """`act(row)` does it, and says in a sentence what came of it; it may raise Refusal.

    `undone(row)` lets go of what was kept for it.
    """
    _acts[kind] = act, undone


@transaction.atomic
def hold(kind: str, *, by: Person, subject: str, payload: dict[str, Any], words: str) -> HeldAct:
    """Keep an act for the undo window; the sweep does it then. `words` stand in its toast.

    `subject` is what the act uses up, in 64 characters at most. Refusal already_there: an act
    of this kind has used it, and was not taken back.
    """
    try:
        with transaction.atomic():
            row = HeldAct.objects.create(
                kind=kind,
                by=by,
                subject=subject,
                payload=payload,
                words=words,
                due_at=timezone.now() + policy.UNDO_WINDOW,
            )
    except IntegrityError:
        raise Refusal("already_there", "You have done this already.") from None
    trail.record("holding.began", actor=by, target=row, data={"kind": row.kind})
    return row


@transaction.atomic
def undo(held_id: int, *, by: Person) -> HeldAct:
    """Take one's own back before it happens.

    Refusals: unknown, not_allowed, already_there, undo_over.
    """
    row = HeldAct.objects.select_for_update(of=("self",)).filter(pk=held_id).first()
    if row is None:
        raise Refusal("unknown", "There is nothing of that number to take back.")
    if row.by_id != by.pk:
        raise Refusal("not_allowed", "Only whoever did it can take it back.")
    if row.undone_at is not None:
        raise Refusal("already_there")
    if row.done_at is not None or row.due_at <= timezone.now():
        raise Refusal("undo_over", "The time to undo is over.")
    _acts[row.kind][1](row)
    row.undone_at, row.payload = timezone.now(), {}
    row.save(update_fields=["undone_at", "payload"])
    trail.record("holding.undone", actor=by, target=row, data={"kind": row.kind})
    return row


def lately(person: Person, kind: str) -> QuerySet[HeldAct]:
    """What became of what this person did in the last day, the newest first, ten at most."""
    found = HeldAct.objects.filter(
        by=person, kind=kind, done_at__gt=timezone.now() - policy.HELD_ACT_LIFE
    )
    return found.order_by("-held_at")[:10]


def run_due() -> int:
    """Do what is due, the oldest first; returns how many. Forgets what was done a day ago.

    One that fails is tried again at the next sweep and keeps no other from being done.
    """
    HeldAct.objects.filter(held_at__lt=timezone.now() - policy.HELD_ACT_LIFE).over().delete()
    due = HeldAct.objects.waiting().filter(due_at__lte=Now()).order_by("pk")
    return sum(_tried(pk) for pk in list(due.values_list("pk", flat=True)[:BATCH]))


def run_at_sign_out(person: Person) -> int:
    """Do what a person has held, before their claims are given back; returns how many.

    One that fails keeps nobody from signing out; the sweep tries it again.
    """
    held = HeldAct.objects.waiting().filter(by=person).order_by("pk")
    return sum(_tried(pk) for pk in held.values_list("pk", flat=True))


def _tried(held_id: int) -> bool:
    try:
        return _run(held_id)
    except Exception:
        log.exception("held_act_failed", held_act=held_id)
        return False


@transaction.atomic
def _run(held_id: int) -> bool:
    """Once, whoever else sweeps; an act that is refused by now leaves the sentence why."""
    row = (
        HeldAct.objects.waiting()
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("by")
        .filter(pk=held_id)
        .first()
    )
    if row is None:
        return False
    data = {"kind": row.kind}
    try:
        with transaction.atomic():
            row.outcome = _acts[row.kind][0](row)
            trail.record("holding.done", actor=row.by, target=row, data=data)
    except Refusal as refusal:
        row.outcome = f"Nothing was done: {refusal.sentence}"
        data["reason"] = refusal.code
        trail.record("holding.refused", actor=row.by, target=row, data=data)
    row.done_at, row.payload = timezone.now(), {}
    row.save(update_fields=["done_at", "outcome", "payload"])
    return True
