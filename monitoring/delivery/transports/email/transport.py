"""E-mail through Django's SMTP: to teams, past Alertmanager, and to persons."""

import smtplib
from collections.abc import Mapping

from django.conf import settings as site
from django.core.mail import EmailMessage, get_connection

from monitoring import policy
from monitoring.delivery.content import About, Before, Content, Sent, To, Undelivered, Way
from monitoring.delivery.setting import Setting
from monitoring.delivery.transports.email.settings import (
    ALERT_EMAIL_COMPLIANCE,
    ALERT_EMAIL_CRITICAL,
    ALERT_EMAIL_OPS,
)
from monitoring.people import Person

_TEAMS: Mapping[str, Setting[list[str]]] = {
    "critical": ALERT_EMAIL_CRITICAL,
    "compliance": ALERT_EMAIL_COMPLIANCE,
    "infrastructure": ALERT_EMAIL_OPS,
}


class Email(Way):
    name, label, words = "email", "E-mail", "e-mail"
    who_sends = "Alertmanager; we, when it does not answer"
    set_up = "SMTP_HOST, and ALERT_EMAIL_CRITICAL and its like for each team"
    settings = tuple(_TEAMS.values())

    def targets(self) -> list[str]:
        if not site.EMAIL_IS_SET_UP:
            return []
        return [team for team, setting in _TEAMS.items() if setting.is_set]

    def takes(self, about: About) -> list[str]:
        team = "critical" if about.is_critical else about.team
        is_set = team in _TEAMS and _TEAMS[team].is_set
        return [team] if about.past_alertmanager and is_set else []

    def reaches(self, person: Person) -> bool:
        """At the address that they have at /staff/."""
        return bool(site.EMAIL_IS_SET_UP and person.email)

    def send(self, to: To, content: Content, before: Before) -> Sent:
        if not site.EMAIL_IS_SET_UP:
            raise Undelivered("No mail server is set (SMTP_HOST or EMAIL_URL).", permanent=True)
        mail = EmailMessage(
            subject=" ".join(content.title.split()),
            body="\n\n".join(filter(None, (content.text, content.url))) + "\n",
            from_email=site.SMTP_FROM,
            to=_addresses(to),
            # Mail programs thread what belongs to one subject.
            headers={"References": f"<{content.key}@growmies.alerts>"} if content.key else {},
            connection=get_connection(timeout=policy.DELIVERY_TIMEOUT.total_seconds()),
        )
        try:
            mail.send()
        except smtplib.SMTPResponseException as error:
            permanent = error.smtp_code >= 500
            words = f"The mail server answers {error.smtp_code}."
            raise Undelivered(words, permanent=permanent, code=error.smtp_code) from error
        except smtplib.SMTPRecipientsRefused as error:
            # 4xx here is greylisting, as mail servers meet a first contact.
            permanent = all(code >= 500 for code, _ in error.recipients.values())
            words = "The mail server refuses the recipient."
            raise Undelivered(words, permanent=permanent) from error
        except (OSError, smtplib.SMTPException) as error:
            words = f"The mail server does not answer ({type(error).__name__})."
            raise Undelivered(words) from error
        return Sent()


def _addresses(to: To) -> list[str]:
    if to.person is not None:
        found = [to.person.email] if to.person.email else []
    else:
        found = _TEAMS[to.target].value if to.target in _TEAMS else []
    if not found:
        raise Undelivered(f"Nobody is set for {to.target}.", permanent=True)
    return found


TRANSPORT = Email()
