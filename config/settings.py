"""All settings of Vedika, read from the environment only (see ``.env.example``)."""

import datetime as dt
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def required(name: str, hint: str) -> str:
    """The variable's value; stops with a sentence where it is missing."""
    value: str = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {hint}")
    return value


VEDIKA_HOME = Path(env.str("VEDIKA_HOME", default=str(BASE_DIR / "var"))).resolve()
DEBUG = env.bool("DEBUG", default=False)
BASE_URL = env.str("BASE_URL", default=f"http://127.0.0.1:{env.int('PORT', default=8000)}").rstrip(
    "/"
)
SECRET_KEY = required("SECRET_KEY", "script/server makes one under var/secrets.")
FIELD_KEYS = [
    key
    for key in required("FIELD_KEYS", "Fernet keys, newest first, separated by commas.").split(",")
    if key
]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = [BASE_URL]

# --- rooms -----------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",
    "minutes",
    "reminders",
    "inbox",
    "issues",
    "forum",
    "outbox",
    "accounts",
    "provinces",
    "audit",
    "pgtrigger",
    "crispy_forms",
    "django_filters",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "django.forms",  # the templates of its widgets, for FORM_RENDERER
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # pads its answers at random against BREACH
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.NamelessMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.PrivatePagesMiddleware",
    "config.middleware.PreferredLanguageMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.middleware.DispatchHintMiddleware",
    "config.middleware.MethodMiddleware",
    "config.middleware.ReadableMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.navigation",
                "config.context.language_next",
                "config.context.standstill",
            ],
            "builtins": ["config.templatetags.vedika"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "vedika"
CRISPY_TEMPLATE_PACK = "vedika"

# --- data ------------------------------------------------------------------------------------
# Migrations run as the owner; everything else as DATABASE_ROLE, which owns nothing and may
# neither change nor empty the audit trail. An empty DATABASE_ROLE stays the owner.
DATABASE_ROLE = env.str("DATABASE_ROLE", default="vedika_app")
DATABASES = {"default": env.db_url_config(required("DATABASE_URL", "postgres://user@host/name"))}
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DATABASES["default"].setdefault("OPTIONS", {})
if DATABASE_ROLE and not env.bool("VEDIKA_AS_OWNER", default=False):
    DATABASES["default"]["OPTIONS"]["assume_role"] = DATABASE_ROLE
# Redis is the broker and nothing else, so that sign-in and rate limits work without it.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "vedika_cache",
    }
}

# --- people ----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["config.backends.Backend"]
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
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "accounts.forms.LoginForm"}
ACCOUNT_LOGIN_METHODS = {"email", "username", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "phone", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PHONE_VERIFICATION_ENABLED = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/300s/key",
    "reset_password": "20/m/ip,5/m/key",
    "public_paper": "60/h/ip",  # each is drawn anew
    "wrong_tracking_code": "15/h/ip,600/h/key",
    "reply_link": "600/h/ip,60/h/key",  # a key is one link; a hall full of people has one address
}
# Behind https stands at least one proxy; without its count everybody would share one address.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int(
    "TRUSTED_PROXY_COUNT", default=int(BASE_URL.startswith("https://"))
)

# --- languages, days -------------------------------------------------------------------------
LANGUAGES = [("km", _("Khmer")), ("en", _("English"))]
LANGUAGE_CODE = "km"
LANGUAGE_FIRST = env.str("LANGUAGE_FIRST", default="")
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Phnom_Penh"
FORMAT_MODULE_PATH = "config.formats"
CLOCK_OFFSET = env.float("CLOCK_OFFSET", default=0.0)  # seconds; only rehearsals and tests move it

# --- safety ----------------------------------------------------------------------------------
SECURE = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_AGE = int(dt.timedelta(days=14).total_seconds())
SESSION_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_SSL_REDIRECT = False  # the proxy in front redirects; the health checks stay plain
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "config.views.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- files -----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VEDIKA_HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VEDIKA_HOME / "uploads"  # served by no address, only by views that check the right
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": env.str(
            "STATICFILES_BACKEND",
            default="whitenoise.storage.CompressedManifestStaticFilesStorage",
        )
    },
}
FONTS_SOURCE = BASE_DIR / "static" / "fonts"
FONTS_ROOT = VEDIKA_HOME / "fonts"  # the same, unpacked for documents
EVIDENCE_MAX_BYTES = 10 * 1024 * 1024
EVIDENCE_MAX_PIXELS = 40_000_000
EVIDENCE_MAX_FILES = 20
EVIDENCE_LONGEST_SIDE = 2_048
CLAMD_URL = env.str("CLAMD_URL", default="")
if CLAMD_URL and not CLAMD_URL.startswith(("tcp://", "unix:///")):
    raise ImproperlyConfigured("CLAMD_URL must begin with tcp:// or unix:///.")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# --- mail ------------------------------------------------------------------------------------
if EMAIL_URL := env.str("EMAIL_URL", default=""):
    globals().update(env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VEDIKA_HOME / "mail"
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=20)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Vedika <secretariat@vedika.example>")
# A provider by its HTTP interface instead of SMTP; the settings of its own are in outbox/provider.
ANYMAIL_PROVIDER = env.str("ANYMAIL_PROVIDER", default="").lower()
ANYMAIL_WEBHOOK_SECRET = env.str("ANYMAIL_WEBHOOK_SECRET", default="")  # as name:password
ANYMAIL_SIGNING_KEY = env.str("ANYMAIL_SIGNING_KEY", default="")
ANYMAIL_NAMES = {  # its key, and that of its reports where it signs them
    "brevo": ("BREVO_API_KEY", ""),
    "mailersend": ("MAILERSEND_API_TOKEN", "MAILERSEND_SIGNING_SECRET"),
    "mailgun": ("MAILGUN_API_KEY", "MAILGUN_WEBHOOK_SIGNING_KEY"),
    "postmark": ("POSTMARK_SERVER_TOKEN", ""),
}
if ANYMAIL_PROVIDER:
    if ANYMAIL_PROVIDER not in ANYMAIL_NAMES:
        raise ImproperlyConfigured(f"ANYMAIL_PROVIDER must be one of {', '.join(ANYMAIL_NAMES)}.")
    key_name, signing_name = ANYMAIL_NAMES[ANYMAIL_PROVIDER]
    if ANYMAIL_SIGNING_KEY and not signing_name:
        raise ImproperlyConfigured(
            f"ANYMAIL_SIGNING_KEY: {ANYMAIL_PROVIDER} signs nothing; set ANYMAIL_WEBHOOK_SECRET."
        )
    EMAIL_BACKEND = f"anymail.backends.{ANYMAIL_PROVIDER}.EmailBackend"
    ANYMAIL = {
        key_name: env.str("ANYMAIL_KEY"),
        "REQUESTS_TIMEOUT": (EMAIL_TIMEOUT, 40),  # below the lease
        "IGNORE_UNSUPPORTED_FEATURES": True,  # some have no tracking to switch off
        "DEBUG_API_REQUESTS": False,
    }
    if ANYMAIL_WEBHOOK_SECRET:
        ANYMAIL["WEBHOOK_SECRET"] = ANYMAIL_WEBHOOK_SECRET
    if ANYMAIL_SIGNING_KEY:
        ANYMAIL[signing_name] = ANYMAIL_SIGNING_KEY
    if domain := env.str("ANYMAIL_SENDER_DOMAIN", default=""):
        ANYMAIL["MAILGUN_SENDER_DOMAIN"] = domain
REPLY_ADDRESS = env.str("REPLY_ADDRESS", default="")
IMAP_URL = env.str("IMAP_URL", default="")
if IMAP_URL and not IMAP_URL.startswith(("imaps://", "imap+tls://", "imap://")):
    raise ImproperlyConfigured("IMAP_URL must begin with imaps://, imap+tls:// or imap://.")
if IMAP_URL.startswith("imap://") and urlsplit(IMAP_URL).hostname not in {"127.0.0.1", "localhost"}:
    raise ImproperlyConfigured("IMAP_URL: a password goes to another machine by imaps:// only.")
TRUSTED_AUTHSERV = env.list("TRUSTED_AUTHSERV", default=[])
INBOX_MAX_BYTES = 15 * 1024 * 1024  # a file of 10 MB, as mail packs it

# --- Telegram, SMS ---------------------------------------------------------------------------
TELEGRAM_TOKEN = env.str("TELEGRAM_TOKEN", default="")
TELEGRAM_BOT = env.str("TELEGRAM_BOT", default="").removeprefix("@")
TELEGRAM_API = env.str("TELEGRAM_API", default="https://api.telegram.org").rstrip("/")
TELEGRAM_TIMEOUT = env.float("TELEGRAM_TIMEOUT", default=30.0)  # as SMS_TIMEOUT, below the lease
if TELEGRAM_TOKEN and not TELEGRAM_BOT:
    raise ImproperlyConfigured("TELEGRAM_BOT is not set: the name of the bot of TELEGRAM_TOKEN.")
SMS_URL = env.str("SMS_URL", default="")
SMS_TOKEN = env.str("SMS_TOKEN", default="")
SMS_TIMEOUT = env.float("SMS_TIMEOUT", default=60.0)
SMS_FORMAT = env.str("SMS_FORMAT", default="json")
SMS_PARAMETERS = dict(
    parse_qsl(
        env.str("SMS_PARAMETERS", default="to={to}&text={text}&reference={reference}"),
        keep_blank_values=True,
    )
)
SMS_ID_FIELD = env.str("SMS_ID_FIELD", default="id")
SMS_MAX_PARTS = env.int("SMS_MAX_PARTS", default=3)
SMS_RECEIPT_KEY = env.str("SMS_RECEIPT_KEY", default="")
if SMS_FORMAT not in {"json", "form"}:
    raise ImproperlyConfigured("SMS_FORMAT must be json or form.")
for name, url in (("TELEGRAM_API", TELEGRAM_API), ("SMS_URL", SMS_URL)):
    is_near = urlsplit(url).hostname in {"127.0.0.1", "localhost"}
    if url and not (url.startswith("https://") or (url.startswith("http://") and is_near)):
        raise ImproperlyConfigured(f"{name}: a token goes to another machine by https:// only.")

# --- other services ----------------------------------------------------------------------------
# What apprise calls schemes: only services that tell one person something. Signal's is a server of
# one's own.
OTHER_WAYS = env.list(
    "OTHER_WAYS",
    default=[
        "discord", "matrix", "matrixs", "mmost", "mmosts", "ntfy", "ntfys", "signal", "signals",
        "slack", "whatsapp", "workflows",
    ],
)  # fmt: skip
OTHER_TIMEOUT = env.float("OTHER_TIMEOUT", default=60.0)
NO_WAYS = {  # they run programs, write files, or are other ways under another name
    "apprise", "apprises", "blink1", "dbus", "exec", "file", "form", "forms", "gio", "glib",
    "gnome", "growl", "http", "https", "json", "jsons", "kde", "macosx", "mailto", "mailtos", "qt",
    "rsyslog", "script", "smpp", "smpps", "smtp", "smtps", "syslog", "windows", "xml", "xmls",
}  # fmt: skip
if refused := NO_WAYS & set(OTHER_WAYS):
    raise ImproperlyConfigured(f"OTHER_WAYS may not name {', '.join(sorted(refused))}.")
if not 0 < OTHER_TIMEOUT < 100:
    raise ImproperlyConfigured("OTHER_TIMEOUT must be below 100 seconds: a try is given up at 120.")

# --- Celery ----------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CELERY_TASK_IGNORE_RESULT = True
# A message says only "look now": losing one costs seconds, and acknowledging late makes
# kombu 5.7 fail when Redis dies just then.
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# In KiB, asked after each task: planning and sending stay far below. A child that took in a large
# photo or file of issues keeps what that needed; a fresh one takes its place.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 150_000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "max_retries": 1,
}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = {
    "plan": {"task": "reminders.plan", "schedule": env.float("PLAN_EVERY", default=60.0)},
    "dispatch": {"task": "outbox.dispatch", "schedule": env.float("DISPATCH_EVERY", default=30.0)},
    "take_in": {"task": "issues.take_in", "schedule": 60.0},
    "once_a_day": {"task": "reminders.daily", "schedule": 600.0},  # whatever of it is not done
    "take_up_reviews": {"task": "issues.take_up_reviews", "schedule": 1800.0},
    "forget_names": {"task": "forum.forget_names", "schedule": crontab(hour="2", minute="30")},
}
if IMAP_URL:
    CELERY_BEAT_SCHEDULE["fetch"] = {"task": "inbox.fetch", "schedule": 60.0}
if TELEGRAM_TOKEN:
    CELERY_BEAT_SCHEDULE["telegram"] = {"task": "inbox.telegram", "schedule": 60.0}
if CLAMD_URL:
    CELERY_BEAT_SCHEDULE["scan"] = {"task": "issues.scan_evidence", "schedule": 60.0}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"without_address": {"()": "config.logs.WithoutAddress"}},
    "formatters": {
        "line": {
            "()": "config.logs.DiscreetFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["without_address"],
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"pikepdf": {"level": "WARNING"}, "imapclient": {"level": "WARNING"}}
    # They name the address they write to, which holds a token.
    | {"apprise": {"level": "CRITICAL"}, "urllib3": {"level": "WARNING"}},
}
