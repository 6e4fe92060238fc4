"""What a portal may read: only what it handed over itself, and of that only what the citizen may see."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from cases.models import Case, Dispatch, User
from cases.selectors import visible_cases
from intake import selectors as intake
from intake.models import ApiClient, Submission
from returnchannel import ways
from returnchannel.models import Delivery, OutboundMessage, PublicChange, Webhook, WebhookDelivery


@dataclass(frozen=True)
class Page:
    """Some changes in their order, the position to go on from, and whether there are more."""

    changes: list[PublicChange]
    next: int
    more: bool


def changes_after(client: ApiClient, position: int, *, limit: int) -> Page:
    """The changes of what this client handed over that come after a position (one query)."""
    rows = PublicChange.objects.filter(client=client, position__gt=position).select_related("number")
    found = list(rows.order_by("position")[: limit + 1])
    page = found[:limit]
    return Page(page, page[-1].position if page else position, len(found) > limit)


def last_position() -> int:
    """The last position that was given; 0 when there is none."""
    return (
        PublicChange.objects.order_by("-position").exclude(position=None).values_list("position", flat=True).first()
        or 0
    )


def answered_case(client: ApiClient, submission: Submission) -> Case | None:
    """The Vorgang that an answer to what this client submitted is for, if the client has been given its own id.

    None while there is none yet, and for an alias of a Vorgang that is not the client's.
    """
    case = submission.number.case
    is_theirs = case is not None and intake.receipt_of(client, case.public_id) is not None
    return case if is_theirs else None


def reported_submission(client: ApiClient, public_id: str) -> Submission | None:
    """The Eingang that a Vorgang began with, for a Fachverfahren: of its Leistungen, by the Vorgang's own id only."""
    rows = intake.receipts().filter(number__public_id=public_id, case__public_id=public_id)
    return (rows.filter(case__service__slug__in=client.services) if client.services else rows).first()


def messages_of(client: ApiClient, public_id: str) -> QuerySet[OutboundMessage]:
    """What was told under this Vorgangs-ID, in order, if this client handed it over.

    Not a letter that was withheld or withdrawn before it left the house: nobody gets it.
    """
    rows = OutboundMessage.objects.filter(number__public_id=public_id, number__submission__client=client)
    letters = OutboundMessage.dispatches.through.objects.filter(outboundmessage=OuterRef("pk"))
    standing = letters.exclude(dispatch__state=Dispatch.State.CANCELLED)
    rows = rows.filter(~Exists(letters) | Exists(standing))
    return rows.select_related("document", "number__submission").order_by("n")


def with_provision(messages: QuerySet[OutboundMessage]) -> QuerySet[OutboundMessage]:
    """Each with ``provision``: the id of its Delivery in the portal, for as long as nobody has fetched it there."""
    unseen = Delivery.objects.filter(
        message=OuterRef("pk"),
        dispatch__document=OuterRef("document"),  # what the message shows, not what another recipient gets
        channel=ways.PORTAL,
        state=Delivery.State.SENT,
        retrieved_at=None,
    )
    return messages.annotate(provision=Subquery(unseen.order_by("pk").values("pk")[:1]))


def webhook_of(client: ApiClient, name: str) -> Webhook | None:
    """The webhook of this name that the client has set; None for others' and for one that it gave up."""
    rows = Webhook.objects.filter(client=client, name=name)
    return rows.exclude(switched_off_reason=Webhook.Off.REMOVED).first()


def open_deliveries(user: User, *, all_of_them: bool) -> QuerySet[Delivery]:
    """The deliveries that wait or have failed, failed ones first: of all Vorgänge, or of those that ``user`` sees."""
    rows = Delivery.objects.filter(state__in=[Delivery.State.WAITING, Delivery.State.REFUSED])
    if not all_of_them:
        rows = rows.filter(message__case__in=visible_cases(user).values("pk"))
    return rows.select_related("message__number", "message__case").order_by("state", "created_at", "pk")


def parked_webhooks() -> QuerySet[WebhookDelivery]:
    """The deliveries to webhooks that were parked, oldest first."""
    rows = WebhookDelivery.objects.filter(state=WebhookDelivery.State.PARKED)
    return rows.select_related("number", "webhook__client").order_by("pk")
