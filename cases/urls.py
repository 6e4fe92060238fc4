"""Addresses of the Vorgänge."""

from django.urls import path

from cases import deadline_views, views

urlpatterns = [
    path("", views.WorklistView.as_view(), name="worklist"),
    path("fristenrechner/", deadline_views.CalculatorView.as_view(), name="deadline-calculator"),
    path("vorgaenge/<str:case_id>/", views.CaseView.as_view(), name="case"),
    path("vorgaenge/<str:case_id>/dateien/<int:file_id>/", views.CaseFileView.as_view(), name="case-file"),
]
