"""While a request is open: who else looks, and what became of it."""

import pytest

from compliance import policy
from compliance.desk import presence
from compliance.desk.models import Claim
from compliance.queue import watching
from compliance.verification import claims, decisions, escalation, requests
from growmies_admin.accounts import keys
from monitoring.breaking import Breaker
from tests.pages import in_one_line

pytestmark = pytest.mark.django_db


def poll(request, moderator, holder=0, mark=""):
    known = {"version": str(request.version), "holder": str(holder), "mark": mark}
    return watching.watch(request.pk, moderator, known)


def test_who_else_looks(pending, ada, bo):
    request = pending()
    assert poll(request, ada).others == []
    assert poll(request, bo).others == ["ada"]
    assert poll(request, ada).others == ["bo"]


def test_nothing_new_is_no_answer(pending, ada):
    request = pending()
    seen = poll(request, ada)
    assert poll(request, ada, mark=seen.mark) is None


def test_who_went_on_is_not_seen(pending, ada, bo):
    request = pending()
    poll(request, bo)
    presence.leave("verification", request.pk, bo)
    assert poll(request, ada).others == []


def test_without_valkey_nobody_is_seen(pending, ada, bo, settings, monkeypatch):
    away = settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/1"}
    settings.CACHES = {"default": away}
    monkeypatch.setattr(presence, "_client", None)
    monkeypatch.setattr(presence, "_breaker", Breaker("presence_away", policy.PRESENCE_PAUSE))
    request = pending()
    assert poll(request, ada).others == []
    assert poll(request, bo).others == []


def test_who_decided_what(revealed, ada, bo):
    request = revealed(bo)
    decisions.deny(request.pk, moderator=bo, version=request.version, reason="altered")
    assert poll(request, ada, holder=bo.pk).happened == "bo decided this: denied."


def test_who_handed_it_to_whom(revealed, ada, bo):
    request = revealed(bo)
    escalation.escalate(request.pk, moderator=bo, version=request.version, note="?", to=ada)
    assert poll(request, ada, holder=bo.pk).happened == "bo handed this to ada."


def test_the_member_took_it_back(pending, ada):
    request = pending()
    requests.withdraw(request.pk)
    assert "it is withdrawn now" in poll(request, ada).happened


def test_claims_that_begin_and_end(pending, ada, bo):
    request = pending()
    claims.claim(request.pk, bo)
    assert poll(request, ada).happened == "bo is working on this."
    assert poll(request, ada, holder=bo.pk).happened == ""
    claims.release(request.pk, bo)
    assert poll(request, bo, holder=bo.pk).happened == "Your claim has ended."
    assert poll(request, ada, holder=bo.pk).happened == "Nobody works on this now."


def test_the_next_ones_facts_are_ready_unclaimed(pending, sign_in, ada):
    first, second = pending("fern"), pending("moss")
    claims.claim(first.pk, ada)
    page = sign_in(ada).get(f"/queue/{first.pk}/upcoming/").content.decode()
    assert f'data-upcoming="{second.pk}"' in page and "moss" in page
    assert "<img" not in page and "pictures/" not in page
    assert not Claim.objects.on("verification", second.pk).exists()


def test_the_ready_one_went_to_somebody_else(revealed, pending, sign_in, ada, bo):
    first, taken, other = revealed(ada), pending("moss"), pending("oz")
    claims.claim(taken.pk, bo)
    form = {"version": first.version, "reason": "altered", "expected": taken.pk}
    answer = sign_in(ada).post(f"/queue/{first.pk}/deny/", form, headers={"HX-Request": "true"})
    assert "went to somebody else" in answer.content.decode()
    assert answer["HX-Push-Url"] == f"/queue/{other.pk}/"


def test_the_next_one_fits_the_filters(revealed, pending, sign_in, ada):
    first, other, fits = revealed(ada), pending("moss"), pending("oz")
    form = {"version": first.version, "reason": "altered"}
    answer = sign_in(ada).post(f"/queue/{first.pk}/deny/?q=oz", form)
    assert answer["Location"] == f"/queue/{fits.pk}/?q=oz"
    assert not Claim.objects.on("verification", other.pk).exists()


def test_what_the_member_will_read_stands_there_before(revealed, sign_in, ada):
    request = revealed(ada)
    page = sign_in(ada).get(f"/queue/{request.pk}/").content.decode()
    assert "You are verified as 21 or over." in page
    assert page.count("data-preview=") == 9  # approve, six reasons, two forms with words


def test_ones_own_keys_stand_on_the_buttons(pending, sign_in, ada):
    request = pending()
    claims.claim(request.pk, ada)
    keys.choose(ada, dict(keys.DEFAULTS) | {"approve": "y"})
    page = in_one_line(sign_in(ada).get(f"/queue/{request.pk}/"))
    assert 'data-key="y" data-key-name="Approve"' in page
    assert 'aria-hidden="true">Y</kbd>' in page


@pytest.mark.parametrize("state", ["opened", "pending"])
def test_by_state(opened, pending, sign_in, ada, state):
    found = {"opened": opened("fern").request, "pending": pending("moss")}
    page = sign_in(ada).get(f"/queue/?state={state}").content.decode()
    for name, request in found.items():
        assert (f'id="row-{request.pk}"' in page) == (name == state)
