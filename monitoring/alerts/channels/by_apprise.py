"""SMS and Slack through apprise, which knows the many services behind an address."""

from django.conf import settings

from monitoring.alerts.channels.base import Message, Sent, Undelivered

SMS_CHARACTERS = 300


class Sms:
    """One address of apprise a person or team: ALERT_SMS_URLS."""

    def targets(self) -> list[str]:
        return list(settings.ALERT_SMS_URLS)

    def send(self, target: str, message: Message, message_id: int | None) -> Sent:
        url = settings.ALERT_SMS_URLS.get(target)
        if not url:
            raise Undelivered(f"Nothing is set for {target} in ALERT_SMS_URLS.", permanent=True)
        return _notify(url, "", f"{message.title}\n{message.url}"[:SMS_CHARACTERS])


class Slack:
    def targets(self) -> list[str]:
        return ["alerts"] if settings.SLACK_WEBHOOK_URL else []

    def send(self, target: str, message: Message, message_id: int | None) -> Sent:
        if not settings.SLACK_WEBHOOK_URL:
            raise Undelivered("SLACK_WEBHOOK_URL is not set.", permanent=True)
        return _notify(settings.SLACK_WEBHOOK_URL, message.title, f"{message.text}\n{message.url}")


def _notify(url: str, title: str, text: str) -> Sent:
    import apprise  # slow to import, and needed by the worker alone

    service = apprise.Apprise.instantiate(url)
    if service is None:
        raise Undelivered("apprise does not know this kind of address.", permanent=True)
    if not service.notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT):
        raise Undelivered("The service did not take it.")
    return Sent()
