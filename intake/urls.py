"""Addresses of the Eingänge, and of the calls that hand them over."""

from django.urls import path

from intake import views
from intake.api import pages
from intake.api.submissions import Submissions

urlpatterns = [
    path("vorgaenge/<str:case_id>/eingang/<int:file_id>/", views.SubmissionFileView.as_view(), name="submission-file"),
    path("api/v1/submissions", Submissions.as_view(), name="api-submissions"),
    path("problems/<slug:code>", pages.problem_page, name="problem"),
]
