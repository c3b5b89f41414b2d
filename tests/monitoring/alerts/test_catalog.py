"""Which alerts a maintenance window may cover: those of the site itself are among them."""

import pytest
from django.core.cache import cache

from monitoring.alerts import catalog
from monitoring.alerts.catalog import Kind
from monitoring.incidents import scopes
from tests.monitoring.alerts.conftest import alert

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()
    yield
    cache.clear()


def test_what_the_site_raises_is_known_before_it_ever_fired():
    assert {
        Kind("HighResourceUsage", "infrastructure"),
        Kind("AuditChainBroken", "compliance"),
        Kind("BreakGlassUsed", "access"),
    } <= set(catalog.kinds())


def test_a_kind_of_two_severities_counts_once():
    found = scopes.covered(service="infrastructure", alert_name="HighResourceUsage")
    assert found.alerts == 1


def test_what_only_ever_came_in_is_about_the_service_of_its_newest(deliver):
    deliver(alert(1, alertname="OldRule", service="bot"))
    deliver(alert(2, alertname="OldRule", service="site"), alert(3, alertname="Gone", service="x"))
    assert {one for one in catalog.kinds() if one.name in ("OldRule", "Gone")} == {
        Kind("Gone", "x"),
        Kind("OldRule", "site"),
    }
