"""Addresses of the Vorgänge."""

from django.urls import include, path

from cases import account, deadline_views, views
from cases.worklist import casepage, covers, saved
from cases.worklist import views as worklist

urlpatterns = [
    path("", worklist.WorklistView.as_view(), name="worklist"),
    path("fristenrechner/", deadline_views.CalculatorView.as_view(), name="deadline-calculator"),
    path("naechster/", worklist.NextView.as_view(), name="next-case"),
    path("sammelaktion/", worklist.BulkView.as_view(), name="bulk"),
    path("ansichten/", saved.SavedViewsView.as_view(), name="saved-views"),
    path("ansichten/<int:view_id>/", saved.SavedViewView.as_view(), name="saved-view"),
    path("konto/", covers.AccountView.as_view(), name="account"),
    path("konto/einstellungen/", account.PreferencesView.as_view(), name="preferences"),
    path("konto/passwort/", account.PasswordView.as_view(), name="account-password"),
    path("konto/vertretungen/", covers.CoversView.as_view(), name="covers"),
    path("konto/vertretungen/<int:cover_id>/ende/", covers.CoverEndView.as_view(), name="cover-end"),
    path("vorgaenge/<str:case_id>/", views.CaseView.as_view(), name="case"),
    path("vorgaenge/<str:case_id>/antrag/", views.CaseApplicationView.as_view(), name="case-application"),
    path("vorgaenge/<str:case_id>/verlauf/", views.CaseHistoryView.as_view(), name="case-history"),
    path("vorgaenge/<str:case_id>/nachbar/<str:way>/", casepage.NeighbourView.as_view(), name="case-neighbour"),
    path("vorgaenge/<str:case_id>/", include("cases.casework.urls")),
    path("vorgaenge/<str:case_id>/dateien/<int:file_id>/", views.CaseFileView.as_view(), name="case-file"),
    path("vorgaenge/<str:case_id>/anwesend/", casepage.PresenceView.as_view(), name="case-presence"),
    path("vorgaenge/<str:case_id>/wiedervorlage/", casepage.FollowUpView.as_view(), name="follow-up"),
    path(
        "vorgaenge/<str:case_id>/wiedervorlage/<int:follow_up_id>/erledigt/",
        casepage.FollowUpDoneView.as_view(),
        name="follow-up-done",
    ),
]
