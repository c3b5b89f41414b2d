"""What other rooms may listen to."""

from django.dispatch import Signal

# An alert is new, fires again or is resolved. Sent inside the transaction that changes it, once
# for each change and never for a repeated delivery, with
#   alert: the saved Alert, old_status: None for a new one, new_status: "firing" or "resolved".
# A receiver that raises undoes the whole delivery, and Alertmanager sends it again.
alert_changed = Signal()

# An alert is acknowledged, or that is withdrawn: alert, acknowledgement, is_open. In the
# transaction too.
acknowledgement_changed = Signal()
