"""Addresses of the REST interface that tell of what was handed over."""

from django.urls import path

from returnchannel.api.changes import Changes
from returnchannel.api.messages import MessageDocument, Messages
from returnchannel.api.webhooks import Webhooks

urlpatterns = [
    path("api/v1/changes", Changes.as_view(), name="api-changes"),
    path("api/v1/webhooks/<str:name>", Webhooks.as_view(), name="api-webhook"),
    path("api/v1/cases/<str:case_id>/messages", Messages.as_view(), name="api-messages"),
    path(
        "api/v1/cases/<str:case_id>/messages/<int:n>/document", MessageDocument.as_view(), name="api-message-document"
    ),
]
