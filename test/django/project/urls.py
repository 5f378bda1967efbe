from django.http import JsonResponse
from django.urls import path
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.views import (
    TokenBlacklistView,
    TokenObtainPairView,
    TokenRefreshView,
    TokenVerifyView,
)


class Me(APIView):
    permission_classes = [IsAuthenticated]

    def get(self, request):
        return Response({"id": request.user.id, "email": request.user.email})


urlpatterns = [
    path("api/token", TokenObtainPairView.as_view()),
    path("api/token/verify", TokenVerifyView.as_view()),
    path("api/token/refresh", TokenRefreshView.as_view()),
    path("api/token/blacklist", TokenBlacklistView.as_view()),
    path("api/users/me", Me.as_view()),
    path("healthz", lambda request: JsonResponse({})),
]
