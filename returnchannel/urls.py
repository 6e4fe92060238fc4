"""Addresses of the REST interface that tell of what was handed over, and of what goes to courts."""

from django.urls import path, re_path

from returnchannel.api.cases import case_status
from returnchannel.api.changes import Changes
from returnchannel.api.messages import MessageDocument, Messages
from returnchannel.api.replies import Responses, Withdrawals
from returnchannel.api.reports import StatusReports
from returnchannel.api.schema import docs, schema
from returnchannel.api.webhooks import Webhooks
from returnchannel.court_views import AgainView, ByHandView, ReceiptView, SendView
from returnchannel.views import DeliveriesView, DeliveryStepView, WebhookStepView

STEPS = r"(?P<delivery_id>[0-9]{1,18})/(?P<step>erneut|von-hand)/$"

urlpatterns = [
    path("betrieb/zustellungen/", DeliveriesView.as_view(), name="deliveries"),
    re_path(rf"^betrieb/zustellungen/{STEPS}", DeliveryStepView.as_view(), name="delivery-step"),
    re_path(rf"^betrieb/zustellungen/webhooks/{STEPS}", WebhookStepView.as_view(), name="webhook-step"),
    path("api/v1/changes", Changes.as_view(), name="api-changes"),
    path("api/v1/webhooks/<str:name>", Webhooks.as_view(), name="api-webhook"),
    path("api/v1/cases/<str:case_id>", case_status, name="api-case"),
    path("api/v1/cases/<str:case_id>/responses", Responses.as_view(), name="api-responses"),
    path("api/v1/cases/<str:case_id>/withdrawal", Withdrawals.as_view(), name="api-withdrawal"),
    path("api/v1/cases/<str:case_id>/status-reports", StatusReports.as_view(), name="api-status-reports"),
    path("api/v1/cases/<str:case_id>/messages", Messages.as_view(), name="api-messages"),
    path(
        "api/v1/cases/<str:case_id>/messages/<int:n>/document", MessageDocument.as_view(), name="api-message-document"
    ),
    path("vorgaenge/<str:case_id>/empfangsbekenntnis/<int:submission_id>/", ReceiptView.as_view(), name="receipt-give"),
    path("vorgaenge/<str:case_id>/an-das-gericht/", SendView.as_view(), name="court-send"),
    path("vorgaenge/<str:case_id>/gericht/<int:message_id>/erneut/", AgainView.as_view(), name="court-again"),
    path("vorgaenge/<str:case_id>/gericht/<int:message_id>/von-hand/", ByHandView.as_view(), name="court-by-hand"),
    path("api/v1/schema", schema, name="api-schema"),
    path("api/docs/", docs, name="api-docs"),
]
