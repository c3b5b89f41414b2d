from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "compliance.quality"
    label = "quality"
    verbose_name = "Quality of reviews"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from compliance.desk import holding
        from compliance.members import blinds
        from compliance.quality import (
            blind,
            following,
            second_answers,
            second_claims,
            second_reviews,
        )
        from compliance.verification import signals
        from monitoring.audit import blinds as audit_blinds

        blinds.register(second_reviews.hidden_members)
        audit_blinds.register(blind.hidden_subjects)
        holding.register(second_claims.HELD, second_answers.count, second_answers.undone)
        signals.request_submitted.connect(following.submitted, dispatch_uid="quality.submitted")
        signals.request_withdrawn.connect(following.withdrawn, dispatch_uid="quality.withdrawn")
        signals.override_wanted.connect(following.wanted, dispatch_uid="quality.wanted")
        signals.decision_overridden.connect(following.overridden, dispatch_uid="quality.overridden")
        signals.decision_undone.connect(following.undone, dispatch_uid="quality.undone")
