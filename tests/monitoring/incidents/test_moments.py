"""Moments that nothing here could show are refused: in forms, acts, the intake, the database."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from monitoring import moments, policy
from monitoring.alerts import payload
from monitoring.incidents import planning, windows
from monitoring.incidents.models import MaintenanceWindow, Override, Rota, Shift
from monitoring.refusals import Refusal

pytestmark = pytest.mark.django_db
FAR = ["0001-01-01T00:00", "1970-01-01T00:00", "2014-12-31T00:00", "9999-12-31T23:59"]


@pytest.fixture
def olga(staff):
    return staff("operator", username="olga")


@pytest.fixture
def rota():
    return Rota.objects.create(name="First level")


@pytest.mark.parametrize(
    ("moment", "taken"),
    [
        (datetime(2015, 1, 1, tzinfo=UTC), True),
        (datetime(2014, 12, 31, 23, 59, tzinfo=UTC), False),
        (datetime(1, 1, 1, tzinfo=UTC), False),
        (datetime(9999, 12, 31, 23, 59, tzinfo=UTC), False),
    ],
)
def test_it_works(moment, taken):
    assert moments.is_plausible(moment) is taken


def test_the_bound_ahead_moves_with_the_clock():
    now = timezone.now()
    assert moments.is_plausible(now + policy.MOMENTS_AHEAD - timedelta(minutes=1))
    assert not moments.is_plausible(now + policy.MOMENTS_AHEAD + timedelta(minutes=1))


@pytest.mark.parametrize("far", FAR)
@pytest.mark.parametrize("field", ["starts_at", "ends_at"])
@pytest.mark.parametrize("act", ["shift", "override"])
def test_the_forms_of_the_on_call_page(sign_in, olga, rota, act, field, far):
    span = {"starts_at": "2026-04-20T09:00", "ends_at": "2026-04-27T09:00", field: far}
    form = {"rota": rota.pk, "person": olga.pk, "every_weeks": "", "reason": "", **span}
    client = sign_in(olga)
    answer = client.post(
        "/incidents/on-call/change/",
        {"act": act, **{f"{act}-{name}": value for name, value in form.items()}},
    )
    assert answer.status_code == 422
    assert "Choose a time between 2015 and 5 years from now." in answer.content.decode()
    assert not Shift.objects.exists() and not Override.objects.exists()
    assert client.get("/incidents/on-call/").status_code == 200


@pytest.mark.parametrize("far", FAR)
def test_the_form_of_windows(sign_in, olga, far):
    client = sign_in(olga)
    form = {"title": "Restart", "starts_at": far, "ends_at": far}
    answer = client.post("/incidents/maintenance-windows/change/", form)
    assert answer.status_code == 422
    assert not MaintenanceWindow.objects.exists()


@pytest.mark.parametrize("year", [1, 2014, 2040, 9999])
def test_the_acts_themselves(olga, rota, year):
    far = datetime(year, 12, 31, tzinfo=UTC)
    span = {"starts_at": far, "ends_at": far + timedelta(hours=1), "by": olga}
    with pytest.raises(Refusal, match="between 2015"):
        planning.add_shift(rota, olga, every_weeks=None, **span)
    with pytest.raises(Refusal, match="between 2015"):
        planning.add_override(rota, olga, reason="", **span)
    with pytest.raises(Refusal, match="between 2015"):
        windows.plan(title="Restart", everything=True, **span)


@pytest.mark.parametrize("year", [2014, 2100, 9999])
def test_the_database(olga, rota, year):
    far = datetime(year, 12, 30, tzinfo=UTC)
    span = {"starts_at": far, "ends_at": far + timedelta(hours=1)}
    for make in (
        lambda: Shift.objects.create(rota=rota, person=olga, **span),
        lambda: Override.objects.create(rota=rota, person=olga, made_by=olga, **span),
        lambda: MaintenanceWindow.objects.create(title="x", made_by=olga, **span),
    ):
        with pytest.raises(IntegrityError, match="in_range"), transaction.atomic():
            make()


@pytest.mark.parametrize("field", ["startsAt", "endsAt"])
@pytest.mark.parametrize("far", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_the_intake_of_alerts(field, far):
    one = {
        "status": "resolved",
        "fingerprint": "a1",
        "labels": {"alertname": "X"},
        "startsAt": "2026-04-20T09:00:00Z",
        "endsAt": "2026-04-20T10:00:00Z",
        field: far,
    }
    with pytest.raises(payload.Malformed, match="no time that can be"):
        payload._alert(one, "alerts[0]")
