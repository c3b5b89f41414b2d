"""Compliance looks at a picture without a claim: for a written reason, which is kept."""

import pytest

from compliance.refusals import Refusal
from compliance.verification import claims, decisions
from monitoring.audit.models import Entry

pytestmark = pytest.mark.django_db


def looks():
    return Entry.objects.filter(action="verification.revealed_with_reason")


def test_it_works(pending, sign_in, cora):
    request = pending()
    desk = sign_in(cora)
    assert "Why do you look?" in desk.get(f"/queue/{request.pk}/look/").content.decode()
    answer = desk.post(f"/queue/{request.pk}/look/1/", {"reason": "A complaint came in."})
    assert answer.content.startswith(b"\xff\xd8\xff")
    assert "no-store" in answer["Cache-Control"]
    entry = looks().get()
    assert (entry.actor, entry.data["reason"]) == (cora, "A complaint came in.")


@pytest.mark.parametrize("form", [{}, {"reason": "  "}])
def test_without_words(pending, sign_in, cora, form):
    answer = sign_in(cora).post(f"/queue/{pending().pk}/look/1/", form)
    assert answer.status_code == 422
    assert "Say why you look" in answer.content.decode()
    assert not looks().exists()


def test_ones_own(pending, sign_in, cora):
    request = pending()
    cora.discord_id = request.member_id
    cora.save(update_fields=["discord_id"])
    answer = sign_in(cora).post(f"/queue/{request.pk}/look/1/", {"reason": "Mine."})
    assert answer.status_code == 403
    assert not looks().exists()


def test_it_lets_nobody_approve(pending, sign_in, cora):
    request = pending()
    sign_in(cora).post(f"/queue/{request.pk}/look/1/", {"reason": "Why not."})
    claims.claim(request.pk, cora)
    with pytest.raises(Refusal) as refused:
        decisions.approve(request.pk, moderator=cora, version=request.version)
    assert refused.value.code == "not_revealed"


def test_what_is_gone(pending, sign_in, cora):
    answer = sign_in(cora).post(f"/queue/{pending().pk}/look/2/", {"reason": "Where is it?"})
    assert answer.status_code == 410
