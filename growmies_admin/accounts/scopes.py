"""What an API token may be for: the one list of scopes, and the right that each one needs.

A new scope stands here, in a migration of the constraint `token_scopes_known`, and in
docs/api.md.
"""

from django.db import models


class Scope(models.TextChoices):
    QUEUE_READ = "queue:read", "Read the age-verification queue"


# scope -> the right (rights.py) that the token's owner must hold whenever it is used
NEEDS: dict[Scope, str] = {Scope.QUEUE_READ: "verification.view"}
