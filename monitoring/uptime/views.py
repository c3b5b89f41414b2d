"""/uptime/: how we look from outside, and what Discord says of itself."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from monitoring import policy
from monitoring.tones import Tone
from monitoring.ui.guards import needs
from monitoring.uptime.models import DiscordStatus, Indicator, Probe

PAGE = 50
_TONES = {
    Indicator.NONE: Tone.OK,
    Indicator.MAINTENANCE: Tone.INFO,
    Indicator.MINOR: Tone.WARN,
    Indicator.MAJOR: Tone.CRITICAL,
    Indicator.CRITICAL: Tone.CRITICAL,
}


@needs("alerts.view", to="see how we look from outside")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Probes, those that are down first, by keyset `?after=up.name` or `down.name`."""
    found = Probe.objects.order_by("up", "name")
    state, _, name = request.GET.get("after", "").partition(".")
    if name and state in {"up", "down"}:
        rest = Q(up=state == "up", name__gt=name)
        found = found.filter(rest if state == "up" else rest | Q(up=True))
    probes = list(found[: PAGE + 1])
    more, probes = len(probes) > PAGE, probes[:PAGE]
    now = timezone.now()
    status = DiscordStatus.objects.first()
    context = {
        "probes": probes,
        "after": f"{'up' if probes[-1].up else 'down'}.{probes[-1].name}" if more else "",
        "later": bool(name),
        "old_before": now - policy.OUTSIDE_MAX_AGE,
        "soon": now + policy.CERTIFICATE_SOON,
        "discord": status,
        "discord_parts": [
            (name, word.replace("_", " "), word == "operational")
            for name, word in (status.components.items() if status else ())
        ],
        "discord_tone": _TONES[Indicator(status.indicator)] if status else Tone.MUTED,
        "discord_is_old": bool(status and status.checked_at < now - policy.OUTSIDE_MAX_AGE),
    }
    return render(request, "uptime/index.html", context)
