"""Remembers which version was rolled out when, so that an incident shows what changed."""

from django.db import transaction

from monitoring.incidents.models import Deploy


@transaction.atomic
def record(version: str) -> bool:
    """Note a version unless it is the last one; `prepare` calls it at every start."""
    version = version.strip()[:60]
    last = Deploy.objects.order_by("-at").values_list("version", flat=True).first()
    if not version or version == last:
        return False
    Deploy.objects.create(version=version)
    return True
