from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from growmies_admin.accounts.models import ApiToken, RoleAssignment, Staff
from monitoring.ui.read_only import ReadOnly


@admin.register(Staff)
class StaffAdmin(ReadOnly):
    """Changed at /staff/, where each act checks and leaves an entry."""

    right = "accounts.manage"
    list_display = ("username", "display_name", "is_active", "role_names", "last_login")
    list_filter = ("is_active", "roles__role")
    search_fields = ("username", "display_name")
    ordering = ("username",)
    fields = (
        "username", "display_name", "email", "discord_id", "is_active", "role_names",
        "date_joined", "last_login", "theme", "single_keys",
    )  # fmt: skip
    readonly_fields = ("role_names",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Staff]:
        return super().get_queryset(request).prefetch_related("roles")

    @admin.display(description="roles")
    def role_names(self, staff: Staff) -> str:
        return ", ".join(sorted(role.label for role in staff.role_set()))


@admin.register(RoleAssignment)
class RoleAssignmentAdmin(ReadOnly):
    right = "accounts.manage"
    list_display = ("staff", "role", "given_at", "given_by", "ends_at")
    list_filter = ("role",)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly):
    right = "accounts.manage"
    list_display = ("name", "owner", "expires_at", "last_used_at", "revoked_at")
    list_filter = ("revoked_at",)
    fields = (*list_display, "scopes", "created_at", "opened_at")
