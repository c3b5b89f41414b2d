"""allauth's pages of the recovery codes; looking at them leaves an entry in the audit trail."""

from typing import Any

from allauth.mfa.recovery_codes import views
from django.http import HttpRequest, HttpResponse

from growmies_admin.accounts import access_trail


class ViewRecoveryCodes(views.ViewRecoveryCodesView):  # type: ignore[misc]
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        page: HttpResponse = super().get(request, *args, **kwargs)
        access_trail.codes_viewed(request)
        return page


class DownloadRecoveryCodes(views.DownloadRecoveryCodesView):  # type: ignore[misc]
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        page: HttpResponse = super().get(request, *args, **kwargs)
        access_trail.codes_viewed(request)
        return page


view_recovery_codes = ViewRecoveryCodes.as_view()
download_recovery_codes = DownloadRecoveryCodes.as_view()
