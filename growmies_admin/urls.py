"""All URLs of the site (docs/urls.md); each room brings its own."""

from allauth.urls import urlpatterns as allauth_urls
from django.contrib import admin
from django.urls import include, path

from growmies_admin.accounts.whole import acts_in_one_transaction
from monitoring.alerts.views_intake import receive
from monitoring.ui import unlogged

unlogged.mark("account_confirm_email", "key")
unlogged.mark("account_reset_password_from_key", "key")

acts_in_one_transaction(allauth_urls)

handler400 = "growmies_admin.middleware.bad_request"
handler500 = "growmies_admin.middleware.server_error"

urlpatterns = [
    path("", include("growmies_admin.accounts.urls")),
    path("accounts/", include(allauth_urls)),
    path("", include("monitoring.health.urls")),
    path("", include("monitoring.metrics.urls")),
    path("", include("monitoring.walls.urls")),
    path("maintenance/", include("monitoring.maintenance.urls")),
    path("kpis/", include("monitoring.kpis.urls")),
    path("api/alerts/", receive, name="api_alerts"),
    path("alerts/", include("monitoring.alerts.urls")),
    path("incidents/", include("monitoring.incidents.urls")),
    path("uptime/", include("monitoring.uptime.urls")),
    path("audit/", include("monitoring.audit.urls")),
    path("inbox/", include("compliance.desk.urls")),
    path("", include("compliance.queue.urls")),
    path("", include("compliance.quality.urls")),
    path("", include("compliance.uploads.urls")),
    path("", include("compliance.providers.urls")),
    path("", include("compliance.moderation.urls")),
    path("members/", include("compliance.members.urls")),
    path("members/", include("compliance.privacy.urls")),
    path("appeals/", include("compliance.appeals.urls")),
    path("displays/", include("growmies_admin.displays.urls")),
    path("effects/", include("compliance.effects.urls")),
    path("django-admin/", admin.site.urls),
    path("api/admin/", include("growmies_admin.api.urls")),
]
