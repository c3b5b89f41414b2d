"""/alerts/silences/ and /alerts/channels/: what holds messages back, and where they go."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from monitoring import policy
from monitoring.alerts import alertmanager, listing, silencing
from monitoring.alerts.alertmanager import AlertmanagerUnavailable
from monitoring.alerts.models import KnownSilence, Origin
from monitoring.alerts.views import may_see, may_silence
from monitoring.delivery import outbox, sources, transports
from monitoring.delivery.content import Transport
from monitoring.delivery.models import Kind, Message
from monitoring.people import Request
from monitoring.refusals import Refusal
from monitoring.ui.guards import needs
from monitoring.ui.words import span

may_test = needs("alerts.test", to="send tests through the channels of alerts")
EXPIRED_SHOWN = 20
RECENT = 25


@never_cache
@may_see
@require_GET
def silences(request: Request) -> HttpResponse:
    """All that Alertmanager has, ours and others'."""
    context: dict[str, Any] = {"may_silence": request.user.has_perm("alerts.silence")}
    try:
        found = alertmanager.silences()
    except AlertmanagerUnavailable as why:
        context["error"] = str(why)
        found = []
    expired = [s for s in found if s.state == "expired"][:EXPIRED_SHOWN]
    live = [s for s in found if s.state != "expired"]
    ours = KnownSilence.objects.select_related("made_by").exclude(origin=Origin.ELSEWHERE)
    made = ours.in_bulk([s.id for s in [*live, *expired]], field_name="silence_id")
    context["live"] = [(s, made.get(s.id)) for s in live]
    context["expired"] = [(s, made.get(s.id)) for s in expired]
    return render(request, "alerts/silences.html", context)


@may_silence
@require_POST
def end_silence(request: Request, silence_id: str) -> HttpResponse:
    try:
        silencing.expire(str(silence_id), by=request.user)
    except Refusal as why:
        messages.warning(request, str(why))
    else:
        messages.success(request, "Ended. What fires is told again within minutes.")
    listing.forget_totals()
    return HttpResponseRedirect(reverse("alert_silences"))


@never_cache
@may_see
@require_GET
def channels(request: Request) -> HttpResponse:
    """Each channel with its targets, how the last message went, and the newest messages."""
    context = {
        "channels": [_channel(one) for one in transports.everything().values()],
        "recent": _recent(request),
        "may_test": request.user.has_perm("alerts.test"),
    }
    return render(request, "alerts/channels.html", context)


@may_test
@require_POST
def test(request: Request) -> HttpResponse:
    """A message that says that the channel works; a few a minute."""
    channel, target = request.POST.get("channel", ""), request.POST.get("target", "")
    transport = transports.get(channel)
    if transport is None or target not in transport.targets():
        messages.warning(request, "There is no such target; nothing was sent.")
    elif _too_many(request, channel):
        messages.warning(
            request, f"That is a lot of tests. Wait {span(policy.DELIVERY_TESTS[1])}, please."
        )
    else:
        outbox.test(channel, target, by=request.user)
        messages.success(request, f"A test is on its way to {target}; below stands how it went.")
    return HttpResponseRedirect(reverse("alert_channels"))


def _channel(transport: Transport) -> dict[str, Any]:
    targets = []
    for target in transport.targets():
        mine = Message.objects.filter(channel=transport.name, target=target)
        targets.append((target, mine.order_by("-id").first()))
    return {
        "key": transport.name,
        "title": transport.label,
        "who": transport.who_sends,
        "how": transport.set_up,
        "targets": targets,
        "settings": [(one.name, one.what, one.is_set) for one in transport.settings],
        "missing": transport.missing().items() if targets else (),
    }


def _recent(request: Request) -> list[tuple[Message, sources.Subject | None]]:
    """The newest messages that this reader may see, each with what it is about."""
    mine = Message.objects.filter(source__in=sources.seen_by(request.user))
    found = list(mine.select_related("requested_by").order_by("-id")[:RECENT])
    subjects: dict[tuple[str, int], sources.Subject] = {}
    for name in {message.source for message in found}:
        ids = [m.subject_id for m in found if m.source == name and m.subject_id is not None]
        known = sources.get(name).subjects(ids) if ids else {}
        subjects |= {(name, number): subject for number, subject in known.items()}
    return [(m, subjects.get((m.source, m.subject_id or 0))) for m in found]


def _too_many(request: Request, channel: str) -> bool:
    most, span = policy.DELIVERY_TESTS
    mine = Message.objects.filter(
        kind=Kind.TEST,
        channel=channel,
        requested_by=request.user.pk,
        created_at__gte=timezone.now() - span,
    )
    return mine.count() >= most
