"""A denied member appeals: once a decision, after the cool-down."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from compliance import policy
from compliance.appeals.models import Appeal
from compliance.members.roster import subject_of
from compliance.refusals import Refusal
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.states import REVIEWABLE, UNFINISHED, State
from monitoring.audit import trail
from monitoring.audit.models import ActorType

NO_DENIAL = "There is no denial to appeal. /verify-status tells you where you stand."
APPEALED = "You have appealed this decision already. Somebody reads it; you'll hear from us here."
ANSWERED = (
    "Your appeal of this decision was answered already. You may type /verify to send another "
    "picture."
)


def why_not(member_id: int) -> Refusal | None:
    """Why this member can't appeal now; None when they can.

    open_request, no_denial, cooling_down (details: until), already_appealed.
    """
    try:
        _denial(member_id)
    except Refusal as refusal:
        return refusal
    return None


@transaction.atomic
def appeal(member_id: int, words: str) -> Appeal:
    """Put an appeal before the staff. Refusals: as why_not(), words_missing, words_too_many."""
    words = words.replace("\x00", "").strip()
    if not words:
        raise Refusal("words_missing", "Say in your own words why the decision is wrong, please.")
    if len(words) > policy.APPEAL_MAX_LETTERS:
        raise Refusal(
            "words_too_many", f"Keep it to {policy.APPEAL_MAX_LETTERS:,} letters, please."
        )
    decision = _denial(member_id)
    try:
        with transaction.atomic():
            row = Appeal.objects.create(
                decision=decision,
                member_id=member_id,
                decision_by=decision.decided_by,
                words=words,
            )
    except IntegrityError:  # their other /appeal was first
        raise Refusal("already_appealed", APPEALED) from None
    trail.record(
        "appeal.opened",
        actor_type=ActorType.MEMBER,
        subject_id=subject_of(member_id),
        target=row,
        data={"decision": decision.pk, "request": decision.request_id},
    )
    return row


def _denial(member_id: int) -> Decision:
    """The denial that the member may appeal now."""
    request = VerificationRequest.objects.filter(member_id=member_id).order_by("-pk").first()
    if request is not None and request.state in UNFINISHED:
        raise Refusal("open_request", _open_words(request))
    decision = None
    if request is not None and request.state == State.DENIED:
        decision = request.decisions.filter(standing=True).select_related("decided_by").first()
    if decision is None:
        raise Refusal("no_denial", NO_DENIAL)
    before = Appeal.objects.filter(decision=decision).first()
    if before is not None:
        raise Refusal("already_appealed", APPEALED if before.state == "open" else ANSWERED)
    until = max(decision.decided_at + policy.DENIAL_APPEAL_COOL_DOWN, decision.undo_until)
    if until > timezone.now():
        at = int(until.timestamp())
        raise Refusal(
            "cooling_down",
            f"You can appeal this from <t:{at}:f> on (<t:{at}:R>). Nothing is lost until then.",
            until=until.isoformat(),
        )
    return decision


def _open_words(request: VerificationRequest) -> str:
    if request.state in REVIEWABLE:
        return "You have asked again, and that request waits for a review: no appeal is needed."
    return "You have asked again: type /verify to go on with that request. No appeal is needed."
