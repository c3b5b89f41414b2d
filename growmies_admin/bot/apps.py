from django.apps import AppConfig


class BotConfig(AppConfig):
    name = "growmies_admin.bot"
    label = "bot"
    verbose_name = "Discord bot"
    default_auto_field = "django.db.models.BigAutoField"
