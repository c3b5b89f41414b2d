"""Erases a member: everything that says who they are or what was decided about them."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import get_user_model
from django.db import connection, models, transaction
from django.db.models.functions import Now

from compliance.appeals.models import Appeal
from compliance.desk.models import Claim, Escalation, WorkItem
from compliance.effects.models import Effect
from compliance.evidence import custody
from compliance.evidence.models import Evidence
from compliance.feedback import giving
from compliance.feedback.models import Mark
from compliance.members.models import Consent, Member, Subject
from compliance.moderation import forgetting
from compliance.moderation.models import Case
from compliance.providers.models import ProviderSession
from compliance.quality.models import Dispute, GoldenCase, SecondReview
from compliance.refusals import Refusal
from compliance.uploads.models import UploadLink
from compliance.verification.metrics import count
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.states import State
from compliance.verification.transitions import move
from monitoring.audit import trail
from monitoring.people import Person

# What an erasure deletes, in this order: nothing that still points at what follows is left.
ERASED: tuple[type[models.Model], ...] = (
    Claim,
    Escalation,
    WorkItem,
    Effect,
    Evidence,
    UploadLink,
    Appeal,
    ProviderSession,
    Dispute,
    SecondReview,
    GoldenCase,
    Decision,
    VerificationRequest,
    Consent,
    Mark,
    Member,
    Subject,
)


class Reason(models.TextChoices):
    """Why; a code and no words, because words would say who it was."""

    ASKED = "asked", "They asked for it"
    LAW = "law", "A law or an authority demands it"
    MISTAKE = "mistake", "It should not have been kept"


@dataclass(frozen=True)
class Erased:
    """How much went: rows by kind, requests that were still open, pictures that were still
    there. Never what."""

    rows: dict[str, int]
    withdrawn: int
    pictures: int

    def in_words(self) -> str:
        """`3 requests, 1 consent`, for people."""
        return _words(self.rows)


def count_of(member: Member) -> str:
    """In words how much an erasure would remove now."""
    found = {model._meta.label_lower: rows.count() for model, rows in _rows(member)}
    return _words(found | {Case._meta.label_lower: Case.objects.of(member.pk).count()})


def why_not(member: Member) -> Refusal | None:
    """Why this member can't be erased now.

    undo_window: a decision can still be taken back. on_staff: they may sign in here.
    """
    fresh = Decision.objects.filter(request__member=member, undone_at=None, undo_until__gt=Now())
    if fresh.exists():
        return Refusal("undo_window")
    if get_user_model().objects.filter(discord_id=member.pk, is_active=True).exists():
        return Refusal("on_staff")
    return None


@transaction.atomic
def erase(member: Member, *, by: Person, reason: str) -> Erased:
    """Remove a member and all that hangs on them, in one act; roles in Discord stay.

    Pictures are destroyed, key first, each with its proof. Of cases number, kind, reason and date
    stay, without whom they were about and what was said. The row that ties audit entries
    to the person goes, so that nobody can tell any more about whom they are. One entry says
    how much was removed, never what. Refusals: reason_missing, erased_already, undo_window,
    on_staff. Raises OSError when a picture can't be destroyed; then nothing is erased.
    """
    if reason not in Reason.values:
        raise Refusal("reason_missing")
    _hold(member)
    if not Member.everybody.filter(pk=member.pk).exists():
        raise Refusal("erased_already")
    if refusal := why_not(member):
        raise refusal
    withdrawn = _withdraw(member)
    pictures = list(
        Evidence.objects.filter(request__member=member, destroyed_at=None).select_related("request")
    )
    forgotten = forgetting.forget(member.pk)
    erased = Erased(_delete(member), withdrawn, len(pictures))
    erased.rows[Case._meta.label_lower] = forgotten
    # Files don't come back with a rollback: whatever the database may refuse, it refuses first.
    connection.check_constraints()
    for picture in pictures:
        custody.erase(picture)
    erased.rows[Subject._meta.label_lower] = Subject.objects.filter(discord_id=member.pk).delete()[
        0
    ]
    _forget_left_staff(member.pk)
    trail.record(
        "privacy.erased",
        actor=by,
        data={
            "reason": reason,
            "rows": {kind: number for kind, number in erased.rows.items() if number},
            "withdrawn": erased.withdrawn,
            "pictures_destroyed": erased.pictures,
        },
    )
    return erased


def _hold(member: Member) -> None:
    """Hold every row, in the order in which decisions and undos take theirs."""
    of_member: tuple[models.QuerySet[Any], ...] = (
        Decision.objects.filter(request__member_id=member.pk),
        VerificationRequest.objects.filter(member_id=member.pk),
        SecondReview.objects.filter(request__member_id=member.pk),
        Dispute.objects.filter(review__request__member_id=member.pk),
        Appeal.objects.filter(member_id=member.pk),
        WorkItem.objects.filter(member_id=member.pk),
        Claim.objects.filter(item__member_id=member.pk),
        Member.everybody.filter(pk=member.pk),
        Evidence.objects.filter(request__member_id=member.pk),
        Effect.objects.filter(member_id=member.pk),
    )
    for rows in of_member:
        list(rows.select_for_update(of=("self",)).order_by("pk"))


def _withdraw(member: Member) -> int:
    """End what is under way: claims end with it, and the second to decide is told."""
    open_now = list(VerificationRequest.objects.unfinished().filter(member=member))
    for request in open_now:
        move(request, State.WITHDRAWN, version=request.version)
        count("withdrawn", request.method)
    return len(open_now)


def _rows(member: Member) -> list[tuple[type[models.Model], models.QuerySet[Any]]]:
    """Each kind of row that is about the member."""
    of_request = {"request__member": member}
    filters: dict[type[models.Model], dict[str, Any]] = {
        Effect: {"member_id": member.pk},
        VerificationRequest: {"member": member},
        Consent: {"member": member},
        Appeal: {"member": member},
        Member: {"pk": member.pk},
        Subject: {"discord_id": member.pk},
        Mark: {"mark__in": giving.marks_of(member.pk)},
        Dispute: {"review__request__member": member},
        WorkItem: {"member": member},
        Claim: {"item__member": member},
        Escalation: {"item__member": member},
    }
    return [
        (model, model._base_manager.filter(**filters.get(model, of_request))) for model in ERASED
    ]


def _delete(member: Member) -> dict[str, int]:
    """Delete all but the Subject, which the proofs of destruction still need."""
    Decision.objects.filter(request__member=member).update(overrides=None, claim=None)
    removed: Counter[str] = Counter()
    for model, rows in _rows(member):
        if model is not Subject:
            for label, number in rows.delete()[1].items():
                removed[label.lower()] += number
    return dict(removed)


def _forget_left_staff(discord_id: int) -> None:
    """Whoever left the staff stays as an author in the trail, without their Discord account."""
    left = get_user_model().objects.filter(discord_id=discord_id)
    SocialAccount.objects.filter(provider="discord", uid=str(discord_id)).delete()
    left.update(discord_id=None)


def _words(rows: dict[str, int]) -> str:
    models_named: tuple[type[models.Model], ...] = (*ERASED, Case)
    names = {model._meta.label_lower: model._meta for model in models_named}
    said = [
        f"{number:,} {names[kind].verbose_name if number == 1 else names[kind].verbose_name_plural}"
        for kind, number in rows.items()
        if number and kind in names
    ]
    return ", ".join(said) or "nothing"
