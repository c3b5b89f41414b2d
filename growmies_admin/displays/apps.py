from django.apps import AppConfig


class DisplaysConfig(AppConfig):
    name = "growmies_admin.displays"
    label = "displays"
    verbose_name = "Displays"
    default_auto_field = "django.db.models.BigAutoField"
