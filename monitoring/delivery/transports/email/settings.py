"""Set for e-mail. The mail server (SMTP_HOST, EMAIL_URL) is the whole site's."""

from monitoring.delivery.setting import addresses

ALERT_EMAIL_CRITICAL = addresses("ALERT_EMAIL_CRITICAL", "who gets e-mail of critical alerts")
ALERT_EMAIL_COMPLIANCE = addresses("ALERT_EMAIL_COMPLIANCE", "who gets e-mail of compliance")
ALERT_EMAIL_OPS = addresses("ALERT_EMAIL_OPS", "who gets e-mail of the infrastructure")
