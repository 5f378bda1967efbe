"""A Django API with SimpleJWT that accepts Gatepass's tokens and has no users of its own.

GATEPASS_URL=http://127.0.0.1:8000 PORT=9000 python3 server.py
Gatepass: GATEPASS_SIGNING_ALG=RS256 or ES256 (SimpleJWT's other name for this setting: ALGORITHM).
"""
import os
from wsgiref.simple_server import make_server

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import path

ISSUER = os.environ.get("GATEPASS_URL", "http://127.0.0.1:8000")

settings.configure(
    SECRET_KEY=os.urandom(32).hex(),
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [
            "rest_framework_simplejwt.authentication.JWTStatelessUserAuthentication"
        ],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    },
    SIMPLE_JWT={
        "ALGORITHM": os.environ.get("ALGORITHM", "RS256"),
        "JWK_URL": f"{ISSUER}/.well-known/jwks.json",
    },
)
django.setup()

from rest_framework.decorators import api_view  # noqa: E402  (needs the settings)
from rest_framework.response import Response  # noqa: E402


@api_view(["GET"])
def me(request):
    return Response({"user": str(request.user.id), "session": request.auth["sid"]})


urlpatterns = [path("me", me)]

if __name__ == "__main__":
    port = int(os.environ.get("PORT", "9000"))
    make_server("127.0.0.1", port, get_wsgi_application()).serve_forever()
