"""The desk over HTTP: claim, reveal, decide, undo; what a moderator is told when refused."""

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance.desk.models import Claim
from compliance.effects.models import Effect, EffectState
from compliance.verification import claims, decisions, requests
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.states import State
from monitoring.audit.models import Entry
from tests.pages import in_one_line

HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(ada, sign_in):
    return sign_in(ada)


def post(client, act, request, position=None, **form):
    arguments = [request.pk] if position is None else [request.pk, position]
    return client.post(reverse(f"queue_{act}", args=arguments), form)


def text(answer):
    return answer.content.decode()


def decided(request):
    return Decision.objects.filter(request=request).count()


def test_it_works(pending, desk, ada):
    request = pending("fern")
    assert post(desk, "claim", request)["Location"] == f"/queue/{request.pk}/"
    page = text(desk.get(f"/queue/{request.pk}/"))
    assert "fern" in page and "Yours for" in page
    assert post(desk, "picture", request, 1).content.startswith(b"\xff\xd8\xff")
    answer = post(desk, "approve", request, version=request.version, key=uuid.uuid4())
    assert answer["Location"] == "/queue/"
    assert Decision.objects.get().decided_by == ada
    request.refresh_from_db()
    assert request.state == State.APPROVED


def test_htmx_gets_the_item_alone(pending, desk):
    request = pending("fern")
    answer = desk.post(reverse("queue_claim", args=[request.pk]), headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in text(answer)
    assert answer["HX-Push-Url"] == f"/queue/{request.pk}/"
    assert answer["HX-Trigger"] == "queuechanged"


def test_deciding_opens_the_next_one_with_an_undo(revealed, pending, desk, ada):
    first, second = revealed(ada, "fern"), pending("moss")
    answer = desk.post(
        reverse("queue_approve", args=[first.pk]), {"version": first.version}, headers=HTMX
    )
    assert "Approved fern. Role follows in" in text(answer)
    assert reverse("queue_undo", args=[Decision.objects.get().pk]) in text(answer)
    assert answer["HX-Push-Url"] == f"/queue/{second.pk}/"
    assert Claim.objects.on("verification", second.pk).get().moderator == ada


def test_denying_by_its_form(revealed, desk, ada):
    request = revealed(ada)
    post(desk, "deny", request, version=request.version, reason="altered")
    assert Decision.objects.get().reason == "altered"


def test_asking_for_more_by_its_form(revealed, desk, ada):
    request = revealed(ada)
    post(desk, "more", request, version=request.version, note="The back, please.")
    assert Decision.objects.get().note == "The back, please."


def test_the_facts_say_which_birth_date_is_old_enough(pending, desk):
    request = pending()
    today = timezone.localdate()
    page = in_one_line(desk.get(f"/queue/{request.pk}/"))
    born = f"{today.day} {today:%b} {today.year - 21}"
    assert re.search(f"Born on or before</dt> <dd> ?{born}", page)


def test_a_page_from_before_the_decision(revealed, desk, ada, bo):
    request = revealed(bo)
    decisions.deny(request.pk, moderator=bo, version=request.version, reason="altered")
    answer = post(desk, "approve", request, version=request.version)
    assert answer.status_code == 409
    assert "bo decided this already: denied." in text(answer)
    assert decided(request) == 1


def test_a_page_from_before_the_member_withdrew(revealed, desk, ada):
    request = revealed(ada)
    requests.withdraw(request.pk)
    answer = post(desk, "approve", request, version=request.version)
    assert answer.status_code == 409
    assert "This request has changed since you opened it: it is withdrawn now." in text(answer)


def test_the_same_form_sent_twice_decides_once(revealed, desk, ada):
    request = revealed(ada)
    form = {"version": request.version, "key": uuid.uuid4()}
    for _ in range(2):
        assert post(desk, "approve", request, **form).status_code == 302
    assert decided(request) == 1
    assert Entry.objects.filter(action="verification.approved").count() == 1


def test_the_key_of_one_request_does_not_decide_another(revealed, desk, ada):
    first, second = revealed(ada), revealed(ada)
    key = uuid.uuid4()
    post(desk, "approve", first, version=first.version, key=key)
    answer = post(desk, "approve", second, version=second.version, key=key)
    assert answer.status_code == 409
    assert decided(second) == 0


def test_approving_unseen(pending, desk, ada):
    request = pending()
    claims.claim(request.pk, ada)
    answer = post(desk, "approve", request, version=request.version)
    assert answer.status_code == 422
    assert "Reveal the picture first: nobody decides unseen." in text(answer)
    assert decided(request) == 0


def test_denying_without_a_reason(revealed, desk, ada):
    request = revealed(ada)
    for form in ({}, {"reason": "because"}, {"reason": "other", "note": "  "}):
        answer = post(desk, "deny", request, version=request.version, **form)
        assert answer.status_code == 422
        assert "Say why, in words." in text(answer)
    assert decided(request) == 0


def test_asking_for_more_without_words(revealed, desk, ada):
    request = revealed(ada)
    answer = post(desk, "more", request, version=request.version, note=" ")
    assert answer.status_code == 422
    assert "Say what the member should send." in text(answer)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"version": "two"},
        {"version": "²"},
        {"version": "2", "key": "not-a-uuid"},
        {"version": "9" * 5000},
    ],
)
def test_a_damaged_form(revealed, desk, ada, form):
    request = revealed(ada)
    answer = post(desk, "approve", request, **form)
    assert answer.status_code == 422
    assert "This form is damaged. Open the page again." in text(answer)
    assert decided(request) == 0


def test_words_with_a_character_that_no_database_keeps(revealed, desk, ada):
    request = revealed(ada)
    answer = post(desk, "more", request, version=request.version, note="The\x00 back.")
    assert answer.status_code == 422
    assert "Traceback" not in text(answer)


@pytest.mark.parametrize("act", ["claim", "renew", "release", "approve", "deny", "more"])
def test_acts_are_never_a_get(pending, desk, act):
    request = pending()
    assert desk.get(reverse(f"queue_{act}", args=[request.pk])).status_code == 405
    assert not Claim.objects.exists()


def test_a_picture_is_never_a_get(revealed, desk, ada):
    request = revealed(ada)
    assert desk.get(reverse("queue_picture", args=[request.pk, 1])).status_code == 405


def test_pages_are_never_a_post(pending, desk):
    for url in ("/queue/", "/queue/rows/", f"/queue/{pending().pk}/"):
        assert desk.post(url).status_code == 405


@pytest.mark.parametrize("number", ["99999999", "99999999999999999999999"])
def test_an_unknown_request(pending, desk, number):
    answer = desk.get(f"/queue/{number}/")
    assert answer.status_code == 404
    assert "There is no request of that number." in text(answer)
    assert desk.post(f"/queue/{number}/claim/").status_code == 409
    assert desk.post(f"/queue/{number}/approve/", {"version": 1}).status_code == 409


def test_an_unknown_decision(desk):
    answer = desk.post(reverse("queue_undo", args=[99999999]))
    assert answer.status_code == 404
    assert "There is no such decision." in text(answer)


def test_a_request_that_somebody_else_holds(pending, desk, bo):
    request = pending()
    claims.claim(request.pk, bo)
    answer = post(desk, "claim", request)
    assert answer.status_code == 409
    assert "bo is working on this." in text(answer)
    assert 'id="approve"' not in text(answer)
    assert Claim.objects.get().moderator == bo


def test_a_request_that_waits_no_more(pending, desk):
    request = pending()
    requests.withdraw(request.pk)
    answer = post(desk, "claim", request)
    assert answer.status_code == 409
    assert "doesn&#x27;t wait for a review any more" in text(answer)


def test_ones_own_request(pending, desk, ada):
    request = pending()
    ada.discord_id = request.member_id
    ada.save(update_fields=["discord_id"])
    answer = post(desk, "claim", request)
    assert answer.status_code == 403
    assert "You can&#x27;t review your own request." in text(answer)


def test_a_picture_is_not_kept_by_anybody_on_the_way(revealed, desk, ada):
    answer = post(desk, "picture", revealed(ada), 1)
    assert answer["Content-Type"] == "image/jpeg"
    assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", "))
    assert answer["Content-Disposition"] == "inline"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_picture_for_its_claimant_only(revealed, desk, bo):
    request = revealed(bo)
    looks = Entry.objects.filter(action="verification.revealed")
    before = looks.count()
    answer = post(desk, "picture", request, 1)
    assert answer.status_code == 409
    assert b"\xff\xd8\xff" not in answer.content
    assert looks.count() == before


def test_each_look_is_recorded(revealed, desk, ada):
    request = revealed(ada)
    before = Entry.objects.filter(action="verification.revealed").count()
    post(desk, "picture", request, 1)
    post(desk, "picture", request, 1)
    assert Entry.objects.filter(action="verification.revealed").count() == before + 2


def test_a_picture_that_is_not_there(revealed, desk, ada):
    answer = post(desk, "picture", revealed(ada), 2)
    assert answer.status_code == 410
    assert text(answer) == "The picture has been destroyed."


def test_a_picture_whose_file_is_damaged(revealed, desk, ada, evidence_dir):
    request = revealed(ada)
    (blob,) = evidence_dir.rglob("*.blob")
    blob.write_bytes(blob.read_bytes()[:-1] + b"x")
    answer = post(desk, "picture", request, 1)
    assert answer.status_code == 503
    assert "Ask the member for a new one" in text(answer)


def test_no_page_carries_the_picture(revealed, desk, ada, evidence_dir):
    request = revealed(ada)
    page = desk.get(f"/queue/{request.pk}/")
    assert "<img" not in text(page)
    assert "data:image" not in text(page)


def test_renewing(pending, desk, ada):
    request = pending()
    claims.claim(request.pk, ada)
    soon = timezone.now() + timedelta(seconds=5)
    Claim.objects.update(expires_at=soon, lease_until=soon)
    answer = post(desk, "renew", request)
    until = Claim.objects.get().expires_at
    assert (answer.status_code, text(answer)) == (200, until.isoformat())
    assert until > timezone.now() + timedelta(minutes=9)


def test_renewing_what_one_does_not_hold(pending, desk, bo):
    request = pending()
    claims.claim(request.pk, bo)
    assert post(desk, "renew", request).status_code == 409


def test_releasing(pending, desk, ada):
    request = pending()
    claims.claim(request.pk, ada)
    assert post(desk, "release", request)["Location"] == "/queue/"
    assert Claim.objects.get().end_reason == Claim.End.RELEASED


def test_the_next_one(pending, desk, ada):
    first, second = pending(), pending()
    assert desk.post("/queue/next/")["Location"] == f"/queue/{first.pk}/"
    answer = desk.post("/queue/next/", {"after": first.pk})
    assert answer["Location"] == f"/queue/{second.pk}/"
    assert Claim.objects.get(ended_at__isnull=True).item.subject == second.pk


def test_the_next_one_when_only_the_present_one_waits(pending, desk):
    request = pending()
    assert desk.post("/queue/next/", {"after": request.pk})["Location"] == f"/queue/{request.pk}/"


def test_the_next_one_when_nobody_waits(desk):
    assert desk.post("/queue/next/")["Location"] == "/queue/"


@pytest.mark.parametrize("after", ["²", "x", "9" * 5000])
def test_the_next_one_after_nonsense(pending, desk, after):
    request = pending()
    assert desk.post("/queue/next/", {"after": after})["Location"] == f"/queue/{request.pk}/"


def test_undo(revealed, desk, ada):
    request = revealed(ada)
    decision = decisions.approve(request.pk, moderator=ada, version=request.version)
    answer = desk.post(reverse("queue_undo", args=[decision.pk]))
    assert answer["Location"] == f"/queue/{request.pk}/"
    request.refresh_from_db()
    assert request.state == State.PENDING
    assert set(Effect.objects.values_list("state", flat=True)) == {EffectState.SUPERSEDED}


def test_undo_too_late(revealed, desk, ada, end_undo_window):
    request = revealed(ada)
    decision = decisions.approve(request.pk, moderator=ada, version=request.version)
    end_undo_window(decision)
    answer = desk.post(reverse("queue_undo", args=[decision.pk]))
    assert answer.status_code == 409
    assert "The time to undo is over." in text(answer)


def test_undo_of_somebody_elses_decision(revealed, desk, bo):
    request = revealed(bo)
    decision = decisions.approve(request.pk, moderator=bo, version=request.version)
    answer = desk.post(reverse("queue_undo", args=[decision.pk]))
    assert answer.status_code == 409
    assert "Only its author can undo a decision." in text(answer)


def test_signing_out_gives_everything_back(pending, desk, ada):
    first, second = pending(), pending()
    for request in (first, second):
        claims.claim(request.pk, ada)
    desk.post(reverse("account_logout"))
    assert set(Claim.objects.values_list("end_reason", flat=True)) == {Claim.End.SIGNED_OUT}


def test_a_form_from_another_site(pending, ada):
    request = pending()
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert post(client, "claim", request).status_code == 403
    assert not Claim.objects.exists()


def test_the_escalated_wait_too(pending, desk):
    request = pending()
    VerificationRequest.objects.update(state=State.ESCALATED)
    assert f'id="row-{request.pk}"' in text(desk.get("/queue/?tab=escalated"))
