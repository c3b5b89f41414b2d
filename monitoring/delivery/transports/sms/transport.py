"""SMS through apprise, which knows the many services behind an address."""

from monitoring.delivery import by_apprise
from monitoring.delivery.content import About, Before, Content, Sent, To, Undelivered, Way
from monitoring.delivery.transports.sms.settings import ALERT_SMS_URLS
from monitoring.people import Person

CHARACTERS = 300


class Sms(Way):
    """Alertmanager has none. Nobody is woken to be told that it is over."""

    name, label, words = "sms", "SMS", "SMS"
    who_sends = "we, for critical alerts"
    set_up = "ALERT_SMS_URLS"
    settings = (ALERT_SMS_URLS,)
    tells_the_end = False
    is_personal = True

    def targets(self) -> list[str]:
        return list(ALERT_SMS_URLS.value)

    def takes(self, about: About) -> list[str]:
        return self.targets() if about.is_critical else []

    def reaches(self, person: Person) -> bool:
        return person.username in ALERT_SMS_URLS.value

    def send(self, to: To, content: Content, before: Before) -> Sent:
        url = ALERT_SMS_URLS.value.get(to.target)
        if not url:
            raise Undelivered(f"Nothing is set for {to.target} in ALERT_SMS_URLS.", permanent=True)
        return by_apprise.notify(url, "", f"{content.title}\n{content.url}"[:CHARACTERS])


TRANSPORT = Sms()
