"""Addresses of the log-in service; only there where one is set."""

from django.urls import path

from config.oidc import views

urlpatterns = [
    path("anmelden/dienst/", views.Begin.as_view(), name="login-service"),
    path("anmelden/dienst/antwort/", views.Answer.as_view(), name="login-service-answer"),
]
