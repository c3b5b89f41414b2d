"""A moderator claims, looks and decides; what the decision leaves behind."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from compliance import policy
from compliance.desk import giving_back, sweeping
from compliance.desk.models import Claim
from compliance.effects.models import Effect, EffectState
from compliance.evidence import custody
from compliance.refusals import Refusal
from compliance.verification import claims, decisions, overriding, requests, taking_back
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.states import State
from monitoring.audit.models import Entry


def code_of(act, *args, **kwargs):
    with pytest.raises(Refusal) as refusal:
        act(*args, **kwargs)
    return refusal.value.code


def test_it_works(revealed, ada):
    request = revealed(ada)
    decision = decisions.approve(request.pk, moderator=ada, version=request.version)
    request.refresh_from_db()
    assert request.state == State.APPROVED
    assert decision.undo_until - decision.decided_at == policy.UNDO_WINDOW
    assert (decision.threshold_years, decision.method) == (21, "id_document")
    assert Claim.objects.get().end_reason == Claim.End.DECIDED
    role, message = Effect.objects.order_by("kind").reverse()
    assert role.payload == {"role": "verified", "present": True}
    assert "verified" in message.payload["content"]
    assert {role.not_before, message.not_before} == {decision.undo_until}
    assert request.evidence.get().destroy_at == decision.undo_until
    assert Entry.objects.filter(action="verification.approved").count() == 1


def test_a_denial_grants_nothing_and_says_why(revealed, ada):
    request = revealed(ada)
    decisions.deny(request.pk, moderator=ada, version=request.version, reason="unreadable")
    effect = Effect.objects.get()
    assert effect.kind == "message"
    assert "could not be read" in effect.payload["content"]


def test_asking_for_more_sends_the_words(revealed, ada):
    request = revealed(ada)
    decisions.request_more(request.pk, moderator=ada, version=request.version, note="The back.")
    request.refresh_from_db()
    assert request.state == State.MORE_REQUESTED
    assert "The back." in Effect.objects.get().payload["content"]


def test_approving_unseen(pending, ada):
    request = pending()
    claims.claim(request.pk, ada)
    assert code_of(decisions.approve, request.pk, moderator=ada, version=2) == "not_revealed"
    assert not Decision.objects.exists()


def test_a_look_in_an_earlier_claim_does_not_count(revealed, ada):
    request = revealed(ada)
    claims.release(request.pk, ada)
    claims.claim(request.pk, ada)
    code = code_of(decisions.approve, request.pk, moderator=ada, version=request.version)
    assert code == "not_revealed"


def test_without_a_claim(pending, ada):
    request = pending()
    code = code_of(decisions.deny, request.pk, moderator=ada, version=2, reason="altered")
    assert code == "not_claimed"


def test_with_an_ended_lease(revealed, ada):
    request = revealed(ada)
    Claim.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    code = code_of(decisions.approve, request.pk, moderator=ada, version=request.version)
    assert code == "not_claimed"


def test_from_a_stale_page(revealed, ada):
    request = revealed(ada)
    requests.withdraw(request.pk)
    code = code_of(decisions.approve, request.pk, moderator=ada, version=request.version)
    assert code == "stale"


def test_a_second_moderator_is_told_who_decided(revealed, ada, bo):
    request = revealed(ada)
    decisions.approve(request.pk, moderator=ada, version=request.version)
    with pytest.raises(Refusal) as refusal:
        decisions.deny(request.pk, moderator=bo, version=request.version, reason="altered")
    assert refusal.value.code == "already_decided"
    assert "ada decided this already: approved" in refusal.value.sentence


def test_denying_without_a_known_reason(revealed, ada):
    request = revealed(ada)
    for reason in ("", "because", "other"):
        code = code_of(
            decisions.deny, request.pk, moderator=ada, version=request.version, reason=reason
        )
        assert code == "reason_missing"


def test_the_same_form_sent_twice_decides_once(revealed, ada):
    request = revealed(ada)
    key = uuid.uuid4()
    one = decisions.approve(request.pk, moderator=ada, version=request.version, idempotency_key=key)
    two = decisions.approve(request.pk, moderator=ada, version=request.version, idempotency_key=key)
    assert one.pk == two.pk
    assert Effect.objects.count() == 2


def test_ones_own_request(pending, ada):
    request = pending()
    ada.discord_id = request.member_id
    ada.save(update_fields=["discord_id"])
    assert code_of(claims.claim, request.pk, ada) == "own_request"


def test_a_claimed_request_is_refused_to_others(pending, ada, bo):
    request = pending()
    claims.claim(request.pk, ada)
    with pytest.raises(Refusal) as refusal:
        claims.claim(request.pk, bo)
    assert refusal.value.code == "claimed_by_other"
    assert refusal.value.details["by"] == "ada"


def test_an_expired_lease_is_taken_over(pending, ada, bo):
    request = pending()
    claims.claim(request.pk, ada)
    Claim.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    claims.claim(request.pk, bo)
    ended = Claim.objects.get(moderator=ada)
    assert ended.end_reason == Claim.End.LEASE_ENDED
    assert code_of(custody.reveal, request.pk, 1, ada) == "not_claimed"


def test_sign_out_gives_everything_back(pending, ada):
    request = pending()
    claims.claim(request.pk, ada)
    assert giving_back.at_sign_out(ada) == 1
    assert Claim.objects.get().end_reason == Claim.End.SIGNED_OUT
    assert claims.next_for(ada) == request.pk


def test_the_next_one_is_the_oldest_that_nobody_holds(pending, ada, bo):
    first, second, third = pending(), pending(), pending()
    claims.claim(first.pk, bo)
    assert claims.next_for(ada) == second.pk
    assert claims.next_for(ada, after=second.pk) == third.pk


def test_undo_takes_everything_back(revealed, ada):
    request = revealed(ada)
    decision = decisions.approve(request.pk, moderator=ada, version=request.version)
    request = taking_back.undo(decision.pk, moderator=ada)
    assert request.state == State.PENDING
    assert set(Effect.objects.values_list("state", flat=True)) == {EffectState.SUPERSEDED}
    kept = request.evidence.get()
    assert kept.destroy_at - kept.stored_at == policy.EVIDENCE_LIFE
    assert Claim.objects.get(ended_at__isnull=True).moderator == ada


def test_a_decision_after_an_undo(revealed, ada):
    request = revealed(ada)
    decision = decisions.approve(request.pk, moderator=ada, version=request.version)
    request = taking_back.undo(decision.pk, moderator=ada)
    custody.reveal(request.pk, 1, ada)
    decisions.deny(request.pk, moderator=ada, version=request.version, reason="under_age")
    request.refresh_from_db()
    assert request.state == State.DENIED
    assert Decision.objects.filter(standing=True).count() == 1


def test_undo_after_the_window(revealed, ada, end_undo_window):
    request = revealed(ada)
    decision = decisions.approve(request.pk, moderator=ada, version=request.version)
    end_undo_window(decision)
    assert code_of(taking_back.undo, decision.pk, moderator=ada) == "undo_over"


def test_undo_twice(revealed, ada):
    request = revealed(ada)
    decision = decisions.approve(request.pk, moderator=ada, version=request.version)
    taking_back.undo(decision.pk, moderator=ada)
    assert code_of(taking_back.undo, decision.pk, moderator=ada) == "already_there"


def test_undo_of_somebody_elses_decision(revealed, ada, bo):
    request = revealed(ada)
    decision = decisions.approve(request.pk, moderator=ada, version=request.version)
    assert code_of(taking_back.undo, decision.pk, moderator=bo) == "not_allowed"


def test_override_revokes_the_role(revealed, ada, staff, end_undo_window):
    request = revealed(ada)
    decision = decisions.approve(request.pk, moderator=ada, version=request.version)
    end_undo_window(decision)
    cora = staff("compliance", username="cora")
    request.refresh_from_db()
    overriding.override(
        request.pk,
        staff=cora,
        version=request.version,
        result=State.DENIED,
        reason="altered",
        note="The birth date was changed.",
    )
    newest = Effect.objects.filter(kind="role").order_by("-version").first()
    assert (newest.version, newest.payload["present"]) == (2, False)


def test_override_of_ones_own_decision(revealed, ada, end_undo_window):
    request = revealed(ada)
    decision = decisions.approve(request.pk, moderator=ada, version=request.version)
    end_undo_window(decision)
    request.refresh_from_db()
    code = code_of(
        overriding.override,
        request.pk,
        staff=ada,
        version=request.version,
        result=State.DENIED,
        reason="altered",
        note="why",
    )
    assert code == "own_decision"


def test_the_evidence_is_destroyed_after_the_window(revealed, ada, end_undo_window, evidence_dir):
    request = revealed(ada)
    decision = decisions.approve(request.pk, moderator=ada, version=request.version)
    assert sweeping.sweep()["destroyed"] == 0
    end_undo_window(decision)
    assert sweeping.sweep()["destroyed"] == 1
    assert [path for path in evidence_dir.rglob("*") if path.is_file()] == []
    proof = Entry.objects.get(action="evidence.destroyed")
    assert proof.data["cause"] == "decided"
    assert len(proof.data["ciphertext_sha256"]) == 64
    assert sweeping.sweep()["destroyed"] == 0


def test_72_hours_undecided(pending, evidence_dir):
    request = pending()
    long_ago = timezone.now() - policy.EVIDENCE_LIFE - timedelta(seconds=1)
    request.evidence.update(stored_at=long_ago, destroy_at=long_ago + policy.EVIDENCE_LIFE)
    sweeping.sweep()
    request.refresh_from_db()
    assert request.state == State.EVIDENCE_EXPIRED
    assert [path for path in evidence_dir.rglob("*") if path.is_file()] == []
    assert "destroyed undecided" in Effect.objects.get().payload["content"]


def test_an_unused_link_expires_its_request(opened):
    request = opened().request
    VerificationRequest.objects.update(expires_at=timezone.now())
    sweeping.sweep()
    request.refresh_from_db()
    assert request.state == State.EXPIRED


def test_withdrawing_destroys_the_picture(pending, evidence_dir):
    requests.withdraw(pending().pk)
    sweeping.sweep()
    assert [path for path in evidence_dir.rglob("*") if path.is_file()] == []


@pytest.mark.django_db(transaction=True)
def test_two_moderators_at_once_make_one_decision(revealed, ada, bo):
    """Ada holds the claim; Bo has taken it over just as Ada decides. One decision, ever."""
    request = revealed(ada)
    start = threading.Barrier(2)
    outcomes = []

    def approve():
        start.wait()
        try:
            decisions.approve(request.pk, moderator=ada, version=request.version)
            outcomes.append("decided")
        except Refusal as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    def take_over():
        start.wait()
        try:
            Claim.objects.filter(moderator=ada).update(expires_at=timezone.now())
            claims.claim(request.pk, bo)
            custody.reveal(request.pk, 1, bo)
            decisions.deny(request.pk, moderator=bo, version=request.version, reason="altered")
            outcomes.append("decided")
        except Refusal as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=approve), threading.Thread(target=take_over)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("decided") == 1
    assert Decision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_decides_once(revealed, ada):
    request = revealed(ada)
    key = uuid.uuid4()
    start = threading.Barrier(4)
    answers = []

    def approve():
        start.wait()
        try:
            decision = decisions.approve(
                request.pk, moderator=ada, version=request.version, idempotency_key=key
            )
            answers.append(decision.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=approve) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4 and len(set(answers)) == 1
    assert Effect.objects.count() == 2
