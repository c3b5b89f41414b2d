from django.apps import AppConfig


class AuditChainConfig(AppConfig):
    name = "monitoring.audit_chain"
    label = "audit_chain"
    verbose_name = "Audit trail's chain"
