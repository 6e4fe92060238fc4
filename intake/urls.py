"""Addresses of the Eingänge."""

from django.urls import path

from intake import views

urlpatterns = [
    path("vorgaenge/<str:case_id>/eingang/<int:file_id>/", views.SubmissionFileView.as_view(), name="submission-file"),
]
