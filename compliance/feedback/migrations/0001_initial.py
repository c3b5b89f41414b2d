from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Mark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField()),
                ("mark", models.BinaryField(max_length=32)),
            ],
            options={
                "verbose_name": "mark of a poll",
                "verbose_name_plural": "marks of polls",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("month", "mark"), name="one_answer_a_member_and_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="mark_of_a_month"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Total",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(help_text="Its first day.")),
                ("score", models.PositiveSmallIntegerField()),
                ("answers", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("month", "score"), name="one_total_a_month_and_score"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="total_of_a_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("score__range", (1, 5))), name="score_from_1_to_5"
                    ),
                ],
            },
        ),
    ]
