"""What was parked is told, and a person sends it again or gives it up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from audit.acting import SYSTEM, Actor, acting
from audit.registries import health, integrity, metrics
from cases.models import Role
from returnchannel import tasks
from returnchannel.actions import deliveries, webhooks
from returnchannel.models import Webhook, WebhookDelivery
from tests import factories as make
from tests.returnchannel.hooks import changed, hook, later, states
from tests.returnchannel.receiver import Receiver

State = WebhookDelivery.State
pytestmark = pytest.mark.usefixtures("own_network")


@pytest.mark.django_db
class TestParked:
    """A person sends again what was parked, or gives it up."""

    @pytest.fixture
    def parked(self, receiver: Receiver, settings: Any) -> WebhookDelivery:
        settings.WEBHOOK_MAX_ATTEMPTS = 1
        client, _ = make.portal("Stadtportal")
        hook(client, receiver.url)
        changed(client)
        receiver.answers(500, 204)
        tasks.deliver_due()
        return WebhookDelivery.objects.get(state=State.PARKED)

    @pytest.fixture
    def office(self) -> Client:
        """Somebody of the IT-Betrieb in the Verwaltung."""
        operator, client = make.user(make.team(), Role.OPERATIONS, username="ina.betrieb"), Client()
        with acting(SYSTEM, "test"):
            operator.is_staff = True
            operator.save()
        client.force_login(operator)
        return client

    def test_it_is_told_in_health_figures_and_integrity(self, parked: WebhookDelivery) -> None:
        state = dict(health)["webhooks"]()
        assert (state.ok, state.vital) == (False, False) and "1 Zustellung an einen Webhook" in state.message
        figures = {figure.name: figure.value for figure in dict(metrics)["webhooks"]()}
        assert (figures["webhooks_parked"], figures["webhooks_waiting"]) == (1, 0)
        (problem,) = dict(integrity)["webhooks"]()
        assert problem.subject == "Webhook Stadtportal: eins"

    def test_it_is_sent_again_by_who_runs_the_house(
        self, parked: WebhookDelivery, receiver: Receiver, office: Client
    ) -> None:
        data = {"action": "resend", "_selected_action": [parked.pk]}
        page = office.post("/verwaltung/returnchannel/webhookdelivery/", data, follow=True)
        assert "1 von 1 gesendet" in page.content.decode()
        tasks.deliver_due()
        parked.refresh_from_db()
        assert (parked.state, parked.attempts, parked.handled_by) == (State.DELIVERED, 1, "ina.betrieb")
        assert len({got.event_id for got in receiver.got}) == 1
        assert dict(health)["webhooks"]().ok

    def test_it_is_given_up(self, parked: WebhookDelivery) -> None:
        operator = make.user(make.team(), Role.OPERATIONS)
        assert webhooks.give_up(deliveries=[parked], by=Actor.of(operator)) == 1
        assert webhooks.resend(deliveries=[parked], by=Actor.of(operator)) == 0
        assert states() == [State.CANCELLED]

    @pytest.mark.parametrize("action", [webhooks.resend, webhooks.give_up])
    @pytest.mark.parametrize("role", [Role.CASEWORKER, Role.LEAD, Role.AUDITOR])
    def test_others_may_not(self, parked: WebhookDelivery, role: Role, action: Callable[..., int]) -> None:
        somebody = make.user(make.team(), role)
        with pytest.raises(PermissionDenied):
            action(deliveries=[parked], by=Actor.of(somebody))
        with pytest.raises(PermissionDenied):
            action(deliveries=[parked], by=SYSTEM)
        assert states() == [State.PARKED]

    def test_secrets_are_nowhere_to_be_seen(self, parked: WebhookDelivery, office: Client) -> None:
        webhook = parked.webhook
        names = {field.name for field in Webhook.history.model._meta.get_fields()}
        assert names.isdisjoint(Webhook.SECRETS)
        for page in ("webhook/", f"webhook/{webhook.pk}/change/", "webhookdelivery/"):
            answer = office.get(f"/verwaltung/returnchannel/{page}")
            assert answer.status_code == 200
            assert webhook.secret not in answer.content.decode() and "whsec_" not in answer.content.decode()

    def test_what_is_overdue_is_told(self, receiver: Receiver) -> None:
        client, _ = make.portal()
        hook(client, receiver.url)
        changed(client, 2)
        assert dict(health)["webhooks"]().ok
        with later(minutes=11):
            assert "überfällig" in dict(health)["webhooks"]().message
            assert len(list(dict(integrity)["webhooks"]())) == 1
            tasks.deliver_due()
            assert dict(health)["webhooks"]().ok

    def test_what_is_long_over_is_forgotten_and_what_is_parked_is_not(self, parked: WebhookDelivery) -> None:
        changed(parked.webhook.client)
        tasks.deliver_due()
        with later(days=31):
            assert deliveries.tidy() == 1
        assert states() == [State.PARKED]
