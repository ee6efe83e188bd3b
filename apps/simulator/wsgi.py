"""The simulator for a WSGI server; the sender of webhooks runs beside its threads."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["SIMULATOR"] = "1"

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from apps.simulator.webhooks_out import Dispatcher  # noqa: E402  (needs the apps)

Dispatcher().start()
