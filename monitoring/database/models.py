"""Which tables have partitions that the site may make, index and drop."""

from django.db import models
from django.db.models import Q

from monitoring.database.grants import READ_ONLY


class PartitionedTable(models.Model):
    """A table in partitions by time. Only migrations list one: the site's role can't.

    The owner's functions partition_make, partition_index and partition_drop do nothing for a
    table that is not listed, and work out names, bounds and ages from the row.
    """

    class Period(models.TextChoices):
        DAY = "day", "Day"
        MONTH = "month", "Month"

    grants = READ_ONLY

    parent = models.CharField(max_length=40, primary_key=True, help_text="Name of the table.")
    period = models.CharField(max_length=5, choices=Period.choices)
    keep = models.DurationField(help_text="Only what ended longer ago may be dropped.")
    ahead = models.DurationField(help_text="How far ahead partitions may be made.")
    indexes = models.JSONField(
        default=list, db_default=[], help_text="What CREATE INDEX … ON the partition ends in."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="partitioned_by_day_or_month", condition=Q(period__in=["day", "month"])
            ),
            models.CheckConstraint(
                name="partitioned_name_is_plain", condition=Q(parent__regex=r"^[a-z][a-z0-9_]*$")
            ),
        ]

    def __str__(self) -> str:
        return self.parent
