import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    # Members that are there already are first seen now: who came and left before is not known.
    dependencies = [("members", "0003_made_up")]

    operations = [
        migrations.AddField(
            model_name="member",
            name="first_seen_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                default=django.utils.timezone.now,
                editable=False,
                help_text="By us; never changed.",
            ),
        ),
    ]
