"""All addresses; each room has its own."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from config import views
from intake.api.base import UnknownAddress

urlpatterns = [
    path("", include("audit.urls")),
    path("", include("cases.urls")),
    path("", include("intake.urls")),
    path("", include("routing.urls")),
    path("anmelden/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("abmelden/", views.Logout.as_view(), name="logout"),
    path("verwaltung/login/", views.admin_login),
    path("verwaltung/logout/", LogoutView.as_view()),
    path("verwaltung/password_change/", views.change_password),
    path("verwaltung/", admin.site.urls),
    path("api/<path:rest>", UnknownAddress.as_view()),  # last: what no room knows
]
