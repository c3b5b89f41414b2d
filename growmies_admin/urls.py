"""All URLs of the site (contract.md, "URLs"); each room brings its own."""

from django.contrib import admin
from django.urls import include, path

from monitoring.alerts.views_intake import receive

handler500 = "growmies_admin.middleware.server_error"

urlpatterns = [
    path("", include("growmies_admin.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("monitoring.health.urls")),
    path("", include("monitoring.metrics.urls")),
    path("", include("monitoring.panels.urls")),
    path("maintenance/", include("monitoring.maintenance.urls")),
    path("kpis/", include("monitoring.kpis.urls")),
    path("api/alerts/", receive, name="api_alerts"),
    path("alerts/", include("monitoring.alerts.urls")),
    path("incidents/", include("monitoring.incidents.urls")),
    path("uptime/", include("monitoring.uptime.urls")),
    path("audit/", include("monitoring.audit.urls")),
    path("", include("compliance.verification.urls")),
    path("members/", include("compliance.members.urls")),
    path("members/", include("compliance.privacy.urls")),
    path("appeals/", include("compliance.appeals.urls")),
    path("displays/", include("growmies_admin.displays.urls")),
    path("effects/", include("compliance.effects.urls")),
    path("django-admin/", admin.site.urls),
    path("api/admin/", include("growmies_admin.api.urls")),
]
