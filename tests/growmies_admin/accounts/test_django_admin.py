"""/django-admin/: rows for administrators, to read only, and none of members."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse

from monitoring.audit import trail
from monitoring.audit.models import Entry
from monitoring.audit_chain import chain

pytestmark = pytest.mark.django_db
INDEX = "/django-admin/"
OTHERS = ("viewer", "moderator", "compliance", "operator")
# Administrators don't see verifications; credentials are nobody's to read.
NEVER = ("members", "verification", "effects", "sessions", "mfa", "socialaccount", "privacy")


def lists():
    return [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]


def test_it_works(staff, sign_in):
    page = sign_in(staff("administrator")).get(INDEX)
    assert page.status_code == 200
    assert "Staff" in page.content.decode()


def test_every_list_and_row_can_be_read(staff, sign_in):
    client = sign_in(staff("administrator"))
    entry = trail.record("bench.tried", actor_type="system")
    chain.seal_batch()
    for url in lists():
        assert client.get(url).status_code == 200, url
    row = client.get(reverse("admin:audit_entry_change", args=[entry.pk]))
    assert "bench.tried" in row.content.decode()
    assert 'name="_save"' not in row.content.decode()
    assert client.get(reverse("admin:audit_seal_change", args=[1])).status_code == 200


def test_nothing_can_be_added_changed_or_deleted(staff, sign_in):
    client = sign_in(staff("administrator"))
    entry = trail.record("bench.tried", actor_type="system")
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        assert client.post(reverse(f"admin:{name}_add"), {}).status_code == 403, name
    for act in ("change", "delete"):
        url = reverse(f"admin:audit_entry_{act}", args=[entry.pk])
        assert client.post(url, {"action": "other.act", "post": "yes"}).status_code == 403
    assert Entry.objects.get(pk=entry.pk).action == "bench.tried"


@pytest.mark.parametrize("role", OTHERS)
def test_other_roles_are_told_why_not(staff, sign_in, role):
    client = sign_in(staff(role))
    for url in [INDEX, f"{INDEX}login/", f"{INDEX}no-such-page/", *lists()]:
        answer = client.get(url)
        assert answer.status_code == 403, url
        assert "You may not open the Django admin." in answer.content.decode()


def test_a_flag_of_django_opens_nothing(staff, sign_in):
    person = staff("moderator")
    person.is_staff = True
    person.save(update_fields=["is_staff"])
    assert sign_in(person).get(INDEX).status_code == 403


@pytest.mark.parametrize("url", [INDEX, f"{INDEX}login/", f"{INDEX}audit/entry/"])
def test_a_stranger_comes_to_the_one_sign_in(client, url):
    answer = client.get(url)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={url}")


def test_its_own_sign_in_takes_no_password(client, staff):
    staff("administrator", username="ada")
    form = {"username": "ada", "password": "correct horse battery"}
    assert client.post(f"{INDEX}login/", form)["Location"].startswith("/accounts/login/")
    assert client.get(INDEX).status_code == 302


def test_nothing_of_members_and_no_credential_is_registered():
    registered = {model._meta.app_label for model in admin.site._registry}
    assert registered.isdisjoint(NEVER)
    assert "audit" in registered
    assert {apps.get_app_config(label).name.split(".")[0] for label in registered} <= {
        "growmies_admin",
        "monitoring",
        "django_celery_beat",
    }


def test_no_secret_is_among_the_fields(staff, sign_in):
    person = staff("administrator")
    page = sign_in(person).get(reverse("admin:accounts_staff_change", args=[person.pk]))
    assert person.password not in page.content.decode()
    for model, shown in admin.site._registry.items():
        fields = {str(field) for field in shown.get_fields(page.wsgi_request)}
        assert fields.isdisjoint({"password", "token_hash"}), model


def test_no_page_needs_more_than_our_policy_allows(staff, sign_in):
    client = sign_in(staff("administrator"))
    for url in [INDEX, *lists()]:
        page = client.get(url)
        text = page.content.decode()
        assert "script-src" in page["Content-Security-Policy"]
        for inline in ("<style", "style=", "<script>", "onclick=", "javascript:"):
            assert inline not in text, (url, inline)
