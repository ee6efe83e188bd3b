"""The environment, read once and typed: every variable the product knows is here."""

from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent

env = environ.Env()
if (ROOT / ".env").exists():
    environ.Env.read_env(ROOT / ".env")

DEBUG: bool = env.bool("DEBUG", default=False)
DEMO: bool = env.bool("DEMO", default=False)
SECRET_KEY: str = env.str("SECRET_KEY", default="")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
FIELD_KEYS: list[str] = env.list("FIELD_KEYS", default=[])
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
TRUSTED_PROXIES: int = env.int("TRUSTED_PROXIES", default=0)

DATABASE_URL: str = env.str("DATABASE_URL", default="")
REPLICA_URL: str = env.str("REPLICA_URL", default="")
# Off where a pooler between gives each transaction another connection.
PREPARED_STATEMENTS: bool = env.bool("PREPARED_STATEMENTS", default=True)
VAR_DIR = Path(env.str("VAR_DIR", default=str(ROOT / "var")))

BRAND_NAME: str = env.str("BRAND_NAME", default="")
HOST: str = env.str("HOST", default="127.0.0.1")
PORT: int = env.int("PORT", default=8000)
WEB_WORKERS: int = env.int("WEB_WORKERS", default=1)
WEB_THREADS: int = env.int("WEB_THREADS", default=4)
WORKER_CANARY_SECONDS: float = env.float("WORKER_CANARY_SECONDS", default=15)
WORKER_SILENCE_SECONDS: float = env.float("WORKER_SILENCE_SECONDS", default=45)
PUBLIC_URL: str = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
LIVE_URL: str = env.str("LIVE_URL", default="").rstrip("/")
SHOP_URL: str = env.str("SHOP_URL", default="").rstrip("/")
# Where the shop shows a category (slug, name) and a store (code, name).
SHOP_CATEGORY_PATH: str = env.str("SHOP_CATEGORY_PATH", default="/categories/{slug}")
SHOP_STORE_PATH: str = env.str("SHOP_STORE_PATH", default="/stores/{code}")
LINK_HOSTS: list[str] = env.list("LINK_HOSTS", default=[])
LINK_DAYS: int = env.int("LINK_DAYS", default=180)  # a promo link's life; 0: no end

API_RATE: int = env.int("API_RATE", default=40)  # requests a second, by each key
PUSH_COST: str = env.str("PUSH_COST", default="0.2")  # NT$ a push
INFLUENCE_DAYS: int = env.int("INFLUENCE_DAYS", default=14)
SIGNAL_DAYS: int = env.int("SIGNAL_DAYS", default=30)
SIGNAL_SELF_ORDERS: int = env.int("SIGNAL_SELF_ORDERS", default=1)
SIGNAL_VISITOR_CLICKS: int = env.int("SIGNAL_VISITOR_CLICKS", default=10)
SIGNAL_LINK_CLICKS: int = env.int("SIGNAL_LINK_CLICKS", default=60)
SIGNAL_REBINDS: int = env.int("SIGNAL_REBINDS", default=3)
SIGNAL_TAKEOVERS: int = env.int("SIGNAL_TAKEOVERS", default=5)

DISPUTE_DAYS: int = env.int("DISPUTE_DAYS", default=30)

LINE_API_HOST: str = env.str("LINE_API_HOST", default="https://api.line.me")
LINE_DATA_HOST: str = env.str("LINE_DATA_HOST", default="https://api-data.line.me")
LINE_LOGIN_HOST: str = env.str("LINE_LOGIN_HOST", default="https://access.line.me")
LINE_WEB_HOST: str = env.str("LINE_WEB_HOST", default="https://line.me")
LINE_LIFF_HOST: str = env.str("LINE_LIFF_HOST", default="https://liff.line.me")
LINE_LIFF_SDK: str = env.str(
    "LINE_LIFF_SDK", default="https://static.line-scdn.net/liff/edge/2/sdk.js"
)

# Short messages: "web" (any gateway that takes a JSON POST), "twilio", or none.
SMS_GATEWAY: str = env.str("SMS_GATEWAY", default="")
SMS_URL: str = env.str("SMS_URL", default="")
SMS_TOKEN: str = env.str("SMS_TOKEN", default="")
TWILIO_HOST: str = env.str("TWILIO_HOST", default="https://api.twilio.com")
TWILIO_ACCOUNT_SID: str = env.str("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN: str = env.str("TWILIO_AUTH_TOKEN", default="")
TWILIO_SENDER: str = env.str("TWILIO_SENDER", default="")

SIMULATOR: bool = env.bool("SIMULATOR", default=False)
SIMULATOR_URL: str = env.str("SIMULATOR_URL", default="").rstrip("/")
SIMULATOR_TOKEN: str = env.str("SIMULATOR_TOKEN", default="")
SHOP_API_KEY: str = env.str("SHOP_API_KEY", default="")
