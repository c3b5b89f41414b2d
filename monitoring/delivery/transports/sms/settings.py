"""Set for SMS."""

from monitoring.delivery.setting import named

ALERT_SMS_URLS = named(
    "ALERT_SMS_URLS",
    "who gets SMS of critical alerts, by username: name=address, separated by spaces, each an "
    "address of apprise",
)
