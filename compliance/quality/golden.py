"""Practice cases with a known answer: seeded, judged, and told to who decided them."""

import random
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from compliance.members import snowflakes
from compliance.members.models import Member
from compliance.members.roster import subject_of
from compliance.quality import golden_pictures
from compliance.quality.golden_pictures import EXPECTED, Kind
from compliance.quality.metrics import count_golden_case
from compliance.quality.models import GoldenCase
from compliance.uploads import opening, submission
from compliance.verification.models import Decision
from compliance.verification.states import DenyReason, State
from monitoring.audit import trail
from monitoring.audit.models import ActorType
from monitoring.people import Person

BATCH = 100
_FIRST = ("amber", "bramble", "cedar", "dusk", "ember", "flint", "glade", "heron", "indigo", "jade")
_LAST = ("fox", "leaf", "moth", "otter", "pine", "raven", "stone", "tide", "vale", "wren")
_UNSEEN = (State.EVIDENCE_EXPIRED, State.EXPIRED, State.WITHDRAWN)


def seed(*, by: Person | None = None, kind: Kind | None = None) -> GoldenCase:
    """Put one made-up request into the queue, by the way that every request takes.

    Of a random kind unless named; without `by` it is the command line's. Refusal store_failed.
    """
    kind = kind or secrets.choice(list(Kind))
    picture = golden_pictures.draw(kind)
    with transaction.atomic():
        member = _made_up_member()
        opened = opening.open_request(member)
        result, reason = EXPECTED[kind]
        case = GoldenCase.objects.create(
            request=opened.request, expected_result=result, expected_reason=reason, seeded_by=by
        )
        token = opened.url.rstrip("/").rsplit("/", 1)[1]
        submission.submit_drawn(token, picture)
        # Neither target nor subject: who reads the trail must not find the request by it.
        trail.record(
            "golden_case.seeded",
            actor=by,
            actor_type=None if by is not None else ActorType.SYSTEM,
        )
    return case


def sweep() -> int:
    """Judge what can't be undone any more, and close what nobody decided. Returns how many."""
    final = Decision.objects.filter(
        request=OuterRef("request"), undone_at__isnull=True, undo_until__lte=Now()
    )
    undecided = GoldenCase.objects.undecided()
    decided = undecided.filter(Exists(final)).order_by("pk")[:BATCH]
    unseen = undecided.filter(~Exists(final), request__state__in=_UNSEEN).order_by("pk")[:BATCH]
    return sum(_judge(case.pk) for case in (*decided, *unseen))


def to_tell(moderator: Person) -> QuerySet[GoldenCase]:
    """Judged cases that this person decided and has not read about yet, the oldest first."""
    return (
        GoldenCase.objects.filter(decided_by=moderator, told_at__isnull=True)
        .select_related("decision")
        .order_by("pk")
    )


def was_told(case_id: int, moderator: Person) -> bool:
    """They have read it. False when there was nothing to tell them."""
    return bool(to_tell(moderator).filter(pk=case_id).update(told_at=Now()))


def in_words(case: GoldenCase) -> str:
    """Kindly, for the one who decided it."""
    number = f"Request {case.request_id} was a practice case: nobody was concerned."
    if case.outcome == GoldenCase.Outcome.RIGHT:
        return f"{number} You decided as expected. Thank you for looking closely."
    return (
        f"{number} Expected was {expected_words(case)}. That happens to everybody; it changes "
        "nothing for any member."
    )


def expected_words(case: GoldenCase) -> str:
    """`approved`, or `denied (under 21)`."""
    if case.expected_result == State.APPROVED:
        return "approved"
    return f"denied ({DenyReason(case.expected_reason).label.lower()})"


def is_right(case: GoldenCase, decision: Decision) -> bool:
    """An unreadable picture may be denied, or asked for again."""
    if case.expected_reason == DenyReason.UNREADABLE and decision.result == State.MORE_REQUESTED:
        return True
    expected = (case.expected_result, case.expected_reason)
    return (decision.result, decision.reason) == expected


@transaction.atomic
def _judge(case_id: int) -> bool:
    case = (
        GoldenCase.objects.undecided()
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("request")
        .filter(pk=case_id)
        .first()
    )
    if case is None:
        return False
    decision = (
        case.request.decisions.filter(undone_at__isnull=True, undo_until__lte=Now())
        .order_by("pk")
        .first()
    )
    case.closed_at = timezone.now()
    if decision is None or decision.decided_by is None:
        case.outcome = GoldenCase.Outcome.UNSEEN
    else:
        case.decision, case.decided_by = decision, decision.decided_by
        right = is_right(case, decision)
        case.outcome = GoldenCase.Outcome.RIGHT if right else GoldenCase.Outcome.WRONG
    case.save(update_fields=["outcome", "closed_at", "decision", "decided_by"])
    count_golden_case(case.outcome)
    trail.record(
        "golden_case.judged",
        subject_id=subject_of(case.request.member_id),
        target=case.request,
        data={
            "golden_case": case.pk,
            "expected": case.expected_result,
            "reason": case.expected_reason,
            "decision": case.decision_id,
            "outcome": case.outcome,
        },
    )
    return True


def _made_up_member() -> Member:
    """Looks like anybody else; the flag keeps them out of every count and list."""
    chance = random.Random(secrets.randbits(64))  # noqa: S311 - looks, not secrets
    now = timezone.now()
    account_at = now - timedelta(days=chance.randint(200, 2500), seconds=chance.randint(0, 86_400))
    joined_at = now - timedelta(minutes=chance.randint(10, 3000))
    digits = chance.choice(("", str(chance.randint(2, 99))))
    name = f"{chance.choice(_FIRST)}.{chance.choice(_LAST)}{digits}"
    return Member.everybody.create(
        discord_id=snowflakes.first_of(account_at) | secrets.randbits(22),
        username=name,
        display_name=name.split(".")[0].title(),
        joined_at=joined_at,
        seen_at=joined_at,
        made_up=True,
    )
