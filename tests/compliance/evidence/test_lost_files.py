"""Pictures whose files are gone although nothing destroyed them."""

import shutil

import pytest
from django.utils import timezone
from prometheus_client import REGISTRY

from compliance import policy
from compliance.desk import sweeping
from compliance.desk.models import Claim
from compliance.effects.models import Effect
from compliance.evidence import destroying, store
from compliance.evidence.models import Evidence
from compliance.evidence.tasks import sweep_orphans
from compliance.uploads import opening, submission
from compliance.verification import claims, decisions, messages, status
from compliance.verification.states import State
from monitoring.audit.models import Entry


def errors():
    labels = {"status": "error", "method": "id_document", "result": "none"}
    return REGISTRY.get_sample_value("age_verification_total", labels)


def lose(folder, picture, *kinds):
    for kind in kinds:
        (path,) = folder.rglob(f"{picture.id}{kind}")
        path.unlink()


@pytest.mark.parametrize("kinds", [(".key", ".blob"), (".key",), (".blob",)])
def test_it_works(pending, staff, evidence_dir, kinds):
    request, ada = pending(), staff("moderator", username="ada")
    picture = request.evidence.get()
    claims.claim(request.pk, ada)
    before = errors()
    lose(evidence_dir, picture, *kinds)
    assert destroying.sweep_lost() == 1
    picture.refresh_from_db()
    request.refresh_from_db()
    assert picture.destroyed_at is not None and picture.destroy_cause == Evidence.Cause.LOST
    assert not list(evidence_dir.rglob(f"{picture.id}*"))
    assert request.state == State.EVIDENCE_EXPIRED
    assert Claim.objects.get().end_reason == Claim.End.MOVED
    assert Effect.objects.get().payload == {"content": messages.EVIDENCE_LOST}
    assert errors() == before + 1
    proof = Entry.objects.get(action="evidence.destroyed")
    assert proof.data == {
        "ciphertext_sha256": bytes(picture.ciphertext_sha256).hex(),
        "cause": "lost",
        "request": request.pk,
    }
    assert Entry.objects.filter(action="verification.evidence_expired").count() == 1
    assert destroying.sweep_lost() == 0


def test_the_member_sends_it_again(pending, evidence_dir):
    request = pending()
    lose(evidence_dir, request.evidence.get(), ".key", ".blob")
    destroying.sweep_lost()
    again = opening.open_request(request.member)
    assert (again.request, again.is_new) == (request, False)
    assert "before a decision" in status.of_member(request.member_id).words


def test_what_is_whole_stays(pending):
    request = pending()
    assert destroying.sweep_lost() == 0
    request.refresh_from_db()
    assert request.state == State.PENDING


def test_half_of_what_was_sent_goes_too(opened, picture, evidence_dir):
    request = submission.submit(
        opened().token, [picture(), picture()], consent_version=policy.CONSENT_VERSION
    )
    first, second = request.evidence.order_by("position")
    lose(evidence_dir, first, ".key", ".blob")
    assert destroying.sweep_lost() == 1
    assert sweeping.sweep()["destroyed"] == 1
    second.refresh_from_db()
    assert second.destroy_cause == Evidence.Cause.LOST and not store.holds(second.id)
    assert Effect.objects.count() == 1, "the member is told once"


def test_a_decided_request_stays_decided(revealed, staff, evidence_dir):
    ada = staff("moderator", username="ada")
    request = revealed(ada)
    decisions.approve(request.pk, moderator=ada, version=request.version)
    lose(evidence_dir, request.evidence.get(), ".key", ".blob")
    assert destroying.sweep_lost() == 1
    request.refresh_from_db()
    assert request.state == State.APPROVED


def test_destroyed_in_time_is_not_lost(pending):
    pending()
    Evidence.objects.update(destroy_at=timezone.now())
    sweeping.sweep()
    assert destroying.sweep_lost() == 0
    assert Entry.objects.filter(action="evidence.destroyed").count() == 1


def test_a_disk_that_is_not_mounted_loses_nothing(pending, evidence_dir):
    request, before = pending(), errors()
    aside = evidence_dir.with_name("aside")
    shutil.move(evidence_dir, aside)
    evidence_dir.mkdir()
    assert destroying.sweep_lost() == 0
    assert errors() == before + 1
    evidence_dir.rmdir()
    shutil.move(aside, evidence_dir)
    assert destroying.sweep_lost() == 0
    request.refresh_from_db()
    assert request.state == State.PENDING


def test_the_task_looks_both_ways(pending, evidence_dir):
    lose(evidence_dir, pending().evidence.get(), ".key")
    sweep_orphans()
    assert Evidence.objects.get().destroy_cause == Evidence.Cause.LOST
