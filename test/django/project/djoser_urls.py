from django.urls import include, path
from urls import urlpatterns

urlpatterns = [*urlpatterns, path("api/", include("djoser.urls"))]
