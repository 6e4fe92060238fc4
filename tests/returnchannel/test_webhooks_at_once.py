"""Several send, some die: each event is told, by one at a time, and nobody waits for a receiver that hangs."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from config.delivering import Deliverer
from returnchannel import tasks
from returnchannel.actions import deliveries
from returnchannel.models import WebhookDelivery
from tests import factories as make
from tests.returnchannel.hooks import changed, hook, is_by, later, states
from tests.returnchannel.receiver import Receiver, Request, receiving

State = WebhookDelivery.State
pytestmark = pytest.mark.usefixtures("own_network")


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Several senders, and such that die."""

    def test_a_sender_that_dies_between_sending_and_noting_it_leaves_the_same_event_to_the_next(
        self, receiver: Receiver
    ) -> None:
        client, _ = make.portal()
        secret = hook(client, receiver.url).secret
        changed(client)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(deliveries, "settle", lambda *args: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                tasks.deliver_due()
        assert (len(receiver.got), states()) == (1, [State.WAITING])
        assert tasks.deliver_due() == 0, "the claim still holds"
        with later(seconds=91):
            assert tasks.deliver_due() == 1
            first, second = receiver.got
            assert first.event_id == second.event_id
            assert first.body == second.body
            second.verified(secret)
        assert states() == [State.DELIVERED]

    def test_who_kills_each_sender_is_parked_at_last(self, receiver: Receiver, settings: Any) -> None:
        client, _ = make.portal()
        hook(client, receiver.url)
        changed(client)
        now = timezone.now()
        for _ in range(settings.WEBHOOK_MAX_ATTEMPTS):
            with time_machine.travel(now, tick=False):
                assert deliveries.begin(deliveries.claim()) is not None
            now += timedelta(seconds=91)
        with time_machine.travel(now, tick=False):
            assert tasks.deliver_due() == 0
        assert states() == [State.PARKED]

    def test_a_claim_that_ran_out_sends_no_more(self, receiver: Receiver) -> None:
        client, _ = make.portal()
        hook(client, receiver.url)
        changed(client)
        slow = deliveries.claim()
        with later(seconds=91):
            assert deliveries.claim() is not None
            assert tasks.deliver(slow) == 0
        assert receiver.got == []

    def test_two_senders_never_send_the_same_at_once(self, receiver: Receiver) -> None:
        client, _ = make.portal()
        secrets = {name: hook(client, receiver.url, name).secret for name in ("eins", "zwei", "drei")}
        for _ in range(10):
            changed(client, 3)
        under_way: set[str] = set()
        twice: list[str] = []
        lock = threading.Lock()

        def note(request: Request) -> int:
            event_id = request.headers["webhook-id"]
            with lock:
                twice.extend(under_way & {event_id})
                under_way.add(event_id)
            time.sleep(0.005)
            return 204

        receiver.answer = note

        def send() -> None:
            for _ in range(20):
                tasks.deliver_due()
                time.sleep(0.01)
            connections.close_all()

        senders = [threading.Thread(target=send) for _ in range(4)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        assert twice == []
        assert len(receiver.got) == 90 and set(states()) == {State.DELIVERED}
        verified = [name for got in receiver.got for name, secret in secrets.items() if is_by(got, secret)]
        assert sorted(verified) == sorted(["eins", "zwei", "drei"] * 30)

    def test_the_worker_tells_within_two_seconds_while_another_receiver_hangs(self, receiver: Receiver) -> None:
        client, _ = make.portal()
        deliverer = Deliverer()
        with receiving() as hanging:
            hanging.answer = lambda request: time.sleep(4) or 204
            hook(client, hanging.url, "haengt")
            secret = hook(client, receiver.url).secret
            deliverer.start()
            try:
                changed(client)
                time.sleep(1.2)  # the hanging one is being waited for
                arrived = []
                for _ in range(3):
                    began, before = time.monotonic(), len(receiver.got)
                    changed(client)
                    while len(receiver.got) == before and time.monotonic() - began < 5:
                        time.sleep(0.01)
                    arrived.append(time.monotonic() - began)
                assert max(arrived) < 2
            finally:
                deliverer.end()
            for sender in deliverer._senders:
                sender.join()
        for got in receiver.got:
            got.verified(secret)

    def test_everything_arrives_at_a_receiver_that_does_all_sorts_of_things(self, receiver: Receiver) -> None:
        client, _ = make.portal()
        secret = hook(client, receiver.url).secret
        numbers = [changed(client, 3) for _ in range(4)]
        receiver.location = "http://10.0.0.1/"
        receiver.answers(500, 0, 302, 204, 503, 0, 204, 404, 204)
        now: datetime = timezone.now()
        for _ in range(12):
            with time_machine.travel(now, tick=True):
                tasks.deliver_due()
            now += timedelta(hours=2)
        assert set(states()) == {State.DELIVERED}
        told = receiver.versions
        for number in numbers:
            mine = [version for case_id, version in told if case_id == number.public_id]
            assert sorted(set(mine)) == [0, 1, 2] and mine == sorted(mine)
        last = receiver.got[-1]
        with time_machine.travel(
            datetime.fromtimestamp(int(last.headers["webhook-timestamp"]), tz=timezone.get_current_timezone())
        ):
            last.verified(secret)
