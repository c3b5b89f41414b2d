"""What the daily clean-up does here: old letters, wrong passwords and codes that don't count."""

from growmies_admin.accounts import letters, throttle
from monitoring.maintenance import cleanup

cleanup.step("Wrong passwords and codes that no longer count", throttle.forget_old)
cleanup.step("Old e-mail to staff about their accounts", letters.forget_old)
