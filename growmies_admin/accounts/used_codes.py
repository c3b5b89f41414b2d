"""Codes of an authenticator app open once, also when the cache has lost its memory.

allauth takes a code one step early or late (MFA_TOTP_TOLERANCE), so it is good for 90 seconds,
and keeps used ones in the cache for 30. So the last step that was used is kept with the person:
only codes of later steps are taken. One statement decides, so that of two at once one is refused.
"""

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from allauth.mfa.utils import decrypt
from django.db.models import Q
from django.db.models.functions import Coalesce, Greatest

from growmies_admin.accounts.models import Staff


def take(authenticator: Authenticator, code: str) -> bool:
    """Use up a code that is right; False when it, or a later one, was used before."""
    step = _step_of(decrypt(authenticator.data["secret"]), code)
    unused = Staff.objects.filter(
        Q(last_code_step__isnull=True) | Q(last_code_step__lt=step), pk=authenticator.user_id
    )
    return bool(unused.update(last_code_step=step))


def note(person: Staff, secret: str, code: str) -> None:
    """Use up the code by which an app is added.

    It is not refused: the app before may have been asked for a code a moment ago.
    """
    step = _step_of(secret, code)
    used = Greatest(Coalesce("last_code_step", step), step)
    Staff.objects.filter(pk=person.pk).update(last_code_step=used)


def _step_of(secret: str, code: str) -> int:
    """The latest step that a code is good for. A moment has passed since allauth accepted it."""
    steps: list[int] = list(auth.yield_hotp_counters_from_time())
    good_for = [step for step in (steps[0] - 1, *steps) if _is_of(secret, step, code)]
    return max(good_for, default=steps[-1])


def _is_of(secret: str, step: int, code: str) -> bool:
    expected = auth.format_hotp_value(auth.hotp_value(secret, step))
    return bool(auth.compare_user_code(actual=code, expected=expected))
