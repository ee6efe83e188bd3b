"""Settings of every process; what differs between places comes from `config.env`."""

from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import env, logs, postgres

BASE_DIR = env.ROOT
DEBUG = env.DEBUG
DEMO = env.DEMO
LOCAL = DEBUG or DEMO

# A key made for this machine alone serves the demo and development; a deployment
# without SECRET_KEY is refused by `config.checks`.
SECRET_KEY = env.SECRET_KEY or postgres.machine_secret(env.VAR_DIR)
SECRET_KEY_FALLBACKS = env.SECRET_KEY_FALLBACKS
SALT_KEY = env.FIELD_KEYS or [SECRET_KEY]
ALLOWED_HOSTS = env.ALLOWED_HOSTS or (["127.0.0.1", "localhost", "[::1]"])

BRAND_NAME = env.BRAND_NAME
PUBLIC_URL = env.PUBLIC_URL
LIVE_URL = env.LIVE_URL
LIVE_TOPICS = "apps.staff.access.topics_of"
SHOP_URL = env.SHOP_URL
SHOP_CATEGORY_PATH = env.SHOP_CATEGORY_PATH
SHOP_STORE_PATH = env.SHOP_STORE_PATH
LINK_HOSTS = env.LINK_HOSTS
LINK_DAYS = env.LINK_DAYS
SIMULATOR = env.SIMULATOR
SIMULATOR_URL = env.SIMULATOR_URL
SIMULATOR_TOKEN = env.SIMULATOR_TOKEN
SHOP_API_KEY = env.SHOP_API_KEY
LINE_API_HOST = env.LINE_API_HOST
LINE_DATA_HOST = env.LINE_DATA_HOST
LINE_LOGIN_HOST = env.LINE_LOGIN_HOST
LINE_WEB_HOST = env.LINE_WEB_HOST
LINE_LIFF_HOST = env.LINE_LIFF_HOST
LINE_LIFF_SDK = env.LINE_LIFF_SDK

SMS_GATEWAY = env.SMS_GATEWAY
SMS_URL = env.SMS_URL
SMS_TOKEN = env.SMS_TOKEN
TWILIO_HOST = env.TWILIO_HOST
TWILIO_ACCOUNT_SID = env.TWILIO_ACCOUNT_SID
TWILIO_AUTH_TOKEN = env.TWILIO_AUTH_TOKEN
TWILIO_SENDER = env.TWILIO_SENDER

INSTALLED_APPS = [
    "config",
    "apps.core",
    "apps.audit",
    "apps.channels",
    "apps.ui",
    "apps.stores",
    "apps.staff",
    "apps.imports",
    "apps.members",
    "apps.messaging",
    "apps.catalog",
    "apps.loyalty",
    "apps.orders",
    "apps.attribution",
    "apps.commissions",
    "apps.conversations",
    "apps.reports",
    "apps.desk",
    "apps.hq",
    "apps.helper",
    "apps.shopper",
    "apps.gateway",
    "apps.simulator",
    "apps.hq.apps.MasterDataConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_q",
    "encrypted_fields",
    "template_partials",
]

MIDDLEWARE = [
    "apps.core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apps.core.middleware.RefusedMiddleware",
    "apps.gateway.request_log.RequestLogMiddleware",
]

ROOT_URLCONF = "config.urls_simulator" if env.SIMULATOR else "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.ui.context.shell",
                "apps.desk.frame.counts",
                "apps.staff.context.permissions",
            ],
            "builtins": ["apps.ui.templatetags.ui"],
        },
    }
]

DATABASES = {
    "default": {
        **(
            environ.Env.db_url_config(env.DATABASE_URL)
            if env.DATABASE_URL
            else postgres.settings(env.VAR_DIR)
        ),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
}
# Statements of `apps.core.statements` alone: the ORM's are bound by the client.
DATABASES["default"].setdefault("OPTIONS", {})["prepare_threshold"] = (
    0 if env.PREPARED_STATEMENTS else None
)
if env.REPLICA_URL:
    DATABASES["replica"] = {
        **environ.Env.db_url_config(env.REPLICA_URL),
        "TEST": {"MIRROR": "default"},
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

Q_CLUSTER = {
    "name": "regulars",
    "orm": "default",
    "workers": 2,
    "queue_limit": 2,
    "poll": 0.2,
    "broker_class": "config.broker.Broker",
    "scheduler": False,  # the supervisor is the clock: config/schedule.py
    "timeout": 40,  # shorter than the silence that the supervisor allows
    "retry": 180,  # longer than timeout x (queue_limit / workers + 1)
    "max_attempts": 1,  # rows count their own attempts
    "ack_failures": True,
    "catch_up": False,
    "save_limit": -1,  # failures only: each kept success locks all the others
    "label": "Regulars",
}

AUTH_USER_MODEL = "staff.Staff"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "apps.staff.sign_in.StaffAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "code"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ALLAUTH_TRUSTED_PROXY_COUNT = env.TRUSTED_PROXIES
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOCAL

# How long after the order a salesperson may object to its credit, how long a store's
# manager has to rule, and after how long HQ's silence keeps the credit as it is.
DISPUTE_DAYS = env.DISPUTE_DAYS
DISPUTE_STORE_DAYS = 7
DISPUTE_HQ_DAYS = 60

# What a push costs (NT$), and how long before an order a touch counts as influence.
API_RATE = env.API_RATE
PUSH_COST = env.PUSH_COST
INFLUENCE_DAYS = env.INFLUENCE_DAYS

# From how many facts on, within how many days, HQ is shown a signal to look at.
SIGNAL_DAYS = env.SIGNAL_DAYS
SIGNAL_SELF_ORDERS = env.SIGNAL_SELF_ORDERS
SIGNAL_VISITOR_CLICKS = env.SIGNAL_VISITOR_CLICKS  # of a link, in an hour
SIGNAL_LINK_CLICKS = env.SIGNAL_LINK_CLICKS  # by anybody, in an hour
SIGNAL_REBINDS = env.SIGNAL_REBINDS
SIGNAL_TAKEOVERS = env.SIGNAL_TAKEOVERS

LANGUAGE_CODE = "zh-hant"
LANGUAGES = [("zh-hant", _("繁體中文")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
TIME_ZONE = "Asia/Taipei"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = env.VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = LOCAL
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_URL = "media/"
MEDIA_ROOT = env.VAR_DIR / "media"
# Files on their way in: people's data, never served.
IMPORTS_ROOT = env.VAR_DIR / "imports"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

SESSION_COOKIE_NAME = "simulator" if SIMULATOR else "staff"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not LOCAL
SECURE_SSL_REDIRECT = not LOCAL
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 0 if LOCAL else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not LOCAL
if env.TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

_line = [
    "{0.scheme}://{0.netloc}".format(urlsplit(address))
    for address in (LINE_LIFF_SDK, LINE_API_HOST, LINE_LOGIN_HOST, LINE_LIFF_HOST)
]
# LINE's script fetches its manifest from the sister of its own host.
_liff_calls = {*_line, _line[0].replace("//static.", "//liffsdk.")}
_live = [LIVE_URL] if LIVE_URL else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE, _line[0]],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", "https:"],
        "connect-src": [SELF, *_live, *sorted(_liff_calls)],
        "worker-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SIMULATOR_URL] if SIMULATOR_URL and LOCAL else [NONE],
    }
}
X_FRAME_OPTIONS = "SAMEORIGIN" if LOCAL else "DENY"

LOGGING = logs.configure(local=LOCAL)
