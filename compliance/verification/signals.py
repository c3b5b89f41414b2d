"""What other rooms may hear of here; receivers run in the transaction of the act.

A receiver that raises Refusal refuses the act, and nothing of it stays.
"""

from django.dispatch import Signal

# request, first: the member has sent what is reviewed; whether for the first time.
request_submitted = Signal()
# request: the member has taken it back.
request_withdrawn = Signal()
# decision, request: a person or the provider has decided a request that waited.
request_decided = Signal()
# decision, request: its author took the decision back within the undo window.
decision_undone = Signal()
# request, settles: somebody is about to override; settles says what that ends, or is None.
override_wanted = Signal()
# decision, request: an override was written.
decision_overridden = Signal()
