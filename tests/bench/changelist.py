"""The yardstick of the queue page: the Django admin's list of the same table.

As a developer would write it in five minutes, on a site of its own: the product's
/django-admin/ shows no verifications to anybody.
"""

from typing import Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

from compliance.verification.models import VerificationRequest
from growmies_admin.urls import urlpatterns as of_the_site


class Requests(admin.ModelAdmin):
    list_display = ("id", "member", "method", "state", "submitted_at", "due_at", "version")
    list_filter = ("state", "method")
    search_fields = ("=member__discord_id", "member__username")

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return True

    def has_module_permission(self, request: Any) -> bool:
        return True


class Site(admin.AdminSite):
    def has_permission(self, request: Any) -> bool:
        return bool(request.user.is_authenticated)


site = Site("bench")
site.register(VerificationRequest, Requests)

urlpatterns: list[URLPattern | URLResolver] = [*of_the_site, path("bench-admin/", site.urls)]
