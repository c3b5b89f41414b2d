"""Taking a decision back while the member goes on: neither undoes what the other did."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance import policy
from compliance.desk import sweeping
from compliance.effects import delivery
from compliance.effects.kinds import role
from compliance.effects.models import Effect
from compliance.evidence import custody
from compliance.evidence.models import Evidence
from compliance.refusals import Refusal
from compliance.uploads import opening, submission
from compliance.verification import claims, decisions, requests, status, taking_back
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.states import State


def code_of(act, *arguments, **named):
    with pytest.raises(Refusal) as refusal:
        act(*arguments, **named)
    return refusal.value.code


def test_a_denied_member_does_not_learn_it_within_the_window(revealed, ada):
    request = revealed(ada)
    decisions.deny(request.pk, moderator=ada, version=request.version, reason="altered")
    assert code_of(opening.open_request, request.member) == "waits"
    assert "being decided right now" in status.of_member(request.member_id).words


def test_an_approved_member_does_not_learn_it_within_the_window(revealed, ada):
    request = revealed(ada)
    decisions.approve(request.pk, moderator=ada, version=request.version)
    assert code_of(opening.open_request, request.member) == "waits"


def test_undo_after_the_member_sent_what_was_asked_for(revealed, ada, picture):
    request = revealed(ada)
    decision = decisions.request_more(
        request.pk, moderator=ada, version=request.version, note="The back."
    )
    token = opening.open_request(request.member).url.rstrip("/").rsplit("/", 1)[1]
    submission.submit(token, [picture()], consent_version=policy.CONSENT_VERSION)
    assert code_of(taking_back.undo, decision.pk, moderator=ada) == "undo_over"
    request.refresh_from_db()
    assert (request.state, request.evidence.filter(position__lte=2).count()) == (State.PENDING, 1)


def test_a_denied_member_begins_again_after_the_cool_down(revealed, ada, end_cool_down):
    request = revealed(ada)
    decision = decisions.deny(request.pk, moderator=ada, version=request.version, reason="altered")
    end_cool_down(decision)
    again = opening.open_request(request.member)
    assert again.is_new
    assert code_of(taking_back.undo, decision.pk, moderator=ada) == "undo_over"
    assert VerificationRequest.objects.get(pk=request.pk).state == State.DENIED


def test_a_withdrawn_request_stays_withdrawn(revealed, ada):
    request = revealed(ada)
    decision = decisions.request_more(
        request.pk, moderator=ada, version=request.version, note="The back."
    )
    requests.withdraw(request.pk)
    assert code_of(taking_back.undo, decision.pk, moderator=ada) == "undo_over"
    request.refresh_from_db()
    assert request.state == State.WITHDRAWN
    assert Decision.objects.get().undone_at is None


def test_withdrawing_what_is_overdue_for_destruction(pending):
    """The sweep is late: the worker was away."""
    request = pending()
    long_ago = timezone.now() - policy.EVIDENCE_LIFE - timedelta(hours=1)
    Evidence.objects.update(stored_at=long_ago, destroy_at=long_ago + policy.EVIDENCE_LIFE)
    requests.withdraw(request.pk)
    assert sweeping.sweep()["destroyed"] == 1
    request.refresh_from_db()
    assert request.state == State.WITHDRAWN


def test_sending_a_third_time_before_any_sweep(revealed, ada, picture):
    """The worker is away, and the member is asked for more twice."""
    request = revealed(ada)
    for _ in range(3):
        request.refresh_from_db()
        claims.claim(request.pk, ada)
        custody.reveal(request.pk, 1, ada)
        decisions.request_more(request.pk, moderator=ada, version=request.version, note="The back.")
        token = opening.open_request(request.member).url.rstrip("/").rsplit("/", 1)[1]
        submission.submit(token, [picture(), picture()], consent_version=policy.CONSENT_VERSION)
    assert sweeping.sweep()["destroyed"] == 5
    living = request.evidence.filter(destroyed_at__isnull=True)
    assert sorted(living.values_list("position", flat=True)) == [1, 2]


def test_sending_again_while_the_old_picture_is_overdue_for_destruction(
    revealed, ada, picture, end_undo_window
):
    request = revealed(ada)
    decision = decisions.request_more(
        request.pk, moderator=ada, version=request.version, note="The back."
    )
    end_undo_window(decision)
    long_ago = timezone.now() - policy.EVIDENCE_LIFE - timedelta(hours=1)
    Evidence.objects.update(stored_at=long_ago, destroy_at=long_ago + policy.EVIDENCE_LIFE)
    token = opening.open_request(request.member).url.rstrip("/").rsplit("/", 1)[1]
    submission.submit(token, [picture()], consent_version=policy.CONSENT_VERSION)
    sweeping.sweep()
    request.refresh_from_db()
    assert request.state == State.PENDING
    assert request.evidence.filter(destroyed_at__isnull=True).count() == 1


def test_undoing_an_approval_wants_an_earlier_revocation_again(revealed, ada):
    request = revealed(ada)
    role.want(request.member_id, "verified", False, cause="decision:0", not_before=timezone.now())
    delivery.failed(delivery.lease_due()[0], "The bot's role is too low.")
    approval = decisions.approve(request.pk, moderator=ada, version=request.version)
    taking_back.undo(approval.pk, moderator=ada)
    newest = Effect.objects.filter(kind="role").latest("version")
    assert (newest.state, newest.payload["present"]) == ("waiting", False)
    assert [effect.pk for effect in delivery.lease_due()] == [newest.pk]


def test_undoing_an_approval_wants_nothing_of_who_never_had_a_role(revealed, ada):
    request = revealed(ada)
    approval = decisions.approve(request.pk, moderator=ada, version=request.version)
    taking_back.undo(approval.pk, moderator=ada)
    assert set(Effect.objects.values_list("state", flat=True)) == {"superseded"}
