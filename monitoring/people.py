"""Who acts, and the request that they act by: for every room, wherever staff are kept.

`Person` is the model of staff. Rooms here may not import it; a type does no harm.
"""

from typing import TYPE_CHECKING, Any

__all__ = ["Person", "Request"]

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django_htmx.middleware import HtmxDetails

    from growmies_admin.accounts.models import Staff as Person

    class Request(HttpRequest):
        """Of somebody who is signed in, as the guards see to it, perhaps made by htmx."""

        user: Person
        htmx: HtmxDetails

else:
    from django.http import HttpRequest as Request

    Person = Any
