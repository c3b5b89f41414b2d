"""Set for PagerDuty."""

from monitoring.delivery.setting import text, url

PAGERDUTY_KEY = text("PAGERDUTY_KEY", "integration key of Events API v2")
PAGERDUTY_EVENTS_URL = url(
    "PAGERDUTY_EVENTS_URL", "where events go", "https://events.pagerduty.com/v2/enqueue"
)
