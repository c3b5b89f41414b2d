"""/alerts/silences/ and /alerts/channels/: what holds messages back, and where they go."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from monitoring import policy
from monitoring.alerts import alertmanager, listing, sending, silencing
from monitoring.alerts.acknowledging import NotDone
from monitoring.alerts.alertmanager import AlertmanagerUnavailable
from monitoring.alerts.channels import TRANSPORTS
from monitoring.alerts.models import Channel, Delivery, DeliveryKind
from monitoring.alerts.views import may_see, may_silence
from monitoring.ui.guards import needs

may_test = needs("alerts.test", to="send tests through the channels of alerts")
EXPIRED_SHOWN = 20
RECENT = 25
# Where a channel's messages come from when all is well, and what sets it up.
_WHO_SENDS = {
    Channel.DISCORD: ("we, for every alert", "the bot makes its webhooks when it is connected"),
    Channel.EMAIL: ("Alertmanager; we, when it does not answer", "SMTP_HOST and ALERT_EMAIL_…"),
    Channel.SMS: ("we, for critical alerts", "ALERT_SMS_URLS"),
    Channel.PAGERDUTY: ("Alertmanager; we, when it does not answer", "PAGERDUTY_KEY"),
    Channel.SLACK: ("Alertmanager; we, when it does not answer", "SLACK_WEBHOOK_URL"),
}


@never_cache
@may_see
@require_GET
def silences(request: HttpRequest) -> HttpResponse:
    """All that Alertmanager has, ours and others'."""
    context: dict[str, Any] = {"may_silence": request.user.has_perm("alerts.silence")}
    try:
        found = alertmanager.silences()
    except AlertmanagerUnavailable as why:
        context["error"] = str(why)
        found = []
    context["live"] = [s for s in found if s.state != "expired"]
    context["expired"] = [s for s in found if s.state == "expired"][:EXPIRED_SHOWN]
    return render(request, "alerts/silences.html", context)


@may_silence
@require_POST
def end_silence(request: HttpRequest, silence_id: str) -> HttpResponse:
    try:
        silencing.expire(str(silence_id), by=request.user)
    except NotDone as why:
        messages.warning(request, str(why))
    else:
        messages.success(request, "Ended. What fires is told again within minutes.")
    listing.forget_totals()
    return HttpResponseRedirect(reverse("alert_silences"))


@never_cache
@may_see
@require_GET
def channels(request: HttpRequest) -> HttpResponse:
    """Each channel with its targets, how the last message went, and the newest messages."""
    recent = Delivery.objects.select_related("alert", "requested_by").order_by("-id")[:RECENT]
    context = {
        "channels": [_channel(channel) for channel in Channel],
        "recent": recent,
        "may_test": request.user.has_perm("alerts.test"),
    }
    return render(request, "alerts/channels.html", context)


@may_test
@require_POST
def test(request: HttpRequest) -> HttpResponse:
    """A message that says that the channel works; a few a minute."""
    channel, target = request.POST.get("channel", ""), request.POST.get("target", "")
    if channel not in TRANSPORTS or target not in TRANSPORTS[channel].targets():
        messages.warning(request, "There is no such target; nothing was sent.")
    elif _too_many(request, channel):
        messages.warning(request, "That is a lot of tests. Wait a minute, please.")
    else:
        sending.test(channel, target, by=request.user)
        messages.success(request, f"A test is on its way to {target}; below stands how it went.")
    return HttpResponseRedirect(reverse("alert_channels"))


def _channel(channel: Channel) -> dict[str, Any]:
    targets = []
    for target in TRANSPORTS[channel].targets():
        mine = Delivery.objects.filter(channel=channel, target=target)
        targets.append((target, mine.order_by("-id").first()))
    who, how = _WHO_SENDS[channel]
    return {
        "key": channel.value,
        "title": channel.label,
        "who": who,
        "how": how,
        "targets": targets,
    }


def _too_many(request: HttpRequest, channel: str) -> bool:
    most, span = policy.ALERT_TESTS
    mine = Delivery.objects.filter(
        kind=DeliveryKind.TEST,
        channel=channel,
        requested_by=request.user.pk,
        created_at__gte=timezone.now() - span,
    )
    return mine.count() >= most
