"""The provider's callback: who may call, what it does, and that it does it once."""

import json
import logging
import threading
import time
import uuid
from datetime import date, timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.test import Client
from django.utils import timezone
from prometheus_client import REGISTRY

from compliance import policy
from compliance.desk import sweeping
from compliance.effects.models import Effect
from compliance.providers import provider
from compliance.providers.models import ProviderSession
from compliance.providers.provider_calls import sign
from compliance.queue import watching
from compliance.refusals import Refusal
from compliance.uploads import opening
from compliance.verification import (
    age,
    claims,
    decisions,
    in_person,
    overriding,
    requests,
    status,
    taking_back,
    transitions,
)
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.states import State
from monitoring.audit.models import ActorType, Entry
from tests import restoring
from tests.pages import in_one_line

URL = "/api/verify/provider/"
BIRTHDAY = age.born_on_or_before()  # 21 today


@pytest.fixture
def handed_over(member, all_methods):
    """A provider session that awaits its answer."""

    def make():
        provider.hand_over(member(), consent_version=1)
        return ProviderSession.objects.order_by("-pk").first()

    return make


def body_of(session, result="passed", **more):
    facts = {"delivery_id": uuid.uuid4().hex, "reference": str(session.reference)}
    return facts | {"result": result} | more


def call(body, *, at=None, secret=None, client=None, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    stamp = str(int(time.time() if at is None else at))
    signature = sign(secret or django_settings.PROVIDER_SECRET, stamp, raw)
    headers = {"X-Provider-Timestamp": stamp, "X-Provider-Signature": f"sha256={signature}"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return (client or Client(enforce_csrf_checks=True)).post(
        URL, raw, content_type="application/json", headers=headers
    )


def is_refused(answer, status, code):
    assert answer.headers["Content-Type"] == "application/json"
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert answer.json()["error"]
    return True


def untouched(session):
    session.refresh_from_db()
    assert session.answered_at is None
    assert VerificationRequest.objects.get(pk=session.request_id).state == State.OPENED
    return not Decision.objects.exists() and not Effect.objects.exists()


def test_it_works(handed_over):
    session = handed_over()
    answer = call(body_of(session))
    assert (answer.status_code, answer["Cache-Control"].count("no-store")) == (200, 1)
    assert answer.json() == {
        "reference": str(session.reference),
        "result": "passed",
        "state": "approved",
        "repeated": False,
    }
    decision = Decision.objects.get()
    assert (decision.threshold_years, decision.result, decision.method) == (
        21, State.APPROVED, "provider",
    )  # fmt: skip
    assert (decision.actor_type, decision.decided_by) == (ActorType.PROVIDER, None)
    assert timezone.now() - decision.decided_at < timedelta(seconds=10)
    assert decision.undo_until == decision.decided_at + policy.UNDO_WINDOW
    assert [effect.not_before for effect in Effect.objects.all()] == [decision.undo_until] * 2
    request = decision.request
    assert request.submitted_at is not None and request.consent.method == "provider"
    actions = Entry.objects.filter(actor_type="provider").order_by("pk")
    assert [entry.action for entry in actions] == [
        "verification.provider_answered",
        "verification.approved",
    ]


def test_the_link_names_nobody(handed_over):
    session = handed_over()
    url = provider.address_of(session)
    assert url == f"https://age.example.com/check/{session.reference}"
    assert session.reference.version == 4
    assert str(session.request.member_id) not in url


def test_asked_twice_it_is_the_same_address(handed_over):
    session = handed_over()
    member = session.request.member
    assert provider.hand_over(member, consent_version=1) == provider.address_of(session)
    assert ProviderSession.objects.count() == 1
    assert member.consents.count() == 2


# --- what the results do -----------------------------------------------------


def test_failed_denies_and_tells_how_to_go_on(handed_over):
    session = handed_over()
    assert call(body_of(session, "failed")).json()["state"] == "denied"
    decision = Decision.objects.get()
    assert (decision.result, decision.reason) == (State.DENIED, "under_age")
    told = Effect.objects.get().payload["content"]
    assert "does not show that you are 21 or over" in told
    assert "/appeal" in told and "/verify" in told and "picture" not in told


def test_unsure_goes_to_a_person_who_attests(handed_over, staff):
    session, ada = handed_over(), staff("moderator", username="ada")
    assert call(body_of(session, "unsure")).json()["state"] == "pending"
    request = VerificationRequest.objects.get()
    assert (request.state, request.method) == (State.PENDING, "provider")
    assert "could not tell" in Effect.objects.get().payload["content"]
    assert "was not sure" in status.of_member(request.member_id).words
    claims.claim(request.pk, ada)
    with pytest.raises(Refusal) as refusal:
        decisions.approve(request.pk, moderator=ada, version=request.version)
    assert refusal.value.code == "not_attested"
    decision = decisions.approve(
        request.pk, moderator=ada, version=request.version, attested=BIRTHDAY.isoformat()
    )
    assert (decision.method, decision.actor_type) == ("provider", ActorType.STAFF)
    assert "attested" in Entry.objects.get(action="verification.approved").data


def test_after_unsure_a_person_may_ask_for_more_and_the_provider_may_try_again(
    handed_over, staff, end_undo_window
):
    session, ada = handed_over(), staff("moderator", username="ada")
    call(body_of(session, "unsure"))
    request = VerificationRequest.objects.get()
    claims.claim(request.pk, ada)
    decision = decisions.request_more(
        request.pk, moderator=ada, version=request.version, note="Once more."
    )
    end_undo_window(decision)
    provider.hand_over(request.member, consent_version=1)
    second = ProviderSession.objects.order_by("-pk").first()
    assert second.reference != session.reference
    assert call(body_of(second)).json()["state"] == "approved"
    assert Decision.objects.filter(standing=True).get().result == State.APPROVED


def errors():
    labels = {"status": "error", "method": "provider", "result": "none"}
    return REGISTRY.get_sample_value("age_verification_total", labels)


@pytest.mark.django_db(transaction=True)
def test_its_own_failure_is_counted_and_the_member_may_try_again(handed_over):
    session, before = handed_over(), errors()
    answer = call(body_of(session, "error"))
    assert answer.json()["state"] == "opened"
    assert errors() == before + 1
    request = VerificationRequest.objects.get()
    assert (request.state, request.submitted_at) == (State.OPENED, None)
    assert "failed on their side" in Effect.objects.get().payload["content"]
    provider.hand_over(request.member, consent_version=1)
    assert ProviderSession.objects.filter(answered_at=None).count() == 1


@pytest.mark.parametrize(
    ("result", "born", "state"),
    [
        ("passed", BIRTHDAY, "approved"),
        ("passed", BIRTHDAY + timedelta(days=1), "denied"),
        ("passed", date(1950, 1, 1), "approved"),
        ("failed", BIRTHDAY + timedelta(days=1), "denied"),
        ("failed", BIRTHDAY, "pending"),  # it contradicts itself: a person looks
        ("unsure", BIRTHDAY, "pending"),  # unsure whose date it is
        ("unsure", BIRTHDAY + timedelta(days=1), "pending"),
        ("error", BIRTHDAY, "opened"),
    ],
)
def test_a_birth_date_decides_by_the_birthday_rule(handed_over, result, born, state):
    answer = call(body_of(handed_over(), result, birth_date=born.isoformat()))
    assert answer.json()["state"] == state
    assert answer.json()["result"] == result


def test_the_zone_is_new_jersey_s_and_29_february_comes_of_age_on_1_march():
    from zoneinfo import ZoneInfo

    jersey = ZoneInfo("America/New_York")
    leap = date(2004, 2, 29)
    late = timezone.datetime(2025, 2, 28, 23, 59, tzinfo=jersey)
    assert not age.is_old_enough(leap, late)
    assert age.is_old_enough(leap, late + timedelta(minutes=1))
    eve = timezone.datetime(2025, 6, 1, 23, 59, tzinfo=jersey)  # 2 June in UTC
    assert not age.is_old_enough(date(2004, 6, 2), eve)
    assert age.is_old_enough(date(2004, 6, 2), eve + timedelta(minutes=1))


@pytest.mark.django_db(transaction=True)
def test_the_birth_date_is_neither_stored_nor_logged(handed_over, caplog):
    caplog.set_level(logging.DEBUG)
    born = "1987-10-23"
    for result in ("passed", "failed", "unsure", "error"):
        assert call(body_of(handed_over(), result, birth_date=born)).status_code == 200
    assert call(body_of(handed_over(), "maybe", birth_date=born)).status_code == 400
    assert call(body_of(handed_over(), birth_date=born, name="x")).status_code == 400
    assert call(body_of(handed_over(), birth_date=born), secret="x" * 32).status_code == 401
    written = restoring.dumped().decode() + caplog.text
    assert "provider_answered" in written, "the search would find something"
    for shape in (born, "19871023", "1987, 10, 23", "23.10.1987"):
        assert shape not in written


# --- once --------------------------------------------------------------------


@pytest.mark.parametrize("result", ["passed", "failed", "unsure", "error"])
def test_the_same_delivery_again_changes_nothing(handed_over, result):
    body = body_of(handed_over(), result)
    first, entries = call(body).json(), Entry.objects.count()
    effects, version = Effect.objects.count(), VerificationRequest.objects.get().version
    again = call(body)
    assert again.status_code == 200
    assert again.json() == first | {"repeated": True}
    assert (Entry.objects.count(), Effect.objects.count()) == (entries, effects)
    assert VerificationRequest.objects.get().version == version


def test_it_answers_with_the_first_result_for_ever(handed_over):
    session = handed_over()
    body = body_of(session, "error")
    call(body)
    provider.hand_over(session.request.member, consent_version=1)
    call(body_of(ProviderSession.objects.order_by("-pk").first()))
    assert call(body).json()["state"] == "opened", "what that delivery did, not what is now"


def test_another_delivery_for_an_answered_reference(handed_over):
    session = handed_over()
    call(body_of(session, "failed"))
    assert is_refused(call(body_of(session, "passed")), 409, "reference_answered")
    assert Decision.objects.get().result == State.DENIED


def test_a_delivery_id_for_another_answer(handed_over):
    one, two = handed_over(), handed_over()
    body = body_of(one, "failed")
    call(body)
    assert is_refused(call(body | {"result": "passed"}), 409, "delivery_reused")
    assert is_refused(call(body | {"reference": str(two.reference)}), 409, "delivery_reused")
    two.refresh_from_db()
    assert two.answered_at is None


@pytest.mark.django_db(transaction=True)
def test_the_same_delivery_at_once_takes_effect_once(handed_over):
    body, answers = body_of(handed_over()), []

    def send():
        try:
            answers.append(call(body).json()["repeated"])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False, True, True, True, True, True]
    assert Decision.objects.count() == 1
    assert Effect.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_different_deliveries_at_once_decide_once(handed_over):
    session, answers = handed_over(), []

    def send(result):
        try:
            answers.append(call(body_of(session, result)).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=[r]) for r in ("passed", "failed", "unsure")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 409, 409]
    assert Decision.objects.count() <= 1


# --- who may call ------------------------------------------------------------


@pytest.mark.parametrize("skew", [-301, 301, -(10**6), 10**9])
def test_a_timestamp_too_far_off(handed_over, skew):
    session = handed_over()
    answer = call(body_of(session), at=time.time() + skew)
    assert is_refused(answer, 401, "timestamp_skewed") and untouched(session)


@pytest.mark.parametrize("skew", [-295, 295])
def test_five_minutes_both_ways_are_fine(handed_over, skew):
    assert call(body_of(handed_over()), at=time.time() + skew).status_code == 200


@pytest.mark.parametrize("stamp", ["", "now", "-1", "1e9", "²", "9" * 40])
def test_a_timestamp_that_is_none(handed_over, stamp):
    session, body = handed_over(), b"{}"
    signature = sign(django_settings.PROVIDER_SECRET, stamp, body)
    headers = {"X-Provider-Timestamp": stamp, "X-Provider-Signature": signature}
    answer = Client().post(URL, body, content_type="application/json", headers=headers)
    assert answer.status_code == 401 and untouched(session)


@pytest.mark.parametrize("signature", ["", "sha256=", "0" * 64, "sha256=" + "0" * 64, "ä" * 64])
def test_a_wrong_signature(handed_over, signature):
    session = handed_over()
    answer = call(body_of(session), X_Provider_Signature=signature)
    assert is_refused(answer, 401, "signature_wrong") and untouched(session)


def test_another_secret(handed_over):
    session = handed_over()
    answer = call(body_of(session), secret="another secret of enough length!")
    assert is_refused(answer, 401, "signature_wrong") and untouched(session)


def test_a_signature_of_another_time_or_body(handed_over):
    session, stamp = handed_over(), str(int(time.time()))
    body = json.dumps(body_of(session, "failed")).encode()
    headers = {
        "X-Provider-Timestamp": stamp,
        "X-Provider-Signature": sign(django_settings.PROVIDER_SECRET, stamp, body),
    }
    post = Client().post
    changed = body.replace(b"failed", b"passed")
    answer = post(URL, changed, content_type="application/json", headers=headers)
    assert is_refused(answer, 401, "signature_wrong")
    later = headers | {"X-Provider-Timestamp": str(int(stamp) + 1)}
    answer = post(URL, body, content_type="application/json", headers=later)
    assert is_refused(answer, 401, "signature_wrong") and untouched(session)


def test_a_session_of_staff_is_no_right(handed_over, staff, sign_in):
    client = sign_in(staff("administrator"))
    answer = call(body_of(handed_over()), client=client, secret="x" * 32)
    assert is_refused(answer, 401, "signature_wrong")


def test_without_a_provider_nothing_is_there(handed_over, settings):
    body = body_of(handed_over())
    secret, settings.PROVIDER_SECRET = settings.PROVIDER_SECRET, ""
    assert is_refused(call(body, secret=secret), 404, "provider_off")
    assert is_refused(call(body, secret=""), 404, "provider_off")


def test_answers_on_their_way_are_taken_when_it_is_switched_off(handed_over, settings):
    body = body_of(handed_over())
    settings.VERIFICATION_METHODS = ("id_document",)
    assert call(body).json()["state"] == "approved"


def test_only_post(client, all_methods):
    answer = client.get(URL)
    assert is_refused(answer, 405, "method_not_allowed") and answer["Allow"] == "POST"


# --- what it must say --------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"passed",
        b"[]",
        b'"x"',
        b"null",
        b"\xff\xfe",
        b"[" * 3000,
        b"{}",
    ],
)
def test_a_body_that_is_no_answer(handed_over, body):
    session = handed_over()
    assert is_refused(call(body), 400, "body_invalid") and untouched(session)


@pytest.mark.parametrize(
    "change",
    [
        {"delivery_id": None},
        {"delivery_id": "short"},
        {"delivery_id": "x" * 65},
        {"delivery_id": "with spaces in it"},
        {"delivery_id": 12345678},
        {"reference": None},
        {"reference": "1187342001234567890"},
        {"reference": ["x"]},
        {"result": None},
        {"result": "approved"},
        {"result": ["passed"]},
        {"birth_date": "23.10.1987"},
        {"birth_date": "1987-02-30"},
        {"birth_date": "1887-01-01"},
        {"birth_date": "2999-01-01"},
        {"birth_date": 19871023},
        {"birth_date": ""},
        {"name": "Rowan"},
    ],
)
def test_a_field_that_does_not_fit(handed_over, change):
    session = handed_over()
    answer = call(body_of(session) | change)
    assert is_refused(answer, 400, "body_invalid") and untouched(session)
    assert "Rowan" not in answer.content.decode() and "1987" not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_signed_body_of_no_use_counts_as_a_failure_of_the_provider(handed_over):
    body, before = body_of(handed_over()) | {"result": "maybe"}, errors()
    call(body, secret="x" * 32)
    assert errors() == before, "anybody can send that"
    call(body)
    assert errors() == before + 1


def test_a_body_that_is_too_large(handed_over):
    session = handed_over()
    answer = call(body_of(session) | {"birth_date": "x" * policy.PROVIDER_BODY_BYTES})
    assert is_refused(answer, 413, "body_too_large") and untouched(session)


def test_a_reference_that_is_none(handed_over):
    session = handed_over()
    answer = call(body_of(session) | {"reference": str(uuid.uuid4())})
    assert is_refused(answer, 404, "reference_unknown") and untouched(session)


# --- too late ----------------------------------------------------------------


def test_after_the_member_took_it_back(handed_over):
    session = handed_over()
    requests.withdraw(session.request_id)
    assert is_refused(call(body_of(session)), 409, "reference_over")
    assert not Decision.objects.exists()


def test_after_the_member_chose_another_way(handed_over):
    session = handed_over()
    in_person.ask(session.request.member, consent_version=1)
    assert is_refused(call(body_of(session)), 409, "reference_over")
    assert VerificationRequest.objects.get().state == State.PENDING


def test_never_answered_it_expires_as_every_opened_request(handed_over):
    session = handed_over()
    request = session.request
    request.refresh_from_db()
    left = request.expires_at - timezone.now()
    assert timedelta(hours=23) < left <= policy.PROVIDER_SESSION_LIFE
    VerificationRequest.objects.filter(pk=request.pk).update(expires_at=timezone.now())
    assert sweeping.sweep()["expired"] == 1
    session.refresh_from_db()
    assert session.revoked_at is not None
    assert is_refused(call(body_of(session)), 409, "reference_over")
    provider.hand_over(request.member, consent_version=1)
    assert request.member.verifications.count() == 2


# --- after it ----------------------------------------------------------------


def test_nobody_undoes_it_and_compliance_overrides_it(handed_over, staff, end_undo_window):
    ada, cora = staff("moderator", username="ada"), staff("compliance", username="cora")
    call(body_of(handed_over(), "failed"))
    decision = Decision.objects.select_related("request").get()
    for person in (ada, cora):
        with pytest.raises(Refusal) as refusal:
            taking_back.undo(decision.pk, moderator=person)
        assert refusal.value.code == "not_allowed"
    end_undo_window(decision)
    second = overriding.override(
        decision.request_id, staff=cora, version=decision.request.version,
        result=State.APPROVED, reason="", note="I met them.",
    )  # fmt: skip
    assert (second.overrides, second.decided_by) == (decision, cora)


def test_it_is_counted_but_not_as_a_review(handed_over, end_undo_window):
    def seconds():
        name, labels = "age_verification_review_seconds_count", {"method": "provider"}
        return REGISTRY.get_sample_value(name, labels)

    call(body_of(handed_over()))
    end_undo_window(Decision.objects.get())
    before = seconds()
    assert sweeping.sweep()["counted"] == 1
    assert seconds() == before


def test_the_desk_says_who_decided(handed_over, staff, sign_in):
    call(body_of(handed_over()))
    request = VerificationRequest.objects.get()
    page = in_one_line(sign_in(staff("compliance")).get(f"/queue/{request.pk}/"))
    assert "Approved by the provider, without a person" in page
    assert watching.what_became(request) == "Provider decided this: approved."
    with pytest.raises(Refusal, match="Provider decided this already: approved"):
        raise transitions._stale(request.pk)


def test_who_goes_on_with_a_picture_has_the_time_of_a_link(handed_over):
    opening.open_request(handed_over().request.member)
    left = VerificationRequest.objects.get().expires_at - timezone.now()
    assert left <= policy.UPLOAD_LINK_LIFE
