"""What the daily clean-up removes here."""

from compliance.feedback import giving
from monitoring.maintenance import cleanup

cleanup.step("Marks of answers to polls of past months", giving.old_marks)
