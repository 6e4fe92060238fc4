"""Addresses of the exception queue and the rules."""

from django.urls import include, path

from routing import original_views, queue_views, views
from routing.rulepages import proposal_views

urlpatterns = [
    path("regeln/", include("routing.rulepages.urls")),
    path("eingaenge/neu/", views.RecordView.as_view(), name="record"),
    path("eingaenge/<int:submission_id>/eigene-sache/", views.OwnMatterView.as_view(), name="own-matter"),
    path("klaerung/<int:entry_id>/zurueckweisung-aufheben/", views.TakeBackView.as_view(), name="take-back"),
    path("klaerung/", queue_views.ClearingView.as_view(), name="clearing"),
    path("klaerung/geloest/", proposal_views.SolvedView.as_view(), name="clearing-solved"),
    path("klaerung/vorschlag/", proposal_views.ProposalView.as_view(), name="clearing-proposal"),
    path("klaerung/sammeln/", queue_views.BulkView.as_view(), name="clearing-bulk"),
    path("klaerung/fragen/<int:question_id>/", queue_views.AnswerView.as_view(), name="clearing-answer"),
    path(
        "klaerung/fragen/<int:question_id>/dateien/<int:file_id>/",
        queue_views.QuestionFileView.as_view(),
        name="clearing-question-file",
    ),
    path("klaerung/<int:entry_id>/", views.EntryView.as_view(), name="clearing-entry"),
    path("klaerung/<int:entry_id>/geoeffnet/", views.EntryPresenceView.as_view(), name="clearing-presence"),
    path("klaerung/<int:entry_id>/<slug:verb>/", views.ClearView.as_view(), name="clearing-clear"),
    path("klaerung/<int:entry_id>/dateien/<int:file_id>/", views.EntryFileView.as_view(), name="clearing-file"),
    path(
        "klaerung/<int:entry_id>/dateien/<int:file_id>/ansehen/",
        original_views.EntryOriginalView.as_view(),
        name="clearing-original",
    ),
]
