import os

SECRET_KEY = os.environ["DJANGO_SECRET"]
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "urls"
# "accounts" logs in with addresses and counts its users, "people" with usernames, and has UUIDs.
USERS = os.environ.get("DJANGO_USERS", "accounts")
AUTH_USER_MODEL = f"{USERS}.User"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    USERS,
    *(
        ["django_otp", "django_otp.plugins.otp_totp", "django_otp.plugins.otp_static"]
        if os.environ.get("DJANGO_OTP")
        else []
    ),
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["DJANGO_DATABASE"],
    }
}
# Every hasher that this Django ships; accounts are made with each of them.
HASHERS = os.environ.get(
    "DJANGO_HASHERS", "PBKDF2 PBKDF2SHA1 Argon2 BCryptSHA256 BCrypt Scrypt"
).split()
from django.contrib.auth import hashers  # noqa: E402

# Much less than the usual work: how much it is stands in each hash.
hashers.PBKDF2PasswordHasher.iterations //= 10
hashers.BCryptSHA256PasswordHasher.rounds = 6
if hasattr(hashers, "ScryptPasswordHasher"):
    hashers.ScryptPasswordHasher.work_factor = 2**10
PASSWORD_HASHERS = [
    f"django.contrib.auth.hashers.{name}PasswordHasher"
    for name in HASHERS
    if hasattr(hashers, f"{name}PasswordHasher")
]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework_simplejwt.authentication.JWTAuthentication",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
USE_TZ = True
SIMPLE_JWT = {
    "ROTATE_REFRESH_TOKENS": os.environ.get("DJANGO_ROTATE") == "true",
    "BLACKLIST_AFTER_ROTATION": os.environ.get("DJANGO_ROTATE") == "true",
}
