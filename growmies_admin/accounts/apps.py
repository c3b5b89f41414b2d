from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "growmies_admin.accounts"
    label = "accounts"
    verbose_name = "Staff accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Binds shared tasks to our Celery app in every process that runs Django. Not done
        # in growmies_admin/__init__.py: the practice guild and the stack stand alone.
        from growmies_admin import celery  # noqa: F401
        from growmies_admin.accounts import access_trail

        access_trail.connect()
