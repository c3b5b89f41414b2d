"""What each act of test_nobody_decides_their_own.py needs before it, made by others."""

import re
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from compliance.appeals import asking, deciding
from compliance.appeals.models import Appeal
from compliance.desk import sweeping
from compliance.desk.models import Claim, Escalation, WorkItem
from compliance.effects.models import Effect
from compliance.evidence import custody
from compliance.evidence.models import Evidence
from compliance.moderation import recording
from compliance.moderation.models import Case, CaseNote, Overruling, Source
from compliance.quality import second_claims, second_reviews
from compliance.quality.models import Dispute, SecondReview
from compliance.uploads import opening
from compliance.verification import claims, decisions, escalation
from compliance.verification.models import Decision, VerificationRequest
from growmies_admin.accounts.models import ApiToken
from monitoring.audit.models import Entry

REQUEST, DECISION, APPEAL, TOKEN = "own request", "own decision", "own appeal", "own token"


@dataclass
class World:
    """What an act needs, made by others; `mia` is the one who tries."""

    mia: Any
    ada: Any
    bo: Any
    pending: Any
    opened: Any
    end_cool_down: Any
    client: Any
    member_id: int = 0
    made: dict[str, Any] = field(default_factory=dict)

    def post(self, act, /, *args, **form):
        return self.client.post(reverse(act, args=args), form)

    # --- what is there ------------------------------------------------------
    def waits(self, by=None):
        """A request that waits; with `by` they had decided about it, and it was sent again."""
        request = self.pending()
        if by is not None:
            self.held(request, by)
            named = {"moderator": by, "version": request.version}
            decision = decisions.request_more(request.pk, note="The back.", **named)
            Decision.objects.filter(pk=decision.pk).update(
                standing=False, undo_until=timezone.now()
            )
            VerificationRequest.objects.filter(pk=request.pk).update(
                state="pending", expires_at=None
            )
            Evidence.objects.update(destroy_at=timezone.now() + timedelta(hours=1))
            request.refresh_from_db()
        return self.about(request)

    def held(self, request, by):
        claims.claim(request.pk, by)
        custody.reveal(request.pk, 1, by)
        return request

    def denied(self, by):
        request = self.about(self.held(self.pending(), by))
        decision = decisions.deny(
            request.pk, moderator=by, version=request.version, reason="unreadable"
        )
        self.end_cool_down(decision)
        sweeping.sweep()
        decision.refresh_from_db()
        request.refresh_from_db()
        return decision

    def due(self, by):
        self.denied(by)
        return SecondReview.objects.get()

    def disputed(self, first, second):
        review = self.due(first)
        second_claims.claim(review.pk, second)
        second_reviews.reveal(review.pk, 1, second)
        second_reviews.answer(review.pk, moderator=second, answer="approved")
        return Dispute.objects.get()

    def appealed(self, by):
        return asking.appeal(self.denied(by).request.member_id, "It can be read.")

    def about(self, request):
        self.member_id = request.member_id
        return request

    def link(self):
        """From now on mia is the member: their Discord account is hers."""
        self.mia.discord_id = self.member_id
        self.mia.save(update_fields=["discord_id"])


def _claimable(act, world, own):
    request = world.waits(world.mia if own == DECISION else None)
    held = act not in ("queue_claim", "queue_look_at")
    if held:
        world.held(request, world.mia)
    version = request.version
    form = {
        "queue_deny": {"version": version, "reason": "altered"},
        "queue_more": {"version": version, "note": "The back."},
        "queue_approve": {"version": version},
        "queue_escalate": {"version": version, "note": "Look.", "to": "ada"},
        "queue_look_at": {"reason": "A complaint."},
        "queue_sign": {"state": "visible"},
    }.get(act, {})
    args = (request.pk, 1) if act in ("queue_picture", "queue_look_at") else (request.pk,)
    return lambda: world.post(act, *args, **form)


def _override(act, world, own):
    request = world.denied(world.mia if own == DECISION else world.ada).request
    SecondReview.objects.all().delete()
    return lambda: world.post(act, request.pk, version=request.version, note="Seen.")


def _undo(act, world, own):
    request = world.held(world.waits(), world.mia)
    decision = decisions.deny(
        request.pk, moderator=world.mia, version=request.version, reason="altered"
    )
    return lambda: world.post(act, decision.pk)


def _undo_escalation(act, world, own):
    request = world.held(world.waits(), world.mia)
    row = escalation.escalate(
        request.pk, moderator=world.mia, version=request.version, note="Look."
    )
    return lambda: world.post(act, row.pk)


def _next(act, world, own):
    world.waits(world.mia if own == DECISION else None)
    return lambda: world.post(act)


def _bulk(act, world, own):
    what = act.split()[1]
    if what == "expire":
        request = world.about(world.opened().request)
    else:
        request = world.waits(world.mia if own == DECISION else None)
    if what == "release":
        claims.claim(request.pk, world.ada)

    def drive():
        form = {"step": "preview", "act": what, "request": request.pk, "to": "ada"}
        state = "?state=opened" if what == "expire" else ""
        page = world.client.post(f"/queue/bulk/{state}", form)
        sealed = re.search(r'name="sealed" value="([^"]+)"', page.content.decode())[1]
        world.client.post("/queue/bulk/", {"step": "do", "sealed": sealed, "note": "Yours."})
        return page

    return drive


def _second(act, world, own):
    review = world.due(world.mia if own == DECISION else world.ada)
    if act != "second_review_claim":
        second_claims.claim(review.pk, world.mia)
        second_reviews.reveal(review.pk, 1, world.mia)
    args = (review.pk, 1) if act == "second_review_picture" else (review.pk,)
    form = {"answer": "approved"} if act == "second_review_answer" else {}
    return lambda: world.post(act, *args, **form)


def _inbox_claim(act, world, own):
    name, kind = act.split()
    by = world.mia if own == DECISION else world.ada
    made = {
        "verification": lambda: world.waits(world.mia if own == DECISION else None),
        "second_review": lambda: world.due(by),
        "dispute": lambda: world.disputed(by, world.bo),
        "appeal": lambda: world.appealed(by),
    }[kind]()
    if kind == "appeal":
        SecondReview.objects.all().delete()
    item = WorkItem.objects.of(kind, made.pk).get()
    return lambda: world.post(name, item.pk)


def _inbox_release(act, world, own):
    request = world.held(world.waits(), world.mia)
    item = WorkItem.objects.of("verification", request.pk).get()
    return lambda: world.post(act, item.pk)


def _settle(act, world, own):
    name, how = act.split()
    dispute = world.disputed(world.mia if own == DECISION else world.ada, world.bo)
    return lambda: world.post(name, dispute.pk, resolution=how, note="Seen again.")


def _appeal(act, world, own):
    name, outcome = act.split()
    appeal = world.appealed(world.mia if own == DECISION else world.ada)
    SecondReview.objects.all().delete()
    if outcome == "moot":
        opening.open_request(appeal.member)
    return lambda: world.post(name, appeal.pk, outcome=outcome, version=1, note="Read.")


def _appeal_undo(act, world, own):
    appeal = world.appealed(world.ada)
    SecondReview.objects.all().delete()
    deciding.grant(appeal.pk, staff=world.mia, version=1)
    return lambda: world.post(act, appeal.pk)


def _erase(act, world, own):
    request = world.waits()
    form = {"typed": request.member_id, "reason": "asked"}
    return lambda: world.post(act, request.member_id, **form)


def _record(act, world, own):
    request = world.waits()
    form = {"kind": "warn", "reason": "spam", "key": uuid.uuid4()}
    return lambda: world.post(act, request.member_id, **form)


def _on_a_case(act, world, own):
    request = world.waits()
    by = world.mia if own == DECISION or act == "case_take_back" else world.ada
    draft = recording.Draft("warn", request.member_id, "spam")
    case = recording.record(draft, by=by, source=Source.WEB)
    return lambda: world.post(act, case.number, why="A joke.", text="Look.")


def _token(act, world, own):
    form = {"name": "mine", "owner": world.mia.pk, "scopes": "queue:read", "days": 30}
    return lambda: world.post(act, **form)


def _revoke(act, world, own):
    now = timezone.now()
    token = ApiToken.objects.create(
        name="mine", owner=world.mia, scopes=["queue:read"], token_hash=b"x" * 32, prefix="gma_x",
        expires_at=now + timedelta(days=1),
    )  # fmt: skip
    return lambda: world.post(act, token.pk)


PREPARED = {
    "queue_override": _override,
    "queue_undo": _undo,
    "queue_escalation_undo": _undo_escalation,
    "queue_next": _next,
    "queue_bulk": _bulk,
    "second_review": _second,
    "inbox_claim": _inbox_claim,
    "inbox_release": _inbox_release,
    "dispute_settle": _settle,
    "appeal_decide": _appeal,
    "appeal_undo": _appeal_undo,
    "member_erase": _erase,
    "case_record": _record,
    "case_": _on_a_case,
    "staff_tokens": _token,
    "staff_token_revoke": _revoke,
    "queue": _claimable,
}


def drive(act, world, own):
    """Prepare what the act needs; return what does it."""
    prepare = next(made for name, made in PREPARED.items() if act.startswith(name))
    return prepare(act, world, own)


def everything():
    """All that an act could change, but presence and sessions."""
    models = (
        VerificationRequest, Claim, Decision, Escalation, SecondReview, WorkItem,
        Dispute, Appeal, Effect, ApiToken, Case, CaseNote, Overruling, Entry,
    )  # fmt: skip
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
