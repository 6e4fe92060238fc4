"""All addresses; each room has its own."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path
from django.views.generic import RedirectView

from config import accessibility, handbook, sessions, views
from intake.api.base import UnknownAddress

urlpatterns = [
    path("", include("returnchannel.urls")),  # first: the status is asked for most
    path("", include("audit.urls")),
    path("", include("cases.urls")),
    path("", include("intake.urls")),
    path("", include("routing.urls")),
    path("anmelden/", views.Login.as_view(), name="login"),
    path("abmelden/", views.Logout.as_view(), name="logout"),
    path("konto/sitzung/", sessions.SessionView.as_view(), name="session"),
    path("barrierefreiheit/", accessibility.declaration, name="accessibility"),
    path("hilfe/", handbook.HandbookView.as_view(), name="help"),
    path("hilfe/<slug:chapter>/", handbook.ChapterView.as_view(), name="help-chapter"),
    path("verwaltung/login/", views.admin_login),
    path("verwaltung/logout/", LogoutView.as_view()),
    path("verwaltung/password_change/", RedirectView.as_view(pattern_name="account-password")),
    path("verwaltung/", admin.site.urls),
    path("api/<path:rest>", UnknownAddress.as_view()),  # last: what no room knows
]

if settings.OIDC is not None:
    urlpatterns[:0] = [path("", include("config.oidc.urls"))]
