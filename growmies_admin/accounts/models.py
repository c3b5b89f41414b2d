"""Staff, their roles, preferences and API tokens. There is no sign-up: staff are invited."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils import timezone

from growmies_admin import policy
from growmies_admin.accounts.rights import STAFF_CHOICES, Role, roles_with
from growmies_admin.accounts.scopes import Scope
from monitoring.ui.words import isolated


def grace() -> datetime:
    """Until when somebody new may work without a second factor."""
    return timezone.now() + policy.SECOND_FACTOR_GRACE


class StaffManager(BaseUserManager["Staff"]):
    def create_user(
        self, username: str, email: str = "", password: str | None = None, **fields: object
    ) -> "Staff":
        """A staff member without any role; without a password only other sign-ins work."""
        staff = self.model(
            username=self.model.normalize_username(username),
            email=self.normalize_email(email),
            **fields,
        )
        staff.set_password(password)
        staff.save()
        return staff

    def with_perm(self, perm: str) -> models.QuerySet["Staff"]:
        """Active staff who have a right now, as Django's own manager names it."""
        now = timezone.now()
        in_force = RoleAssignment.objects.filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=now), role__in=roles_with(perm)
        )
        return self.filter(is_active=True, pk__in=in_force.values("staff"))


class Staff(AbstractBaseUser, PermissionsMixin):
    """A person who may sign in."""

    username = models.CharField(
        max_length=150, unique=True, validators=[UnicodeUsernameValidator()]
    )
    display_name = models.CharField(max_length=100, blank=True)
    email = models.EmailField(blank=True)
    discord_id = models.BigIntegerField(null=True, blank=True, unique=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="May open /django-admin/.")
    date_joined = models.DateTimeField(default=timezone.now)
    theme = models.CharField(max_length=6, default="system")
    single_keys = models.BooleanField(default=True, help_text="Single-key shortcuts on pages.")
    grey_first = models.BooleanField(
        default=True, db_default=True, help_text="A revealed picture is grey until colour is asked."
    )

    is_practice = models.BooleanField(
        default=False, db_default=False, help_text="Made by practice mode, and of use there only."
    )
    grace_until = models.DateTimeField(
        null=True, blank=True, default=grace, help_text="Works without a second factor until then."
    )
    last_code_step = models.BigIntegerField(
        null=True, blank=True, help_text="Of the last code of an app that was used; 30 s a step."
    )
    factor_reset_at = models.DateTimeField(
        null=True, blank=True, help_text="When somebody else last took their second factor off."
    )
    deactivated_at = models.DateTimeField(
        null=True, blank=True, help_text="When they left last; stays when they are let in again."
    )

    objects = StaffManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = "staff member"
        verbose_name_plural = "staff"
        constraints = [
            models.CheckConstraint(
                name="staff_theme_known", condition=Q(theme__in=["system", "light", "dark"])
            ),
            models.CheckConstraint(
                name="staff_discord_id_positive",
                condition=Q(discord_id__isnull=True) | Q(discord_id__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return isolated(self.display_name or self.username)

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    @property
    def initials(self) -> str:
        words = (self.display_name or self.username).replace(".", " ").replace("_", " ").split()
        return "".join(word[0] for word in words[:2]).upper() or "?"

    def role_set(self) -> frozenset[Role]:
        """Roles in force now; read once per object, so once per request."""
        cached: frozenset[Role] | None = getattr(self, "_role_set", None)
        if cached is None:
            cached = frozenset(Role(r.role) for r in self.roles.all() if r.in_force())
            self._role_set = cached
        return cached


class RoleAssignment(models.Model):
    """One role of one staff member; a break-glass role ends by itself."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=16, choices=STAFF_CHOICES)
    given_at = models.DateTimeField(default=timezone.now)
    given_by = models.ForeignKey(
        Staff, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "role"], name="staff_role_once"),
            models.CheckConstraint(name="role_known", condition=Q(role__in=Role.values)),
            models.CheckConstraint(name="role_is_a_persons", condition=~Q(role="display")),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} is {self.role}"

    def in_force(self, at: datetime | None = None) -> bool:
        return self.ends_at is None or self.ends_at > (at or timezone.now())


class KeyChoice(models.Model):
    """One key of one person's own set; without any the defaults hold (keys.py)."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="key_choices")
    act = models.CharField(max_length=16, help_text="One of keys.Act.")
    key = models.CharField(max_length=8, help_text="One character in lower case, space or enter.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "act"], name="one_key_an_act"),
            models.UniqueConstraint(fields=["staff", "key"], name="one_act_a_key"),
            models.CheckConstraint(
                name="key_can_be_pressed",
                condition=Q(key__regex=r"^([^0-9[:upper:][:space:]]|space|enter)$"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.act}"


class SignInTries(models.Model):
    """Wrong passwords or codes of late, for one account from one place (throttle.py)."""

    class Kind(models.TextChoices):
        PASSWORD = "password", "Password"
        CODE = "code", "Code of a second factor"

    account = models.CharField(max_length=24, help_text="`staff 17`, or `unknown` and a bucket.")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    source = models.CharField(
        max_length=64, blank=True, help_text="Keyed hash of an address, or a known device; or all."
    )
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "sign-in tries"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind", "source"], name="tries_once_a_source"
            ),
            models.CheckConstraint(
                name="tries_kind_known", condition=Q(kind__in=["password", "code"])
            ),
        ]
        indexes = [models.Index(fields=["last_at"], name="tries_by_age")]

    def __str__(self) -> str:
        return f"{self.account}: {self.failures}"


class FailedSignIns(models.Model):
    """Failures that wait to be told to the audit trail together (access_trail.py)."""

    staff = models.ForeignKey(
        Staff, on_delete=models.CASCADE, null=True, related_name="+", help_text="None: no account."
    )
    how = models.CharField(max_length=16, help_text="One of access_trail.How.")
    waiting = models.PositiveIntegerField(default=0)
    told_at = models.DateTimeField()
    network = models.CharField(max_length=48, blank=True, help_text="Of the last one.")

    class Meta:
        verbose_name_plural = "failed sign-ins"
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "how"], name="failures_together", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.how}: {self.waiting}"


class Letter(models.Model):
    """An e-mail to somebody on staff about their account: a row of the act that it tells of.

    What became of it stands in the messages of delivery.
    """

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=100)
    text = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="letters_oldest_first")]

    def __str__(self) -> str:
        return f"{self.title}, to {self.staff_id}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def current(self) -> "ApiTokenQuerySet":
        """What can be used, or can still be opened."""
        now = timezone.now()
        too_old = now - policy.API_TOKEN_OPENED_WITHIN
        return self.filter(
            Q(token_hash__isnull=False) | Q(created_at__gt=too_old),
            revoked_at__isnull=True,
            expires_at__gt=now,
        )

    def live(self) -> "ApiTokenQuerySet":
        """Opened, neither revoked nor expired."""
        return self.current().filter(token_hash__isnull=False)

    def waiting(self) -> "ApiTokenQuerySet":
        """Their owner can still open them."""
        return self.current().filter(token_hash__isnull=True)

    def ended(self) -> "ApiTokenQuerySet":
        return self.exclude(pk__in=self.current().values("pk"))


class ApiToken(models.Model):
    """A key to the admin API. The token itself is never stored, only its SHA-256.

    Before its owner has opened it, there is no token: neither hash nor prefix.
    """

    name = models.CharField(max_length=60)
    owner = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="api_tokens")
    scopes = ArrayField(models.CharField(max_length=32, choices=Scope.choices))
    token_hash = models.BinaryField(max_length=32, unique=True, null=True)
    prefix = models.CharField(
        max_length=12, blank=True, help_text="Its beginning, to recognise it by."
    )
    created_at = models.DateTimeField(default=timezone.now)
    opened_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "API token"
        verbose_name_plural = "API tokens"
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                condition=Q(revoked_at__isnull=True),
                name="one_unrevoked_token_a_name",
            ),
            models.CheckConstraint(
                name="token_hash_is_sha256", condition=Exact(Length("token_hash"), 32)
            ),
            models.CheckConstraint(
                name="token_scopes_known",
                condition=Q(scopes__contained_by=Scope.values, scopes__len__gt=0),
            ),
            models.CheckConstraint(name="token_named", condition=~Q(name="")),
            models.CheckConstraint(
                name="token_opened_or_nothing",
                condition=(Q(token_hash__isnull=False) & ~Q(prefix=""))
                | Q(
                    token_hash__isnull=True,
                    prefix="",
                    opened_at__isnull=True,
                    last_used_at__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="token_expires_after_creation", condition=Q(expires_at__gt=F("created_at"))
            ),
            models.CheckConstraint(
                name="token_revoked_after_creation",
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def open_until(self) -> datetime:
        """Until when its owner can open it, while they have not."""
        return min(self.created_at + policy.API_TOKEN_OPENED_WITHIN, self.expires_at)
