"""Acts on displays that are paired: change, revoke, end those that nobody sees any more."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from growmies_admin import policy
from growmies_admin.accounts.models import Staff
from growmies_admin.displays.models import Board, Display, Ending
from monitoring.audit import trail
from monitoring.audit.models import Category
from monitoring.refusals import Refusal


@transaction.atomic
def change(display: Display, *, name: str, board: str, by: Staff) -> bool:
    """Another name or board; the screen follows at its next refresh. False when nothing is new.

    Raises Refusal for a display that has ended and for a name that another one has.
    """
    held = Display.objects.select_for_update().get(pk=display.pk)
    if held.ended_at is not None:
        raise Refusal("over", f"{held} has ended; pair the screen again.")
    before = {"name": held.name, "board": held.board}
    after = {"name": name, "board": str(Board(board))}
    if after == before:
        return False
    held.name, held.board = name, after["board"]
    try:
        with transaction.atomic():
            held.save(update_fields=["name", "board"])
    except IntegrityError as error:
        raise Refusal("taken", name_taken(name)) from error
    data = {"before": before, "after": after}
    trail.record("display.changed", category=Category.ACCESS, actor=by, target=held, data=data)
    return True


@transaction.atomic
def revoke(display: Display, *, by: Staff, reason: str) -> bool:
    """It sees nothing from now on, and says so at its next refresh.

    False when it has ended already. The reason is for people and the trail, not for the screen.
    """
    if not reason:
        raise Refusal("words_missing", "Say why.")
    revoked = (
        Display.objects.live()
        .filter(pk=display.pk)
        .update(ended_at=timezone.now(), ending=Ending.REVOKED, ended_by=by, reason=reason)
    )
    if revoked:
        data = {"name": display.name, "board": display.board, "reason": reason}
        trail.record(
            "display.revoked", category=Category.ACCESS, actor=by, target=display, data=data
        )
    return bool(revoked)


def end_unseen(*, only: Display | None = None, now: datetime | None = None) -> int:
    """Displays without a sign of life for too long lose their access; returns how many."""
    now = now or timezone.now()
    unseen = Display.objects.unseen(now)
    if only is not None:
        if (only.last_seen_at or only.paired_at) > now - policy.DISPLAY_UNSEEN_LIFE:
            return 0
        unseen = unseen.filter(pk=only.pk)
    return sum(_end_unseen(display, now) for display in unseen)


@transaction.atomic
def _end_unseen(display: Display, now: datetime) -> bool:
    ended = Display.objects.unseen(now).filter(pk=display.pk)
    if not ended.update(ended_at=now, ending=Ending.UNSEEN):
        return False
    seen = display.last_seen_at
    data = {"name": display.name, "last_seen_at": seen.isoformat() if seen else None}
    trail.record("display.ended", category=Category.ACCESS, target=display, data=data)
    return True


def name_taken(name: str) -> str:
    return f"There is a display named {name} already; choose another name."
