"""Services that apprise knows, by their address in its form."""

from monitoring.delivery.content import Sent, Undelivered


def notify(url: str, title: str, text: str) -> Sent:
    """Raises Undelivered; apprise does not say why, so it is never permanent."""
    import apprise  # slow to import, and needed by the worker alone

    service = apprise.Apprise.instantiate(url)
    if service is None:
        raise Undelivered("apprise does not know this kind of address.", permanent=True)
    if not service.notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT):
        raise Undelivered("The service did not take it.")
    return Sent()
