"""Slack's incoming webhook, past Alertmanager."""

from monitoring.delivery import by_apprise
from monitoring.delivery.content import About, Before, Content, Sent, To, Undelivered, Way
from monitoring.delivery.transports.slack.settings import SLACK_WEBHOOK_URL


class Slack(Way):
    name, label, words = "slack", "Slack", "Slack"
    who_sends = "Alertmanager; we, when it does not answer"
    set_up = "SLACK_WEBHOOK_URL"
    settings = (SLACK_WEBHOOK_URL,)

    def targets(self) -> list[str]:
        return ["alerts"] if SLACK_WEBHOOK_URL.is_set else []

    def takes(self, about: About) -> list[str]:
        return self.targets() if about.past_alertmanager else []

    def send(self, to: To, content: Content, before: Before) -> Sent:
        if not SLACK_WEBHOOK_URL.is_set:
            raise Undelivered("SLACK_WEBHOOK_URL is not set.", permanent=True)
        text = f"{content.text}\n{content.url}"
        return by_apprise.notify(SLACK_WEBHOOK_URL.value, content.title, text)


TRANSPORT = Slack()
