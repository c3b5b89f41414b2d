"""/uptime/: how we look from outside, and what Discord says of itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from monitoring import policy
from monitoring.tones import Tone
from monitoring.ui import paging
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
    """Probes, those that are down first, by keyset."""
    after = request.GET.get("after", "")
    page = paging.page(Probe.objects.all(), "up", "name", after=after, size=PAGE)
    now = timezone.now()
    status = DiscordStatus.objects.first()
    context = {
        "page": page,
        "later": bool(after),
        "probe_every": policy.PROBE_EVERY,
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
