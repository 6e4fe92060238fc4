"""What goes by the portal: to whom, when it counts as known, and what follows when nobody fetches it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import actions
from cases.models import Case, Deadline, Dispatch, InformationRequest, Notice
from returnchannel import tasks
from returnchannel.models import Delivery
from routing.models import ExceptionEntry
from tests import factories as make
from tests.pages import done, logged_in
from tests.returnchannel.hooks import later
from tests.returnchannel.sent import (
    BY_MAIL,
    TO_PORTAL,
    TO_PORTAL_ALL,
    Applied,
    PrintShop,
    fresh,
    send_all,
    ways_of,
)

pytestmark = pytest.mark.django_db
Method, State = Dispatch.Method, Dispatch.State


@pytest.fixture
def shop(settings: Any, tmp_path: Any) -> PrintShop:
    settings.PRINT_FOLDER = tmp_path / "druck"
    return PrintShop(settings.PRINT_FOLDER)


class TestTheWay:
    def test_a_mitteilung_is_provided_where_that_was_wanted(self, shop: PrintShop) -> None:
        row = Applied(TO_PORTAL).notice()
        assert (row.method, row.state, row.sent_on) == (Method.PORTAL, State.SENT, timezone.localdate())
        assert ways_of(row) == {"portal": "sent"}
        assert Delivery.objects.get().provided_at is not None

    def test_who_writes_it_is_told_so(self) -> None:
        matter = Applied(TO_PORTAL)
        told = {"kind": "zwischennachricht", "subject": "Ihr Antrag", "text": "Es dauert noch.", "method": "einfach"}
        address = reverse("case-notice", args=[matter.case.public_id])
        done(logged_in(matter.person), address, told, "Die Mitteilung ist im Portal bereitgestellt.")

    @pytest.mark.parametrize("reply", [None, {}, {"portal": False}, {"portal": None}, "fax", ["portal"], 1, BY_MAIL])
    def test_without_consent_it_is_a_letter(self, shop: PrintShop, reply: Any) -> None:
        row = Applied(reply).notice()
        assert (row.method, row.state, ways_of(row)) == (Method.LETTER, State.TO_SEND, {"letter": "waiting"})

    def test_without_a_print_folder_a_person_prints_it(self) -> None:
        row = Applied().notice()
        assert (row.state, ways_of(row)) == (State.TO_SEND, {})

    @pytest.mark.parametrize("method", [Method.REGISTERED, Method.PZU])
    def test_what_needs_a_proof_goes_by_post(self, shop: PrintShop, method: Dispatch.Method) -> None:
        row = Applied(TO_PORTAL_ALL).notice(method=method)
        assert (row.method, ways_of(row)) == (method, {"letter": "waiting"})

    def test_what_needs_an_eeb_goes_neither_way(self, shop: PrintShop) -> None:
        assert ways_of(Applied(TO_PORTAL_ALL).notice(method=Method.EEB)) == {}

    def test_a_bescheid_needs_a_consent_of_its_own(self, shop: PrintShop) -> None:
        letter = Applied(TO_PORTAL).decided().dispatches.get()
        provided = Applied(TO_PORTAL_ALL).decided().dispatches.get()
        assert (letter.method, provided.method) == (Method.LETTER, Method.PORTAL)

    def test_a_switched_off_portal_is_no_way(self, shop: PrintShop) -> None:
        applied = Applied(TO_PORTAL)
        type(applied.portal.client).objects.update(is_active=False)
        assert ways_of(applied.notice()) == {"letter": "waiting"}

    def test_only_who_applied_is_reached_there(self, shop: PrintShop) -> None:
        applied = Applied(TO_PORTAL)
        other = make.applicant(role="representative", first_name="Rita", receives_post=True)
        actions.add_party(case=applied.case, values={**_values(other)}, by=applied.by)
        told = {"kind": Notice.Kind.INTERIM, "subject": "Stand", "text": "Es dauert."}
        notice = actions.send_notice(case=applied.case, by=applied.by, **told)
        by_role = {row.recipient.role: row.method for row in notice.dispatches.select_related("recipient")}
        assert by_role == {"applicant": Method.PORTAL, "representative": Method.LETTER}
        shown = applied.case.outbound_messages.get(kind="notice").document
        assert shown.dispatch.recipient.role == "applicant", "not what was written to somebody else"

    def test_what_a_versagung_may_rest_on_is_written(self, shop: PrintShop, settings: Any) -> None:
        """§ 66 III SGB I asks for the written form, which the portal does not meet."""
        settings.HAS_MAIL = True
        applied = Applied(TO_PORTAL | BY_MAIL, slug="wohngeld")
        letter = applied.asked(consequence="Sonst können wir das Wohngeld versagen.").dispatches.get()
        provided = applied.asked(title="Anderes").dispatches.get()
        assert (letter.method, provided.method) == (Method.LETTER, Method.PORTAL)

    def test_social_law_needs_a_notice_that_can_be_sent(self, shop: PrintShop, settings: Any) -> None:
        """§ 37 IIa SGB X counts from the notice."""
        assert Applied(TO_PORTAL | BY_MAIL, slug="wohngeld").notice().method == Method.LETTER
        settings.HAS_MAIL = True
        assert Applied(TO_PORTAL, slug="wohngeld").notice().method == Method.LETTER
        assert Applied(TO_PORTAL | BY_MAIL, slug="wohngeld").notice().method == Method.PORTAL


def _values(party: Any) -> dict[str, Any]:
    names = ("role", "first_name", "last_name", "street", "house_number", "postcode", "city", "receives_post")
    return {name: getattr(party, name) for name in names}


class TestTheProof:
    def test_known_the_day_after_it_was_fetched(self) -> None:
        """§ 41 IIa VwVfG; the remedy begins then."""
        applied = Applied(TO_PORTAL_ALL)
        row = applied.decided().dispatches.get()
        assert (row.known_on, row.deadline) == (None, None)
        applied.fetch()
        row = fresh(row)
        today = timezone.localdate()
        assert (row.delivered_on, row.known_on) == (today, today + timedelta(days=1))
        assert row.deadline.starts_on == row.known_on and "Abgerufen am" in " ".join(row.reasons)
        assert applied.case.deadlines.get(kind="rechtsbehelf").state == Deadline.State.OPEN
        delivery = Delivery.objects.get()
        assert delivery.state == Delivery.State.DELIVERED and delivery.retrieved_at >= delivery.provided_at

    def test_in_the_account_it_counts_from_the_provision(self, settings: Any) -> None:
        """§ 9 OZG: nobody has to fetch it, and no letter follows."""
        settings.PORTAL_IS_ACCOUNT = True
        row = Applied(TO_PORTAL_ALL).decided().dispatches.get()
        assert row.known_on == timezone.localdate() + timedelta(days=3)
        with later(days=40):
            assert tasks.end_overdue() == 0

    def test_social_law_counts_from_the_notice(self, settings: Any) -> None:
        settings.HAS_MAIL = True
        row = Applied(TO_PORTAL | BY_MAIL, slug="wohngeld").notice()
        assert row.known_on is None
        send_all()
        row = fresh(row)
        assert row.notified_on == timezone.localdate()
        assert row.known_on == timezone.localdate() + timedelta(days=4)

    def test_only_the_first_time_counts(self) -> None:
        applied = Applied(TO_PORTAL)
        applied.notice()
        applied.fetch()
        before = Delivery.objects.get().retrieved_at
        with later(days=3):
            applied.fetch()
        assert Delivery.objects.get().retrieved_at == before

    def test_to_ask_whether_it_is_there_is_not_to_fetch_it(self) -> None:
        applied = Applied(TO_PORTAL)
        applied.notice()
        applied.messages()
        path = f"/api/v1/cases/{applied.case.public_id}/messages/2/document"
        head = applied.portal.http.head(path, headers={"Authorization": f"Bearer {applied.portal.token}"})
        assert head.status_code == 200
        list(head.streaming_content)  # or its file stays open
        assert Delivery.objects.get().retrieved_at is None

    def test_another_portal_proves_nothing(self) -> None:
        applied, other = Applied(TO_PORTAL), Applied(TO_PORTAL)
        applied.notice()
        path = f"/api/v1/cases/{applied.case.public_id}/messages/2/document"
        assert other.portal.get(path).status_code == 404
        assert Delivery.objects.get().retrieved_at is None

    def test_fetching_it_again_costs_no_more_than_before(self) -> None:
        applied = Applied(TO_PORTAL)
        applied.notice()
        applied.fetch()
        with CaptureQueriesContext(connection) as asked:
            applied.fetch()
        assert len(asked) <= 6, [query["sql"] for query in asked]

    def test_nobody_enters_it_by_hand(self) -> None:
        applied = Applied(TO_PORTAL)
        row = applied.notice()
        with pytest.raises(actions.NotPossible, match="weist das Portal selbst nach"):
            actions.record_delivery(dispatch=row, on=timezone.localdate(), by=applied.by)

    def test_a_nachforderung_stops_the_clock_when_it_is_provided(self) -> None:
        applied = Applied(TO_PORTAL)
        request = InformationRequest.objects.get(pk=applied.asked().pk)
        assert request.pause.starts_on == timezone.localdate()
        assert applied.case.status == Case.Status.INFORMATION_REQUESTED


class TestTheEnd:
    def test_what_nobody_fetches_becomes_a_letter(self, shop: PrintShop) -> None:
        applied = Applied(TO_PORTAL)
        row = applied.notice()
        with later(days=10):
            assert tasks.end_overdue() == 0
        with later(days=11):
            assert tasks.end_overdue() == 1
            assert tasks.end_overdue() == 0
            row = fresh(row)
            assert (row.method, row.state, row.sent_on) == (Method.LETTER, State.TO_SEND, None)
            assert ways_of(row) == {"portal": "cancelled", "letter": "waiting"}
            send_all()
            shop.answer("versandt")
        row = fresh(row)
        assert row.state == State.SENT and row.known_on == row.sent_on + timedelta(days=4)

    def test_without_a_print_folder_it_waits_for_a_person(self) -> None:
        row = Applied(TO_PORTAL).notice()
        with later(days=11):
            tasks.end_overdue()
        assert fresh(row).state == State.TO_SEND

    def test_fetched_too_late_is_not_fetched(self) -> None:
        applied = Applied(TO_PORTAL)
        row = applied.notice()
        with later(days=11):
            tasks.end_overdue()
            assert applied.fetch().status_code == 200
        assert fresh(row).known_on is None

    def test_a_notice_that_fails_for_good_ends_it_where_the_law_counts_from_it(
        self, shop: PrintShop, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.HAS_MAIL, settings.DELIVERY_MAX_ATTEMPTS = True, 1
        monkeypatch.setattr("django.core.mail.EmailMessage.send", _refuse)
        row = Applied(TO_PORTAL | BY_MAIL, slug="wohngeld").notice()
        send_all()
        assert ways_of(row) == {"portal": "cancelled", "mail": "refused", "letter": "sent"}
        assert "ohne sie gilt das Schreiben nicht" in Delivery.objects.get(channel="portal").last_error
        assert not mail.outbox and not ExceptionEntry.objects.filter(kind="delivery").exists()


def _refuse(*args: Any, **kwargs: Any) -> None:
    raise ConnectionRefusedError


class TestCallingBack:
    def test_what_is_in_the_portal_cannot_be_withheld(self) -> None:
        applied = Applied(TO_PORTAL)
        row = applied.notice()
        with pytest.raises(actions.NotPossible, match="lässt sich nicht zurückholen"):
            actions.withhold(dispatch=row, by=applied.by, reason="überholt")
        assert [message["kind"] for message in applied.messages()] == ["notice"]

    def test_a_withheld_letter_is_no_longer_shown(self) -> None:
        applied = Applied()
        row = applied.notice()
        assert len(applied.messages()) == 1
        actions.withhold(dispatch=row, by=applied.by, reason="überholt")
        assert applied.messages() == []
        assert applied.fetch().status_code == 404


class TestWhatIsOver:
    """What a letter is about may be over before anybody has fetched it."""

    def test_a_withdrawn_bescheid_is_not_posted_after_all(self, shop: PrintShop) -> None:
        matter = Applied(TO_PORTAL_ALL)
        decision = matter.decided()
        row = decision.dispatches.get()
        assert row.method == Method.PORTAL
        actions.withdraw_decision(decision=decision, reason="Falscher Betrag", by=matter.by)
        with later(days=30):
            assert tasks.end_overdue() == 1
        assert (ways_of(row), fresh(row).known_on) == ({"portal": "cancelled"}, None)

    def test_fetched_after_its_end_though_nobody_has_ended_it(self, shop: PrintShop) -> None:
        matter = Applied(TO_PORTAL)
        row = matter.notice()
        with later(days=30):
            assert matter.fetch().status_code == 200
        assert (fresh(row).known_on, fresh(row).method, ways_of(row)["letter"]) == (None, Method.LETTER, "waiting")

    def test_what_cannot_be_given_was_not_fetched(self, shop: PrintShop, monkeypatch: pytest.MonkeyPatch) -> None:
        matter = Applied(TO_PORTAL)
        row = matter.notice()
        monkeypatch.setattr("returnchannel.api.messages.blobs.open_blob", broken)
        assert matter.fetch().status_code == 503
        assert fresh(row).delivered_on is None

    def test_a_second_applicant_gets_a_letter(self, shop: PrintShop) -> None:
        matter = Applied(TO_PORTAL)
        spouse = _values(matter.case.parties.get(role="applicant")) | {"first_name": "Max"}
        actions.add_party(case=matter.case, values=spouse, by=matter.by)
        actions.send_notice(case=matter.case, kind=Notice.Kind.INTERIM, subject="Stand", text="Ja.", by=matter.by)
        found = {ways_of(row).popitem() for row in Dispatch.objects.filter(case=matter.case)}
        assert found == {("portal", "sent"), ("letter", "waiting")}


def broken(sha256: str) -> Any:
    """A disk that is away."""
    raise OSError("away")
