"""What the daily clean-up does here: ends displays that nobody sees, removes what is over."""

from django.utils import timezone

from growmies_admin import policy
from growmies_admin.displays import screens
from growmies_admin.displays.models import CodeTry, Display, DisplayKey, Pairing
from monitoring.maintenance import cleanup
from monitoring.ui.words import span


def over_pairings() -> int:
    """Codes that expired, and pairings whose screen has its key or never came for it."""
    now = timezone.now()
    removed, _ = Pairing.objects.filter(expires_at__lt=now).delete()
    tries, _ = CodeTry.objects.filter(at__lt=now - policy.DISPLAY_CODE_TRIES[1]).delete()
    return removed + tries


def old_keys() -> int:
    limit = timezone.now() - policy.DISPLAY_KEY_RETENTION
    return DisplayKey.objects.filter(replaced_at__lt=limit).delete()[0]


def ended_displays() -> int:
    limit = timezone.now() - policy.DISPLAY_ENDED_RETENTION
    return Display.objects.ended().filter(ended_at__lt=limit).delete()[0]


cleanup.step("Pairing codes that have expired", over_pairings)
cleanup.step(
    f"Displays not seen for {span(policy.DISPLAY_UNSEEN_LIFE)} lose their access",
    screens.end_unseen,
)
cleanup.step("Replaced keys of displays", old_keys)
cleanup.step(f"Displays that ended {span(policy.DISPLAY_ENDED_RETENTION)} ago", ended_displays)
