from django.urls import path

from growmies_admin.displays import views, views_pair

urlpatterns = [
    path("", views.index, name="displays"),
    path("code/", views.code, name="display_code"),
    path("confirm/", views.confirm, name="display_confirm"),
    path("<int:pk>/", views.display, name="display"),
    path("<int:pk>/change/", views.change, name="display_change"),
    path("<int:pk>/revoke/", views.revoke, name="display_revoke"),
    path("pair/", views_pair.pair, name="pair"),
    path("pair/code/", views_pair.pair_code, name="pair_code"),
]
