"""Which alerts there are: of Prometheus' rules, of the site itself, and those that ever came in."""

from dataclasses import dataclass

from django.core.cache import cache

from monitoring import policy
from monitoring.alerts import listing, raising
from monitoring.alerts.models import Alert
from monitoring.prometheus.client import PrometheusUnavailable, alert_rule_labels

_KEY = "alerts.catalog"


@dataclass(frozen=True, order=True)
class Kind:
    """One alert that may fire, by its name, and the service that it is about."""

    name: str
    service: str


def kinds() -> list[Kind]:
    """In order of their names, without the dead man's switch; some seconds old at most.

    While Prometheus is away, those of the site and those that ever came in.
    """
    found: list[Kind] | None = cache.get(_KEY)
    if found is None:
        known = {*_of_rules(), *(Kind(one.name, one.service) for one in raising.kinds())}
        known |= _of_record([n for n in listing.names() if n not in {one.name for one in known}])
        found = sorted(one for one in known if one.name != policy.WATCHDOG)
        cache.set(_KEY, found, listing.NAMES_SECONDS)
    return found


def _of_rules() -> list[Kind]:
    try:
        rules = alert_rule_labels()
    except PrometheusUnavailable:
        return []
    return [Kind(name, labels.get("service", "")) for name, labels in rules]


def _of_record(names: list[str]) -> set[Kind]:
    """With the service of each name's newest alert."""
    found = Alert.objects.order_by("-id").values_list("name", "service")
    each = [found.filter(name=name)[:1] for name in names]
    return {Kind(*one) for one in found.none().union(*each, all=True)}
