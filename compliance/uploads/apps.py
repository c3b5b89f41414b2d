from django.apps import AppConfig


class UploadsConfig(AppConfig):
    name = "compliance.uploads"
    label = "uploads"
    verbose_name = "Upload pages"
    default_auto_field = "django.db.models.BigAutoField"
