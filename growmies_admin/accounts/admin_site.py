"""/django-admin/: raw rows of the site's own running, for administrators, to read only.

Registered are staff, their roles and tokens, runs and schedule of jobs, and the audit
trail. Not registered: anything of members or their verifications, which administrators
don't see (rights.py), sessions, and second factors.
"""

from importlib import import_module
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.module_loading import module_has_submodule

from monitoring.ui.guards import needs

RIGHT = "accounts.open_admin"
OURS = ("growmies_admin.", "compliance.", "monitoring.")
_may_open = needs(RIGHT, to="open the Django admin")


class StaffSite(admin.AdminSite):
    """Behind the site's own sign-in; whoever lacks the right is told so."""

    site_header = site_title = "Growmies Admin, rows"
    index_title = "What the site keeps about its own running"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.has_perm(RIGHT)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return _may_open(super().admin_view(view, cacheable))

    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """There is one sign-in, with its second factor; this leads to it."""
        return _may_open(lambda request: HttpResponseRedirect(reverse("admin:index")))(request)

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return HttpResponseRedirect(reverse("account_logout"))

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return HttpResponseRedirect(reverse("account_change_password"))


def register_ours() -> None:
    """Load `admin.py` of our rooms. Libraries bring theirs too, with secrets in their forms."""
    for config in apps.get_app_configs():
        if config.name.startswith(OURS) and module_has_submodule(config.module, "admin"):
            import_module(f"{config.name}.admin")
