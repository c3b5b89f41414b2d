from django.urls import path

from growmies_admin.accounts import views, views_keys, views_second_factor, views_tokens

urlpatterns = [
    path("", views.home, name="home"),
    path("account/keys/", views_keys.index, name="account_keys"),
    path("staff/", views.index, name="staff"),
    path("staff/<int:pk>/", views.change, name="staff_change"),
    path("staff/tokens/", views_tokens.index, name="staff_tokens"),
    path("staff/tokens/<int:pk>/revoke/", views_tokens.revoke, name="staff_token_revoke"),
    path("staff/keys/", views_tokens.own, name="staff_keys"),
    path("staff/keys/<int:pk>/open/", views_tokens.open_own, name="staff_key_open"),
    # allauth's own page would promise an e-mail; here administrators give the link.
    path("accounts/password/reset/", views.forgotten_password, name="forgotten_password"),
    path("accounts/email/", views.no_mail, name="no_mail"),
    path(
        "accounts/2fa/recovery-codes/",
        views_second_factor.view_recovery_codes,
        name="mfa_view_recovery_codes",
    ),
    path(
        "accounts/2fa/recovery-codes/download/",
        views_second_factor.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("staff/password/<str:uid>/<secret:token>/", views.first_password, name="staff_password"),
]
