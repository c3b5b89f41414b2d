"""The monthly poll: how often each score was given, and apart from that, who may not answer again.

Nothing ties a mark to a score: no time, no order, no member.
"""

from django.db import models
from django.db.models import Q


class Total(models.Model):
    """How often a score was given in a month. All five rows are made at once."""

    month = models.DateField(help_text="Its first day.")
    score = models.PositiveSmallIntegerField()
    answers = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "score"], name="one_total_a_month_and_score"),
            models.CheckConstraint(name="total_of_a_month", condition=Q(month__day=1)),
            models.CheckConstraint(name="score_from_1_to_5", condition=Q(score__range=(1, 5))),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}: {self.answers} × {self.score}"


class Mark(models.Model):
    """That somebody has answered in a month: a keyed hash, erased when the month is over."""

    month = models.DateField()
    mark = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = "mark of a poll"
        verbose_name_plural = "marks of polls"
        constraints = [
            models.UniqueConstraint(fields=["month", "mark"], name="one_answer_a_member_and_month"),
            models.CheckConstraint(name="mark_of_a_month", condition=Q(month__day=1)),
        ]

    def __str__(self) -> str:
        return f"a mark of {self.month:%Y-%m}"
