"""What e-mail about an account says, and that somebody could not be told."""

from collections.abc import Iterable

from growmies_admin import policy
from growmies_admin.accounts.models import Letter
from monitoring.audit import trail
from monitoring.audit.models import Category, Severity
from monitoring.delivery import sources, transports
from monitoring.delivery.content import Content
from monitoring.delivery.models import Message
from monitoring.tones import Tone


class Accounts(sources.Source):
    """Each letter is a message of its own: none may be lost among others."""

    name, label = "accounts", "Accounts"
    right = "accounts.manage"
    urgency = 1
    bundles = False
    give_up = policy.LETTER_GIVE_UP

    def content(self, message: Message) -> Content:
        letter = Letter.objects.get(pk=message.subject)
        return Content(title=letter.title, text=letter.text, url="", key="", tone=Tone.INFO)

    def gave_up(self, message: Message) -> None:
        letter = Letter.objects.select_related("staff").get(pk=message.subject)
        trail.record(
            "staff.not_told",
            category=Category.ACCESS,
            severity=Severity.WARNING,
            target=letter.staff,
            data={
                "username": letter.staff.username,
                "by": transports.words(message.channel),
                "why": message.error,
            },
        )

    def subjects(self, ids: Iterable[int]) -> dict[int, sources.Subject]:
        found = Letter.objects.filter(pk__in=list(ids))
        return {one.pk: sources.Subject(one.title) for one in found}


SOURCE = sources.register(Accounts())
