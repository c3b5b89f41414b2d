"""ASGI entry of the web process: Django, and before it the probes and the edge."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "growmies_admin.settings")

from django.conf import settings
from django.core.asgi import get_asgi_application

from growmies_admin.edge.addresses import Addresses
from growmies_admin.edge.files import allow_open_files
from growmies_admin.edge.websockets import NoWebSockets
from monitoring.asgi_types import App

allow_open_files()
_site: App = get_asgi_application()  # type: ignore[assignment]

# Only importable once Django is set up.
from growmies_admin.edge.bodies import Bodies  # noqa: E402
from monitoring.health.asgi import Probes  # noqa: E402

application: App = Addresses(NoWebSockets(Bodies(Probes(_site))), settings.TRUSTED_PROXIES)
