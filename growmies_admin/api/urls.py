from django.urls import path

from growmies_admin.api import views

urlpatterns = [
    path("verification-queue", views.verification_queue, name="api_verification_queue"),
    path("verifications", views.verifications, name="api_verifications"),
    path("openapi.json", views.openapi, name="api_openapi"),
]
