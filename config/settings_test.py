"""Settings of the test run: the real ones, with a quick database and passwords."""

import os
import tempfile
from pathlib import Path

from config import env, postgres
from config.settings import *  # noqa: F403
from config.settings import DATABASES, STORAGES

VAR_DIR = Path(tempfile.gettempdir()) / f"regulars-tests-{os.getuid()}"
if not env.DATABASE_URL:
    DATABASES["default"] |= postgres.settings(VAR_DIR)
_suffix = os.environ.get("PYTEST_DB_SUFFIX", "")
DATABASES["default"]["TEST"] = {"NAME": f"test_regulars{_suffix and f'_{_suffix}'}"}
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
STATIC_ROOT = None  # type: ignore[assignment]  # nothing is collected for tests
MEDIA_ROOT = VAR_DIR / "media"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
SECURE_SSL_REDIRECT = False
WHITENOISE_USE_FINDERS = True
