from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("members", "0004_first_seen_at")]

    operations = [
        AddIndexConcurrently(
            model_name="member",
            index=models.Index(fields=["joined_at"], name="member_by_joining"),
        ),
        AddIndexConcurrently(
            model_name="member",
            index=models.Index(fields=["first_seen_at"], name="member_by_first_seen"),
        ),
    ]
