"""The same project with djoser's routes below /api/users/, for test/django/djoser.test.ts."""
import os

from settings import *  # noqa: F403
from settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "djoser"]
ROOT_URLCONF = "djoser_urls"
TEMPLATES = [
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
]
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = os.environ.get("DJANGO_MAILS")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in [
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    ]
]
DJOSER = {
    "SEND_ACTIVATION_EMAIL": True,
    "ACTIVATION_URL": "activate?uid={uid}&token={token}",
    "PASSWORD_RESET_CONFIRM_URL": "reset?uid={uid}&token={token}",
    "EMAIL_FRONTEND_DOMAIN": "app.example.com",
    "EMAIL_FRONTEND_PROTOCOL": "https",
    "EMAIL_FRONTEND_SITE_NAME": "Example",
}
