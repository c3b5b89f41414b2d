"""The audit trail says who came in, how, and who failed; never what was typed."""

import time
from datetime import timedelta

import pytest
import time_machine
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from growmies_admin.accounts import access_trail
from growmies_admin.accounts import staff as acts
from growmies_admin.accounts.adapters import DiscordAdapter
from growmies_admin.accounts.models import FailedSignIns, Staff
from monitoring.audit.models import Category, Entry

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def secret(ada):
    found = auth.generate_totp_secret()
    auth.TOTP.activate(ada, found)
    return found


def code(secret):
    return auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30))


def sign_in(client, password=PASSWORD, username="ada", address="192.0.2.77"):
    form = {"login": username, "password": password}
    return client.post(reverse("account_login"), form, REMOTE_ADDR=address)


def told(action):
    return [entry.data for entry in Entry.objects.filter(action=action).order_by("pk")]


def test_it_works(client, ada):
    sign_in(client)
    entry = Entry.objects.get(action="staff.signed_in")
    assert (entry.category, entry.actor, entry.target_id) == (Category.ACCESS, ada, str(ada.pk))
    facts = {"by": "password", "second_factor": "none", "network": "192.0.2.0/24"}
    assert entry.data == {"username": "ada", **facts}


def test_with_a_second_factor(client, secret):
    sign_in(client)
    assert not told("staff.signed_in")
    client.post(reverse("mfa_authenticate"), {"code": code(secret)})
    assert told("staff.signed_in")[0]["second_factor"] == "totp"


def test_with_a_recovery_code(client, secret, ada):
    codes = RecoveryCodes.activate(ada).generate_codes()
    sign_in(client)
    client.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert told("staff.signed_in")[0]["second_factor"] == "recovery_codes"
    assert told("staff.recovery_code_used") == [{"username": "ada"}]
    assert codes[0] not in str(list(Entry.objects.values()))


def test_by_a_password_link(client, capsys):
    call_command("create_administrator", "root")
    client.post(capsys.readouterr().out.split()[-1], {"password": "a long pass phrase"})
    [chosen], [came] = told("staff.password_set"), told("staff.signed_in")
    assert (chosen["by"], came["by"]) == ("password link", "password link")
    assert "long pass" not in str(list(Entry.objects.values()))


def test_signing_out(client, ada):
    sign_in(client)
    client.post(reverse("account_logout"))
    assert Entry.objects.get(action="staff.signed_out").actor == ada


def test_a_wrong_password(client, ada):
    sign_in(client, "hunter2 hunter2")
    entry = Entry.objects.get(action="staff.sign_in_failed")
    assert (entry.actor_type, entry.target_id, entry.severity) == (
        "system", str(ada.pk), "warning",
    )  # fmt: skip
    facts = {"by": "password", "count": 1, "network": "192.0.2.0/24"}
    assert entry.data == {"username": "ada", **facts}


def test_what_was_typed_is_never_kept(client, ada):
    sign_in(client, "x", username="hunter2 hunter2")
    assert told("staff.sign_in_failed")[0]["username"] == "unknown"
    kept = str(list(Entry.objects.values())) + str(list(FailedSignIns.objects.values()))
    assert "hunter2" not in kept


def test_somebody_who_left(client, ada):
    Staff.objects.update(is_active=False)
    sign_in(client)
    assert [entry["username"] for entry in told("staff.sign_in_failed")] == ["ada"]


def test_a_flood_is_one_entry_a_minute_with_its_count(ada):
    for n in range(20):
        sign_in(Client(), "wrong", address=f"192.0.2.{n}")
    assert [entry["count"] for entry in told("staff.sign_in_failed")] == [1]
    assert access_trail.tell_waiting() == 0
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert access_trail.tell_waiting() == 1
        assert access_trail.tell_waiting() == 0
    assert [entry["count"] for entry in told("staff.sign_in_failed")] == [1, 19]
    assert FailedSignIns.objects.get().network == ""


def test_failures_of_accounts_are_told_apart(ada, staff):
    staff("viewer", username="bo")
    for username in ("ada", "bo", "nobody", "nobody else"):
        sign_in(Client(), "wrong", username=username)
    assert [entry["username"] for entry in told("staff.sign_in_failed")] == ["ada", "bo", "unknown"]
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert access_trail.tell_waiting() == 1


def test_a_wrong_code(client, secret):
    sign_in(client)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    [entry] = told("staff.sign_in_failed")
    assert (entry["username"], entry["by"]) == ("ada", "code")


@pytest.mark.parametrize("credential", ['{"id": "AA"}', "[1]", '{"response": {}}', '"x"'])
def test_a_passkey_that_is_refused(client, ada, credential):
    answer = client.post(reverse("mfa_login_webauthn"), {"credential": credential})
    assert answer["Location"] == reverse("account_login")
    [entry] = told("staff.sign_in_failed")
    assert (entry["username"], entry["by"]) == ("unknown", "passkey")


def test_discord_of_somebody_who_was_not_invited(rf, ada):
    request = rf.get("/accounts/discord/login/callback/")
    from django.contrib.auth.models import AnonymousUser

    request.user = AnonymousUser()
    login = SocialLogin(
        user=Staff(username="x"), account=SocialAccount(provider="discord", uid="17")
    )
    with pytest.raises(ImmediateHttpResponse):
        DiscordAdapter().pre_social_login(request, login)
    [entry] = told("staff.sign_in_failed")
    assert (entry["username"], entry["by"]) == ("unknown", "discord")


def test_another_password(sign_in_, ada):
    form = {"oldpassword": PASSWORD, "password1": "a long pass phrase"}
    sign_in_.post(reverse("account_change_password"), {**form, "password2": "a long pass phrase"})
    assert Entry.objects.get(action="staff.password_changed").actor == ada


@pytest.fixture
def sign_in_(client, ada):
    sign_in(client)
    return client


def test_a_second_factor_comes_and_goes(sign_in_, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        sign_in_.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        sign_in_.get(reverse("mfa_activate_totp"))
        secret = sign_in_.session["mfa.totp.secret"]
        sign_in_.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    assert told("staff.factor_added") == [{"username": "ada", "factor": "totp"}]
    assert told("staff.recovery_codes_made") == [{"username": "ada"}]
    sign_in_.get(reverse("mfa_view_recovery_codes"))
    sign_in_.get(reverse("mfa_download_recovery_codes"))
    assert told("staff.recovery_codes_viewed") == [{"username": "ada"}] * 2
    with django_capture_on_commit_callbacks(execute=True):
        sign_in_.post(reverse("mfa_generate_recovery_codes"))
    assert len(told("staff.recovery_codes_made")) == 2
    sign_in_.post(reverse("mfa_deactivate_totp"))
    removed = [entry["factor"] for entry in told("staff.factor_removed")]
    assert removed[0] == "totp"


def test_the_network_of_an_address(rf):
    for address, network in (
        ("198.51.100.9", "198.51.100.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("unix:", ""),
    ):
        assert access_trail.network_of(rf.get("/", REMOTE_ADDR=address)) == network


def test_being_deactivated_is_no_sign_out(sign_in_, ada, staff):
    acts.deactivate(ada, by=staff("administrator", username="root"))
    sign_in_.get("/queue/")
    assert not told("staff.signed_out")
