"""E-mail through Django's SMTP: for what goes past Alertmanager, and for tests of the channel."""

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from monitoring import policy
from monitoring.alerts.channels.base import Message, Sent, Undelivered


class Email:
    def targets(self) -> list[str]:
        return list(settings.ALERT_EMAILS) if settings.EMAIL_IS_SET_UP else []

    def send(self, target: str, message: Message, message_id: int | None) -> Sent:
        if not settings.EMAIL_IS_SET_UP:
            raise Undelivered("No mail server is set (SMTP_HOST or EMAIL_URL).", permanent=True)
        to = settings.ALERT_EMAILS.get(target)
        if not to:
            raise Undelivered(f"Nobody is set for {target}.", permanent=True)
        mail = EmailMessage(
            subject=" ".join(message.title.split()),
            body=f"{message.text}\n\n{message.url}\n",
            from_email=settings.SMTP_FROM,
            to=to,
            # Mail programs thread what belongs to one alert.
            headers={"References": f"<{message.key}@growmies.alerts>"},
            connection=get_connection(timeout=policy.ALERT_DELIVERY_TIMEOUT.total_seconds()),
        )
        try:
            mail.send()
        except smtplib.SMTPResponseException as error:
            permanent = error.smtp_code >= 500
            raise Undelivered(
                f"The mail server answers {error.smtp_code}.",
                permanent=permanent,
                code=error.smtp_code,
            ) from error
        except smtplib.SMTPRecipientsRefused as error:
            raise Undelivered("The mail server refuses the recipient.", permanent=True) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Undelivered(
                f"The mail server does not answer ({type(error).__name__})."
            ) from error
        return Sent()
