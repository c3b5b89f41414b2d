"""Acts of signing in: passwords, second factors, links, what one connects."""

import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse

from growmies_admin.accounts import staff as staff_acts
from tests.growmies_admin.security.acting import Act, House, leaves

PASSWORD = "correct horse battery"
BETTER = "a long pass phrase"


def code(secret: str) -> str:
    return auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30))


def signs_in(house: House, password: str = PASSWORD, client: Client | None = None) -> Act:
    form = {"login": house.person("moderator").username, "password": password}
    return Act(client or Client(), reverse("account_login"), form)


def came_in(house: House) -> Client:
    """Signed in by the form, so that allauth knows how."""
    act = signs_in(house)
    act.client.post(act.url, act.form)
    return act.client


def with_app(house: House) -> str:
    secret = auth.generate_totp_secret()
    auth.TOTP.activate(house.person("moderator"), secret)
    return secret


def at_second_stage(house: House) -> tuple[Client, str]:
    secret = with_app(house)
    return came_in(house), secret


@leaves("account_login", "staff.signed_in")
def sign_in(house):
    return signs_in(house)


@leaves("account_login", "staff.sign_in_failed")
def sign_in_wrongly(house):
    return signs_in(house, "hunter2 hunter2")


@leaves("account_logout", "staff.signed_out")
def sign_out(house):
    return house.act("moderator", "account_logout")


@leaves("account_reauthenticate", "staff.sign_in_failed")
def confirm_with_a_wrong_password(house):
    return Act(came_in(house), reverse("account_reauthenticate"), {"password": "wrong"})


@leaves("account_change_password", "staff.password_changed")
def change_the_password(house):
    form = {"oldpassword": PASSWORD, "password1": BETTER, "password2": BETTER}
    return Act(came_in(house), reverse("account_change_password"), form)


@leaves("account_set_password", "staff.password_changed")
def set_a_first_password(house):
    person = house.person("moderator")
    person.set_unusable_password()
    person.save(update_fields=["password"])
    form = {"password1": BETTER, "password2": BETTER}
    return house.act("moderator", "account_set_password", **form)


@leaves("staff_password", "staff.password_set")
def choose_a_password_by_link(house):
    return Act(Client(), staff_acts.password_link(house.person("moderator")), {"password": BETTER})


@leaves("mfa_authenticate", "staff.signed_in")
def second_stage(house):
    client, secret = at_second_stage(house)
    return Act(client, reverse("mfa_authenticate"), {"code": code(secret)})


@leaves("mfa_authenticate", "staff.sign_in_failed")
def second_stage_wrongly(house):
    client, _ = at_second_stage(house)
    return Act(client, reverse("mfa_authenticate"), {"code": "000000"})


def all_in(house: House) -> tuple[Client, str]:
    """Signed in with a recovery code, so that the app's next code is still unused."""
    secret = with_app(house)
    recovery = RecoveryCodes.activate(house.person("moderator")).generate_codes()
    client = came_in(house)
    client.post(reverse("mfa_authenticate"), {"code": recovery[0]})
    return client, secret


@leaves("mfa_reauthenticate", "staff.sign_in_failed")
def confirm_with_a_wrong_code(house):
    return Act(all_in(house)[0], reverse("mfa_reauthenticate"), {"code": "000000"})


@leaves("mfa_activate_totp", "staff.factor_added")
def add_an_app(house):
    client = came_in(house)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.get(reverse("mfa_activate_totp"))
    form = {"code": code(client.session["mfa.totp.secret"])}
    return Act(client, reverse("mfa_activate_totp"), form)


def confirmed(house: House) -> Client:
    client, secret = all_in(house)
    client.post(reverse("mfa_reauthenticate"), {"code": code(secret)})
    return client


@leaves("mfa_deactivate_totp", "staff.factor_removed")
def remove_an_app(house):
    return Act(confirmed(house), reverse("mfa_deactivate_totp"))


@leaves("mfa_generate_recovery_codes", "staff.recovery_codes_made")
def make_recovery_codes(house):
    return Act(confirmed(house), reverse("mfa_generate_recovery_codes"))


@leaves("mfa_remove_webauthn", "staff.factor_removed")
def remove_a_passkey(house):
    client = confirmed(house)
    data: dict[str, Any] = {"name": "Phone", "credential": {}}
    kind = Authenticator.Type.WEBAUTHN
    person = house.person("moderator")
    key = Authenticator.objects.create(user=person, type=kind, data=data)
    return Act(client, reverse("mfa_remove_webauthn", args=[key.pk]))


@leaves("mfa_login_webauthn", "staff.sign_in_failed")
def a_passkey_that_is_refused(house):
    return Act(Client(), reverse("mfa_login_webauthn"), {"credential": '{"id": "AA"}'})


@leaves("socialaccount_connections", "staff.discord_disconnected")
def disconnect_discord(house):
    app = {"client_id": "1", "secret": "x"}
    house.settings.SOCIALACCOUNT_PROVIDERS = {"discord": {"APPS": [app]}}
    person = house.person("moderator")
    account = SocialAccount.objects.create(user=person, provider="discord", uid="17")
    client = came_in(house)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return Act(client, reverse("socialaccount_connections"), {"account": account.pk})


def other_act_on_staff(house: House, act: str) -> Act:
    with_app(house)
    form = {"act": act}
    return house.act("administrator", "staff_change", house.person("moderator").pk, **form)


@leaves("staff_change", "staff.second_factor_taken_off")
def take_a_lost_factor_off(house):
    return other_act_on_staff(house, "factor")
