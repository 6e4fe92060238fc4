"""The addresses as they are where a log-in service is set."""

from django.urls import include, path

from config.urls import urlpatterns as usual

urlpatterns = [path("", include("config.oidc.urls")), *usual]
