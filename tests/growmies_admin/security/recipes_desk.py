"""Acts of compliance: the desk, second reviews, appeals, members, what members do themselves."""

import io
import json
import re
import time
import uuid

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance import policy
from compliance.appeals import asking, deciding
from compliance.desk.models import HeldAct, WorkItem
from compliance.effects import delivery
from compliance.effects.kinds import message
from compliance.moderation import recording
from compliance.moderation.models import Source
from compliance.providers import provider, provider_calls
from compliance.providers.models import ProviderSession
from compliance.quality import second_claims, second_reviews
from compliance.quality.models import Dispute
from compliance.verification import claims, decisions, escalation
from tests.growmies_admin.security.acting import Act, House, leaves


def with_claim(house: House):
    """A request whose picture the moderator has seen in their claim."""
    return house.revealed(house.person("moderator"))


@leaves("queue_claim", "verification.claimed")
def claim(house):
    return house.act("moderator", "queue_claim", house.pending().pk)


def on_the_desk(request):
    """The request as it waits."""
    return WorkItem.objects.of("verification", request.pk).get().pk


@leaves("inbox_claim", "verification.claimed")
def claim_from_the_inbox(house):
    return house.act("moderator", "inbox_claim", on_the_desk(house.pending()))


@leaves("inbox_release", "verification.released")
def release_from_the_inbox(house):
    return house.act("moderator", "inbox_release", on_the_desk(with_claim(house)))


@leaves("queue_next", "verification.claimed")
def claim_the_next(house):
    house.pending()
    return house.act("moderator", "queue_next")


@leaves("queue_next", "verification.released")
def leave_for_the_next(house):
    return house.act("moderator", "queue_next", after=with_claim(house).pk)


@leaves("queue_release", "verification.released")
def release(house):
    return house.act("moderator", "queue_release", with_claim(house).pk)


@leaves("queue_picture", "verification.revealed")
def reveal(house):
    request = house.pending()
    claims.claim(request.pk, house.person("moderator"))
    return house.act("moderator", "queue_picture", request.pk, 1)


@leaves("queue_look_at", "verification.revealed_with_reason")
def look(house):
    return house.act("compliance", "queue_look_at", house.pending().pk, 1, reason="An appeal.")


@leaves("queue_approve", "verification.approved")
def approve(house):
    request = with_claim(house)
    return house.act("moderator", "queue_approve", request.pk, version=request.version)


@leaves("queue_deny", "verification.denied")
def deny(house):
    request = with_claim(house)
    form = {"version": request.version, "reason": "altered"}
    return house.act("moderator", "queue_deny", request.pk, **form)


@leaves("queue_more", "verification.more_requested")
def ask_for_more(house):
    request = with_claim(house)
    form = {"version": request.version, "note": "The back, please."}
    return house.act("moderator", "queue_more", request.pk, **form)


@leaves("queue_escalate", "verification.escalated")
def escalate(house):
    request = with_claim(house)
    form = {"version": request.version, "note": "Look at the edge."}
    return house.act("moderator", "queue_escalate", request.pk, **form)


def decided(house: House, reason: str = ""):
    request = with_claim(house)
    named = {"moderator": house.person("moderator"), "version": request.version}
    if reason:
        return decisions.deny(request.pk, reason=reason, **named)
    return decisions.approve(request.pk, **named)


@leaves("queue_undo", "verification.undone")
def undo(house):
    return house.act("moderator", "queue_undo", decided(house).pk)


@leaves("queue_escalation_undo", "verification.undone")
def undo_an_escalation(house):
    request = with_claim(house)
    named = {"moderator": house.person("moderator"), "version": request.version}
    row = escalation.escalate(request.pk, note="Look at the edge.", **named)
    return house.act("moderator", "queue_escalation_undo", row.pk)


@leaves("queue_override", "verification.overridden")
def override(house):
    decision = decided(house)
    house.end_undo_window(decision)
    decision.request.refresh_from_db()
    form = {"version": decision.request.version, "reason": "altered", "note": "It is altered."}
    return house.act("compliance", "queue_override", decision.request_id, **form)


def bulk(house: House, act: str, request, **form) -> Act:
    client = house.signed_in(house.person("compliance"))
    request.refresh_from_db()
    url = f"{reverse('queue_bulk')}?state={request.state}"
    shown = client.post(url, {"act": act, "request": [request.pk], "step": "preview", **form})
    sealed = re.search(r'name="sealed" value="([^"]+)"', shown.content.decode()).group(1)
    return Act(client, url, {"step": "do", "sealed": sealed, "note": "Today.", **form})


@leaves("queue_bulk", "holding.began")
def expire_many(house):
    return bulk(house, "expire", house.opened().request)


@leaves("queue_held_undo", "holding.undone")
def take_many_back(house):
    act = bulk(house, "release", with_claim(house))
    act.client.post(act.url, act.form)
    return house.act("compliance", "queue_held_undo", HeldAct.objects.get().pk)


def due_review(house: House):
    """A second review that waits, of a decision of somebody else."""
    house.drawn  # noqa: B018 - the fixture draws everything
    return house.due(house.person("moderator", "first"))


def claimed_review(house: House):
    review = due_review(house)
    second_claims.claim(review.pk, house.person("moderator"))
    return review


@leaves("second_review_claim", "second_review.claimed")
def claim_a_second_review(house):
    return house.act("moderator", "second_review_claim", due_review(house).pk)


@leaves("second_review_release", "second_review.released")
def release_a_second_review(house):
    return house.act("moderator", "second_review_release", claimed_review(house).pk)


@leaves("second_review_picture", "second_review.revealed")
def reveal_for_a_second_review(house):
    return house.act("moderator", "second_review_picture", claimed_review(house).pk, 1)


@leaves("second_review_answer", "holding.began")
def answer_a_second_review(house):
    review = claimed_review(house)
    second_reviews.reveal(review.pk, 1, house.person("moderator"))
    return house.act("moderator", "second_review_answer", review.pk, answer="approved")


def disputed(house: House) -> Dispute:
    review, second = claimed_review(house), house.person("moderator")
    second_reviews.reveal(review.pk, 1, second)
    answer = {"answer": "denied", "reason": "altered", "note": "The edge."}
    second_reviews.answer(review.pk, moderator=second, **answer)
    return Dispute.objects.get(review=review)


@leaves("dispute_settle", "second_review.settled")
def keep_what_is_disputed(house):
    form = {"resolution": "keep", "note": "A reflection."}
    return house.act("compliance", "dispute_settle", disputed(house).pk, **form)


@leaves("dispute_settle", "second_review.settled")
def override_what_is_disputed(house):
    form = {"resolution": "override", "note": "Indeed."}
    return house.act("compliance", "dispute_settle", disputed(house).pk, **form)


@leaves("quality_seed", "golden_case.seeded")
def seed(house):
    return house.act("compliance", "quality_seed")


def case_of(house: House, by: str):
    draft = recording.Draft("warn", house.pending().member_id, "spam")
    return recording.record(draft, by=house.person(by), source=Source.WEB).number


@leaves("case_record", "case.recorded")
def record_a_case(house):
    form = {"kind": "warn", "reason": "spam", "key": uuid.uuid4()}
    return house.act("moderator", "case_record", house.pending().member_id, **form)


@leaves("case_note", "case.note_added")
def add_to_a_case(house):
    return house.act("moderator", "case_note", case_of(house, "moderator"), text="Look.")


@leaves("case_overrule", "case.overruled")
def overrule_a_case(house):
    return house.act("compliance", "case_overrule", case_of(house, "moderator"), why="A joke.")


@leaves("case_take_back", "case.taken_back")
def take_a_case_back(house):
    return house.act("moderator", "case_take_back", case_of(house, "moderator"))


def appeal_of(house: House):
    decision = decided(house, "unreadable")
    house.end_cool_down(decision)
    return asking.appeal(decision.request.member_id, "It can be read.")


def decide_appeal(house: House, outcome: str) -> Act:
    appeal = appeal_of(house)
    form = {"version": appeal.version, "outcome": outcome, "note": "We looked."}
    return house.act("compliance", "appeal_decide", appeal.pk, **form)


@leaves("appeal_decide", "appeal.upheld")
def uphold(house):
    return decide_appeal(house, "upheld")


@leaves("appeal_decide", "appeal.granted")
def grant(house):
    return decide_appeal(house, "granted")


@leaves("appeal_decide", "appeal.reversed")
def reverse_a_denial(house):
    return decide_appeal(house, "reversed")


@leaves("appeal_decide", "appeal.closed")
def close_what_is_moot(house):
    act = decide_appeal(house, "moot")
    request = house.person("moderator").decisions.get().request
    form = {"version": request.version, "note": "Approved meanwhile."}
    act.client.post(reverse("queue_override", args=[request.pk]), form)
    return act


@leaves("appeal_undo", "appeal.undone")
def undo_an_appeal(house):
    appeal = appeal_of(house)
    by = house.person("compliance")
    deciding.grant(appeal.pk, staff=by, version=appeal.version, note="")
    return house.act("compliance", "appeal_undo", appeal.pk)


@leaves("member_erase", "privacy.erased")
def erase(house):
    member = house.pending().member
    form = {"typed": str(member.pk), "reason": "asked"}
    return house.act("compliance", "member_erase", str(member.pk), **form)


@leaves("effect_retry", "effect.retried")
def retry(house):
    message.want(house.member().pk, "verification", "hello", cause="x", not_before=timezone.now())
    (effect,) = delivery.lease_due()
    delivery.failed(effect, "Discord said no", 50013)
    return house.act("operator", "effect_retry", effect.pk)


# --- Members, and the provider --------------------------------------------------------------


@leaves("upload", "verification.submitted")
def send_a_picture(house):
    picture = io.BytesIO(house.picture())
    picture.name = "id.jpg"
    form = {"picture": [picture], "consent": str(policy.CONSENT_VERSION)}
    return Act(Client(), reverse("upload", args=[house.opened().token]), form)


@leaves("upload_withdraw", "verification.withdrawn")
def withdraw(house):
    return Act(Client(), reverse("upload_withdraw", args=[house.opened().token]))


@leaves("provider_callback", "verification.provider_answered")
def answer_as_the_provider(house):
    house.all_methods  # noqa: B018 - the fixture switches the provider on
    version = policy.CONSENT_VERSIONS["provider"]
    provider.hand_over(house.member(), consent_version=version)
    session = ProviderSession.objects.get()
    facts = {
        "reference": str(session.reference),
        "delivery_id": uuid.uuid4().hex,
        "result": "passed",
    }
    stamp, body = str(int(time.time())), json.dumps(facts).encode()
    signed = provider_calls.sign(settings.PROVIDER_SECRET, stamp, body)
    headers = {"X-Provider-Timestamp": stamp, "X-Provider-Signature": f"sha256={signed}"}
    more = {"content_type": "application/json", "headers": headers}
    return Act(Client(), reverse("provider_callback"), body, more)
