from django.urls import path

from compliance.providers import views_provider

urlpatterns = [
    path("api/verify/provider/", views_provider.callback, name="provider_callback"),
]
