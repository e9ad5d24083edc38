"""Every setting of the register, read from the environment.

Six variables run it for real: DATABASE_URL, REDIS_URL, SECRET_KEY, ALLOWED_HOSTS, EMAIL_URL and SITE_URL. A
missing one stops the start with a line that names it. Nothing insecure has a default: DEMO=1, which the demo's
launcher and the tests set, is the only way to a debug cookie or an http address.
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab

from register.accounts.providers import read_providers

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()


def required(name: str, hint: str) -> str:
    """The variable's value; SystemExit with one line when it is missing or empty."""
    value = env.str(name, default="")
    if not value:
        raise SystemExit(f"{name} is not set. {hint} See docs/running.md.")
    return value


SECRET_KEY = required("SECRET_KEY", "It signs sessions and links: a long random text.")
# What it was before, with commas between: what they signed or encrypted can still be read.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
required("DATABASE_URL", "For example postgres://bluelight_web:…@host/bluelight.")
required("REDIS_URL", "For example redis://host:6379/0.")
required("EMAIL_URL", "For example smtp+tls://user:password@host:587.")
ALLOWED_HOSTS = required("ALLOWED_HOSTS", "The host names it answers to, with commas between.").split(",")
SITE_URL = required("SITE_URL", "Where readers find it, such as https://register.example.org.").rstrip("/")

DEMO = env.bool("DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False) and DEMO
STATE_DIR = Path(env.str("STATE_DIR", default=str(BASE_DIR / "var")))
HTTPS = urlsplit(SITE_URL).scheme == "https"
if not HTTPS and not DEMO:
    raise SystemExit("SITE_URL must start with https://. Only the demo and the tests run without it.")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "django_filters",
    "django_htmx",
    "pgtrigger",
    "register",
]

MIDDLEWARE = [
    "register.core.middleware.StrictHeaders",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "register.accounts.sessions.SessionLimits",
    "register.accounts.kept_form.KeepForm",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "register.accounts.second_factor.AskForSecondFactor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "register.accounts.adapters.again.AskAgain",
    "django_htmx.middleware.HtmxMiddleware",
    "register.core.middleware.RefuseNul",
    "register.core.middleware.RecordOrigin",
]

ROOT_URLCONF = "bluelight.urls"
WSGI_APPLICATION = "bluelight.wsgi.application"

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
                "register.pages.doors.doors",
            ],
            "builtins": [
                "register.templatetags.look",
                "register.templatetags.masthead",
                "register.templatetags.pictures",
                "register.templatetags.texts",
            ],
        },
    }
]
FORM_RENDERER = "register.core.forms.RegisterRenderer"

# The owner migrates, the application reads and writes: the same settings, another DATABASE_URL.
DATABASES = {"default": env.db_url("DATABASE_URL")}
DATABASES["default"] |= {
    "ENGINE": "django.db.backends.postgresql",
    # A web server keeps its connections (bluelight/serve.py); what runs for a moment, or before a fork, does not.
    "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=0),
    "CONN_HEALTH_CHECKS": True,
}
# Pages ask small questions, many at once: to compile one, or to share it out among processes, takes longer than to
# answer it.
_options = DATABASES["default"].setdefault("OPTIONS", {})
_options |= {
    "connect_timeout": 5,
    # What DATABASE_URL says itself comes last, and counts.
    "options": f"-c jit=off -c parallel_setup_cost=5000 {_options.get('options', '')}".strip(),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The cache lives in the database, so that sign-in limits hold when the broker is down.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "register_cache",
        # The default is 300: whoever made so many attempts from elsewhere would have the limits forgotten.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

AUTH_USER_MODEL = "register.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
# The first hashes; a password that an older one hashed is hashed again when its owner signs in.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "register.accounts.passwords.NotTooLong"},
    # Ours first: a form says the first that refuses, and these say what to do instead.
    {"NAME": "register.accounts.passwords.NotCommonInDisguise"},
    {"NAME": "register.accounts.passwords.NotOfContext"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "register.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_FORMS = {
    "login": "register.accounts.adapters.forms.LoginForm",
    "reauthenticate": "register.accounts.adapters.forms.PasswordAgainForm",
    "change_password": "register.accounts.adapters.forms.ChangePasswordForm",
    "set_password": "register.accounts.adapters.forms.SetPasswordForm",
    "reset_password": "register.accounts.adapters.forms.ResetPasswordForm",
    "reset_password_from_key": "register.accounts.adapters.forms.ResetPasswordKeyForm",
}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"

# Limits by address (a whole force may come from one), by account, and by who is signed in. One wait for all, so that
# one sentence is true of each.
SIGN_IN_WAIT = 5 * 60
ACCOUNT_RATE_LIMITS = {
    "ask_for_access": "10/h/ip,3/h/key",
    "change_address": "20/h/ip,5/h/key",
    "login": f"150/{SIGN_IN_WAIT}s/ip",
    "login_failed": f"50/{SIGN_IN_WAIT}s/ip,5/{SIGN_IN_WAIT}s/key",
    "reset_password": f"50/{SIGN_IN_WAIT}s/ip,3/{SIGN_IN_WAIT}s/key",
    "reset_password_from_key": f"50/{SIGN_IN_WAIT}s/ip",
    "change_password": f"5/{SIGN_IN_WAIT}s/user",
    "reauthenticate": f"10/{SIGN_IN_WAIT}s/user",
}
MFA_RATE_LIMITS = {"webauthn_login": f"150/{SIGN_IN_WAIT}s/ip"}

# Who must have a second factor: "privileged" (administrators, secretaries, organisation leads), "all", and for the demo
# "none".
SECOND_FACTOR = env.str("SECOND_FACTOR", default="none" if DEMO else "privileged")
if SECOND_FACTOR not in ("privileged", "all", *(["none"] if DEMO else [])):
    raise SystemExit('SECOND_FACTOR must be "privileged" or "all". See docs/running.md.')
# Seconds after which what changes who may do what, and an export of everything, ask who it is again.
SIGN_IN_AGAIN_AFTER = 10 * 60
MFA_FORMS = {
    "authenticate": "register.accounts.adapters.forms.CodeForm",
    "reauthenticate": "register.accounts.adapters.forms.CodeAgainForm",
    "activate_totp": "register.accounts.adapters.forms.ActivateTOTPForm",
    "add_webauthn": "register.accounts.adapters.forms.AddPasskeyForm",
}
MFA_ADAPTER = "register.accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO

# Organisations' own sign-in services (OpenID Connect), a JSON list: docs/signing-in.md.
try:
    SIGN_IN_PROVIDERS = read_providers(env.str("SIGN_IN_PROVIDERS", default=""), insecure=DEMO)
except ValueError as problem:
    raise SystemExit(f"SIGN_IN_PROVIDERS: {problem}. See docs/signing-in.md.") from None
SOCIALACCOUNT_ADAPTER = "register.accounts.adapters.SocialAccountAdapter"
DEVICE_COOKIE_NAME = "__Host-device" if HTTPS else "device"

# A sign-in is over when nobody used it for so long, and after so many hours whatever it was used for.
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_MINUTES", default=120) * 60
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
# Lax, for both: a link in an email, and the way back from a work account, must find people signed in.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
# An account that nobody used for so long is asked about by email, and paused when so many days pass without an answer.
LEAVER_ASKED_DAYS = env.int("LEAVER_ASKED_DAYS", default=90)
LEAVER_PAUSED_DAYS = env.int("LEAVER_PAUSED_DAYS", default=14)
# Who was invited or asked for access is forgotten so long after it ended.
FORGET_AFTER_DAYS = env.int("FORGET_AFTER_DAYS", default=180)
# Whose browser it was last: what they had typed when their session ended is kept for them only.
WHOSE_COOKIE_NAME = "__Host-whose" if HTTPS else "whose"
# What was just saved is told from the session, without a cookie of its own.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "register.accounts.kept_form.keep_refused"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
# Whose address a proxy tells us; without one nobody's word for it counts.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.bool("BEHIND_PROXY", default=False) else 0
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

EMAIL_CONFIG = env.email_url("EMAIL_URL")
vars().update({key: value for key, value in EMAIL_CONFIG.items() if key.startswith("EMAIL_")})
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL",
    default=f"Register of blue light collaboration <register@{urlsplit(SITE_URL).hostname}>",
)
# A staffed address, if there is one: answers to digests go there, and it takes people off by hand.
DIGEST_REPLY_TO = env.str("DIGEST_REPLY_TO", default="")

# What only whoever runs it can say, on the pages about privacy and accessibility. What is not said is marked there.
STATEMENTS = {
    "operator": env.str("OPERATOR_NAME", default=""),
    "contact": env.str("OPERATOR_CONTACT", default=""),
    "data_protection": env.str("DATA_PROTECTION_CONTACT", default=""),
    "lawful_basis": env.str("LAWFUL_BASIS", default=""),
    "hosting": env.str("HOSTING", default=""),
    "accessibility_result": env.str("ACCESSIBILITY_RESULT", default=""),
    "accessibility_tested": env.str("ACCESSIBILITY_TESTED", default=""),
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = None
DATE_FORMAT = "j F Y"

STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Uploaded documents are served by a view that asks who may see them, never by their path.
MEDIA_ROOT = STATE_DIR / "documents"
MEDIA_URL = ""
FILE_UPLOAD_PERMISSIONS = 0o600
# Small ones wait in memory, others in a temporary file of no more than may be kept (register/core/files).
FILE_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "register.core.files.receiving.BoundedFile",
]
# The fields of a form without its files: the longest has a few texts of some ten thousand characters. No form has
# more than one file.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 2
# Where ClamAV listens: tcp://host:3310 or unix:///run/clamav/clamd.ctl. Without it uploads are not scanned, and say so.
CLAMAV = env.str("CLAMAV", default="")
if CLAMAV and not CLAMAV.startswith(("tcp://", "unix:/")):
    raise SystemExit("CLAMAV must start with tcp:// or unix:/. See docs/running.md.")

CELERY_BROKER_URL = env.str("REDIS_URL")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A page never waits for the broker: one quick try, and beat picks the work up from the database.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 15 * 60,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1,
    "socket_timeout": 30,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 10 * 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Europe/London"
CELERY_BEAT_SCHEDULE_FILENAME = str(STATE_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "open-due-digests": {"task": "digests.open_due", "schedule": crontab(minute="*/5")},
    "sweep-digest-deliveries": {"task": "digests.sweep", "schedule": 60},
    "chase-what-is-late": {"task": "digests.chase", "schedule": crontab(minute="*/5")},
    "forget-who-was-invited": {"task": "accounts.forget", "schedule": crontab(hour=3, minute=40)},
    "see-to-unused-accounts": {"task": "accounts.see_to_unused", "schedule": crontab(minute=20)},
    "send-letters-about-accounts": {"task": "accounts.send_letters", "schedule": 60},
    "send-notices-of-decisions": {"task": "groups.send_notices", "schedule": 60},
    "seal-history": {"task": "history.seal", "schedule": crontab(minute="*/5")},
    "tally-changes": {"task": "catalogue.tally", "schedule": 60},
    "remove-leftover-files": {
        "task": "initiatives.remove_leftovers",
        "schedule": crontab(hour="4", minute="20"),
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "register.core.logs.OneLine",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
