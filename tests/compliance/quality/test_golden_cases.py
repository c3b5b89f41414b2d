"""Practice cases: like any other request to its reviewer, and without any effect."""

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from PIL import Image

from compliance import policy
from compliance.desk import sweeping
from compliance.effects.models import Effect
from compliance.evidence.models import Evidence
from compliance.members import roster
from compliance.members.models import Member
from compliance.privacy import erasure
from compliance.quality import figures, golden, golden_pictures
from compliance.quality.golden_pictures import EXPECTED, Kind
from compliance.quality.models import GoldenCase, SecondReview
from compliance.queue import listing
from compliance.refusals import Refusal
from compliance.verification import metrics, overriding, taking_back
from compliance.verification.models import VerificationRequest
from compliance.verification.states import State
from monitoring.audit.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cora):
    def make(kind=Kind.OVER_AGE):
        return golden.seed(by=cora, kind=kind)

    return make


def test_it_works(case, decide, ada):
    made = case()
    request = made.request
    request.refresh_from_db()
    assert (request.state, request.member.made_up) == (State.PENDING, True)
    decide(request, ada)
    made.refresh_from_db()
    assert (made.outcome, made.decided_by) == ("right", ada)
    assert not Evidence.objects.filter(destroyed_at=None).exists()


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_has_its_answer(case, decide, ada, kind):
    made = case(kind)
    _, reason = EXPECTED[kind]
    decide(made.request, ada, reason)
    made.refresh_from_db()
    assert made.outcome == "right"


def test_another_answer_is_wrong(case, decide, ada):
    made = case(Kind.UNDER_AGE)
    decide(made.request, ada)
    made.refresh_from_db()
    assert made.outcome == "wrong"


def test_another_reason_is_wrong(case, decide, ada):
    made = case(Kind.UNDER_AGE)
    decide(made.request, ada, "altered")
    made.refresh_from_db()
    assert made.outcome == "wrong"


def test_asking_again_for_what_is_unreadable_is_right(case, decide, ada):
    made = case(Kind.BLURRED)
    decide(made.request, ada, more=True)
    made.refresh_from_db()
    assert made.outcome == "right"


def test_nothing_hangs_on_it(case, decide, ada, django_capture_on_commit_callbacks):
    def counted():
        samples = metrics.age_verification_total.metric.collect()[0].samples
        return [s.value for s in samples if s.name.endswith("_total")]

    before = counted()
    with django_capture_on_commit_callbacks(execute=True):
        decide(case().request, ada)
        decide(case(Kind.ALTERED).request, ada, "altered")
    assert not Effect.objects.exists()
    assert counted() == before
    assert figures.figures(timezone.now() - timedelta(days=1)).decided == 0


def test_its_member_is_in_no_list(case, pending):
    pending()
    made = case()
    assert Member.objects.count() == 1
    roster.absent_since(timezone.now() + timedelta(days=1))
    made.request.member.refresh_from_db()
    assert made.request.member.in_guild, "nobody is missed who was never there"


def test_to_the_reviewer_it_is_like_any_other(case, pending, ada, sign_in):
    real, made = pending(), case()
    request = made.request
    client = sign_in(ada)
    found = [row.request.pk for row in listing.page(listing.Filters(), ada).rows]
    assert found == [real.pk, request.pk]
    assert listing.page(listing.Filters(text=request.member.username), ada).rows
    assert (
        client.get(f"/members/?q={request.member.username}")
        .content.decode()
        .count(str(request.member_id))
    )
    for url in (f"/queue/{request.pk}/", f"/members/{request.member_id}/", "/queue/", "/audit/"):
        text = client.get(url).content.decode().lower()
        assert "golden" not in text and "made up" not in text and "practice case" not in text
    text = client.get("/queue/second-reviews/").content.decode()
    assert "practice case" not in text


def test_decided_it_is_no_member_any_more(case, decide, ada, sign_in):
    request = case().request
    decide(request, ada)
    assert sign_in(ada).get(f"/members/{request.member_id}/").status_code == 404


def test_never_drawn_for_a_second_review(drawn, case):
    case()
    assert not SecondReview.objects.exists()


def test_the_record_marks_it_after_the_decision(case, decide, ada, cora):
    request = case().request
    seeded = Entry.objects.get(action="golden_case.seeded")
    assert (seeded.actor, seeded.target_id, seeded.subject_id, seeded.data) == (cora, "", None, {})
    decide(request, ada, final=False)
    assert not Entry.objects.filter(action="golden_case.judged").exists()


def test_and_says_what_was_expected(case, decide, ada):
    request = case().request
    decision = decide(request, ada)
    judged = Entry.objects.get(action="golden_case.judged")
    assert judged.target_id == str(request.pk)
    assert judged.data["expected"] == "approved" and judged.data["decision"] == decision.pk


def test_undone_it_is_judged_by_the_next_decision(case, decide, ada):
    made = case(Kind.UNDER_AGE)
    decision = decide(made.request, ada, final=False)
    taking_back.undo(decision.pk, moderator=ada)
    decide(made.request, ada, "under_age")
    made.refresh_from_db()
    assert made.outcome == "right"


def test_nobody_looked_in_72_hours(case):
    made = case()
    long_ago = timezone.now() - policy.EVIDENCE_LIFE
    Evidence.objects.update(stored_at=long_ago, destroy_at=long_ago + policy.EVIDENCE_LIFE)
    sweeping.sweep()
    made.refresh_from_db()
    assert made.outcome == "unseen"
    assert not Effect.objects.exists(), "nobody is told"


def test_no_override(case, decide, ada, cora):
    request = case().request
    decide(request, ada)
    with pytest.raises(Refusal) as refusal:
        overriding.override(
            request.pk,
            staff=cora,
            version=request.version,
            result=State.DENIED,
            reason="altered",
            note="x",
        )
    assert "practice case" in refusal.value.sentence


def test_the_reviewer_is_told_kindly_and_once(case, decide, ada, bo, sign_in):
    made = case(Kind.UNDER_AGE)
    client = sign_in(ada)
    assert client.get("/queue/quality/told/").status_code == 204
    decide(made.request, ada)
    text = client.get("/queue/quality/told/").content.decode()
    assert "was a practice case" in text and "denied (under 21)" in text
    assert sign_in(bo).get("/queue/quality/told/").status_code == 204
    client = sign_in(ada)
    client.post("/queue/quality/told/", {"case": made.pk})
    assert client.get("/queue/quality/told/").status_code == 204


def test_the_button(cora, ada, sign_in):
    assert "Seed a practice case" in sign_in(cora).get("/queue/quality/").content.decode()
    assert sign_in(cora).post("/queue/quality/seed/").status_code == 302
    assert GoldenCase.objects.get().seeded_by == cora
    assert "Seed a practice case" not in sign_in(ada).get("/queue/quality/").content.decode()


def test_the_command():
    call_command("seed_golden_cases", count=2)
    assert GoldenCase.objects.filter(seeded_by=None).count() == 2
    names = VerificationRequest.objects.values_list("member__username", flat=True)
    assert len(set(names)) == 2


def test_pictures_differ_and_are_pictures():
    drawn = [golden_pictures.draw(kind) for kind in (*Kind, *Kind)]
    assert len(set(drawn)) == len(drawn)
    for content in drawn:
        image = Image.open(io.BytesIO(content))
        assert image.format == "JPEG" and not image.getexif()


def test_erased_like_anybody(case, decide, ada, cora):
    made = case()
    decide(made.request, ada)
    erasure.erase(made.request.member, by=cora, reason="mistake")
    assert not GoldenCase.objects.exists() and not Member.everybody.exists()


def test_ones_own_figures_count_ones_own_cases(case, decide, ada, bo):
    decide(case().request, ada)
    decide(case(Kind.ALTERED).request, bo)
    golden.sweep()
    since = timezone.now() - timedelta(days=1)
    assert [figures.figures(since, who).judged for who in (ada, bo, None)] == [1, 1, 2]
