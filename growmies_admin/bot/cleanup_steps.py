"""What the daily clean-up removes here."""

from growmies_admin.bot import activity_days
from monitoring.maintenance import cleanup

cleanup.step("Old sums of the guild's activity", activity_days.old_rows)
