"""All settings, from the environment. Without ``DATABASE_URL`` this is local mode: nothing has to be set.

With it this is production: a missing or unsafe value refuses to start, with one sentence that says what to set.
"""

import os
import secrets
from importlib.resources import files
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.embedded import server
from config.oidc import options
from returnchannel import addresses
from routing import officehours

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DATA_DIR = Path(env("DATA_DIR", default=str(BASE_DIR / ".laufmappe"))).resolve()
environ.Env.read_env(DATA_DIR / "laufmappe.env")  # what `setup` wrote; the real environment comes first

LOCAL = not env("DATABASE_URL", default="")
DEBUG = env.bool("DEBUG", default=False)
if DEBUG and not LOCAL:
    raise ImproperlyConfigured("DEBUG darf mit DATABASE_URL nicht eingeschaltet sein; bitte DEBUG entfernen.")


def _local_secret_key() -> str:
    """The key of local mode: made once below DATA_DIR, readable by its owner only."""
    path = DATA_DIR / "secret_key"
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        fresh = DATA_DIR / f"secret_key.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(64))
        try:
            os.link(fresh, path)  # the first of several processes wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()


def _per_minute(name: str, default: int) -> int:
    """A limit such as ``600/min``; 0 is none."""
    said = env(name, default=f"{default}/min").strip()
    number, _, unit = said.partition("/")
    if not number.isdecimal() or unit not in ("", "min"):
        raise ImproperlyConfigured(
            f"{name} ist „{said}“: bitte eine Zahl je Minute setzen, etwa {default}/min, oder 0."
        )
    return int(number)


def _hours(name: str, default: int) -> float:
    """A number of hours, such as ``8`` or ``7.5``."""
    said = env(name, default=str(default)).strip().replace(",", ".")
    try:
        hours = float(said)
    except ValueError:
        hours = -1
    if not 0 <= hours <= 10_000:
        raise ImproperlyConfigured(f"{name} ist „{said}“: bitte eine Zahl von Stunden setzen, etwa {default}, oder 0.")
    return hours


def _office_hours(name: str) -> officehours.OfficeHours:
    """Office hours such as ``Mo-Do 8-16; Fr 8-12:30``."""
    try:
        return officehours.parse(env(name, default=officehours.DEFAULT))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error


def _networks(name: str) -> list[addresses.Network]:
    """Networks, separated by commas."""
    try:
        return addresses.networks(env(name, default=""))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error


def _required(name: str, hint: str) -> str:
    value = env(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} fehlt: {hint}")
    return value


if LOCAL:
    SECRET_KEY = env("SECRET_KEY", default="") or _local_secret_key()
    ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
    DATABASES = {
        "default": {
            "ENGINE": "config.embedded",
            "NAME": server.DATABASE,
            "USER": server.DATABASE,
            "HOST": str(server.socket_dir(DATA_DIR)),
            "DATA_DIR": str(DATA_DIR),
        }
    }
else:
    SECRET_KEY = _required("SECRET_KEY", "bitte eine zufällige Zeichenkette von mindestens 50 Zeichen setzen.")
    if len(SECRET_KEY) < 50:
        raise ImproperlyConfigured("SECRET_KEY ist zu kurz: bitte mindestens 50 zufällige Zeichen setzen.")
    _hosts = _required("ALLOWED_HOSTS", "bitte die Namen des Servers setzen, durch Komma getrennt.")
    ALLOWED_HOSTS = [host.strip() for host in _hosts.split(",")]
    if "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS darf nicht * sein: bitte die Namen des Servers aufzählen.")
    DATABASES = {"default": env.db("DATABASE_URL")}
    if "postgresql" not in DATABASES["default"]["ENGINE"]:
        raise ImproperlyConfigured("DATABASE_URL muss auf PostgreSQL zeigen (postgresql://…).")

SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# The authority
AUTHORITY_IS_SET = bool(env("AUTHORITY_NAME", default=""))
AUTHORITY_NAME = env("AUTHORITY_NAME", default="Stadt Musterhausen" if LOCAL else "")
AUTHORITY_LAND = env("AUTHORITY_LAND", default="NW" if LOCAL else "")
if not AUTHORITY_NAME or not AUTHORITY_LAND:
    raise ImproperlyConfigured("AUTHORITY_NAME und AUTHORITY_LAND fehlen: bitte Behörde und Land (NW, BY, …) setzen.")
# Its letterhead; what is empty stands on no letter
IS_MUSTERHAUSEN = LOCAL and not AUTHORITY_IS_SET  # the demonstration's authority, which is nobody's
AUTHORITY_ADDRESS = env(  # street, then behind the last comma postcode and city
    "AUTHORITY_ADDRESS", default="Rathausplatz 1, 12345 Musterhausen" if IS_MUSTERHAUSEN else ""
)
AUTHORITY_PHONE = env("AUTHORITY_PHONE", default="0123 456-0" if IS_MUSTERHAUSEN else "")
AUTHORITY_EMAIL = env("AUTHORITY_EMAIL", default="post@musterhausen.example" if IS_MUSTERHAUSEN else "")
AUTHORITY_WEBSITE = env("AUTHORITY_WEBSITE", default="www.musterhausen.example" if IS_MUSTERHAUSEN else "")
AUTHORITY_ARBITRATION = env("AUTHORITY_ARBITRATION", default="")  # the Schlichtungsstelle, for /barrierefreiheit/
AUTHORITY_OPENING_HOURS = env("AUTHORITY_OPENING_HOURS", default="")
AUTHORITY_HOLIDAYS = env("AUTHORITY_HOLIDAYS", default="")  # e.g. catholic;Augsburg;2027-05-14=Stadtfest
OWN_REFERENCE_PATTERNS = env.list("OWN_REFERENCE_PATTERNS", default=["##.#-####-######"] if LOCAL else [])
DOCUMENT_NAME_PATTERN = env("DOCUMENT_NAME_PATTERN", default="{date}_{file_reference}_{role}_{nn}.{ext}")

# What a message may be
MAX_MESSAGE_MB = env.int("MAX_MESSAGE_MB", default=200)
MAX_MESSAGE_FILES = env.int("MAX_MESSAGE_FILES", default=1000)
DATA_UPLOAD_MAX_NUMBER_FILES = MAX_MESSAGE_FILES + 1  # one more is told at its field, by the form itself

# How letters leave the house: the folder of the print shop (empty: people print them), the mail server for notices
# without content (empty: none are sent), and whether the portals' mailbox is that of the Nutzerkonto (§ 9 OZG)
PRINT_FOLDER = Path(env("PRINT_FOLDER")) if env("PRINT_FOLDER", default="") else None
HAS_MAIL = bool(env("EMAIL_URL", default=""))
if HAS_MAIL:
    vars().update(env.email_url("EMAIL_URL"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default=AUTHORITY_EMAIL or "webmaster@localhost")
PORTAL_IS_ACCOUNT = env.bool("PORTAL_IS_ACCOUNT", default=False)
DELIVERY_MAX_ATTEMPTS = env.int("DELIVERY_MAX_ATTEMPTS", default=10)

# The virus scanner: the socket of clamd, a path or host:port; empty: there is none, and the pages say so
CLAMAV_SOCKET = env("CLAMAV_SOCKET", default="")

# Watched folders: EGVP_INBOX, SCAN_INBOX, EML_INBOX, … (<channel>_INBOX); an entry is taken when nobody has written to
# it for INBOX_SETTLE_SECONDS
INBOXES = {
    name.removesuffix("_INBOX").lower(): Path(value)
    for name, value in sorted(os.environ.items())
    if name.endswith("_INBOX") and value
}
INBOX_SETTLE_SECONDS = env.float("INBOX_SETTLE_SECONDS", default=5)
INBOX_POLL_SECONDS = env.float("INBOX_POLL_SECONDS", default=2)

# What goes back by EGVP/beBPo: the folder from which the EGVP client sends, and where it puts its receipts; empty: off
EGVP_OUTBOX = Path(env("EGVP_OUTBOX")) if env("EGVP_OUTBOX", default="") else None
EGVP_RECEIPTS = Path(env("EGVP_RECEIPTS")) if env("EGVP_RECEIPTS", default="") else None  # else EGVP_OUTBOX/quittungen

# The REST interface: requests per client and minute; 0 = no limit (then writing has none either, unless it is set)
API_RATE_LIMIT = _per_minute("API_RATE_LIMIT", 600)
API_WRITE_RATE_LIMIT = _per_minute("API_WRITE_RATE_LIMIT", 120 if API_RATE_LIMIT else 0)
REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None, "UNAUTHENTICATED_TOKEN": None}

# Webhooks: targets that are not public are refused unless they lie in one of these networks; how often one is tried
WEBHOOK_ALLOWED_NETWORKS = _networks("WEBHOOK_ALLOWED_NETWORKS")
WEBHOOK_MAX_ATTEMPTS = env.int("WEBHOOK_MAX_ATTEMPTS", default=10)

# The pipeline: how long a claim holds, how often a message is tried before a person is asked
PIPELINE_LEASE_SECONDS = env.int("PIPELINE_LEASE_SECONDS", default=180)  # longer than a task may run
PIPELINE_MAX_ATTEMPTS = env.int("PIPELINE_MAX_ATTEMPTS", default=5)

# The exception queue: after so many office hours without a solution a Klärfall is escalated; 0: never
CLEARING_ESCALATION_HOURS = _hours("CLEARING_ESCALATION_HOURS", 8)
OFFICE_HOURS = _office_hours("OFFICE_HOURS")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",  # before "cases", which replaces its way of noting log-ins
    "config",
    "audit",
    "cases",
    "intake",
    "routing",
    "returnchannel",
    "django.contrib.admin",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "simple_history",
    "django_q",
    "axes",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.lanes.ApiLane",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",  # deny by default
    "config.sessions.RenewedByWork",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
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
                "config.context.authority",
                "config.context.navigation",
                "config.context.help_address",
                "config.sessions.session_end",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Who may come in
AUTH_USER_MODEL = "cases.User"
OIDC = options.from_environment(env, only=env.bool("OIDC_ONLY", default=False))
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend"]
if OIDC is None or not OIDC.only:
    AUTHENTICATION_BACKENDS.append("django.contrib.auth.backends.ModelBackend")
if OIDC is not None:
    AUTHENTICATION_BACKENDS.append("config.oidc.backend.LoginService")
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "worklist"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False  # it would show what was sent; `manage.py axes_reset_username NAME` lifts a lock

SESSION_COOKIE_AGE = 8 * 3600  # without doing anything; five minutes before, the pages warn
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
if not LOCAL:
    SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^health/"]
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# Language and time
LANGUAGE_CODE = "de"
TIME_ZONE = "Europe/Berlin"
USE_TZ = True
USE_I18N = True

# Static files: KERN comes from its wheel, nothing is copied into the repository
KERN = files("mkdocs_kern_ux") / "kern-ux" / "vendor" / "kern"
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static", ("kern", str(KERN))]
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = LOCAL
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "config_cache"}}

# History
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True
SIMPLE_HISTORY_REVERT_DISABLED = True
SIMPLE_HISTORY_DATE_INDEX = "Composite"

# Tasks: a task is only a nudge, the rows are the truth; so each runs once and queues nothing ahead
Q_CLUSTER = {
    "name": "laufmappe",
    "label": "Aufgaben",
    "orm": "default",
    "workers": env.int("WORKERS", default=2),
    "queue_limit": env.int("WORKERS", default=2),
    "bulk": 1,
    "timeout": 120,
    "retry": 600,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "recycle": 200,
    "poll": 1,
    "save_limit": 100,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django-q": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "laufmappe": {"level": "INFO"},
        "pikepdf": {"level": "ERROR"},  # what is wrong with a file stands in its check
    },
}
