from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

UNFINISHED = ["waiting", "ready", "parked", "failed", "delivering"]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("effects", "0002_may_land_until")]
    operations = [
        AddIndexConcurrently(
            "effect", models.Index(fields=["member_id"], name="effects_by_member")
        ),
        AddIndexConcurrently(
            "effect",
            models.Index(
                fields=["state", "-id"],
                condition=Q(state__in=UNFINISHED),
                name="effects_unfinished",
            ),
        ),
        RemoveIndexConcurrently("effect", "effects_parked_by_member"),
        RemoveIndexConcurrently("effect", "effects_failed"),
    ]
