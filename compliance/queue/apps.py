from django.apps import AppConfig


class QueueConfig(AppConfig):
    name = "compliance.queue"
    label = "queue"
    verbose_name = "Verification queue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from compliance.desk import holding, undoing
        from compliance.queue import bulk, undoable

        undoing.register(undoable.decisions_of)
        undoing.register(undoable.escalations_of)
        holding.register(bulk.HELD, bulk.do_held)
