"""What other rooms may hear of here; receivers run in the transaction of the act."""

from django.dispatch import Signal

# decision: the Decision that its author took back within the undo window.
decision_undone = Signal()
