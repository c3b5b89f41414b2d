from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "compliance.evidence"
    label = "evidence"
    verbose_name = "Evidence"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from compliance.evidence import following
        from compliance.verification import signals

        signals.request_decided.connect(following.decided, dispatch_uid="evidence.decided")
        signals.decision_undone.connect(following.undone, dispatch_uid="evidence.undone")
        signals.request_withdrawn.connect(following.withdrawn, dispatch_uid="evidence.withdrawn")
