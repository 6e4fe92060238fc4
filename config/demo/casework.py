"""What the people of Musterhausen have done with their Vorgänge so far: through the same actions as on the pages."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from audit.acting import Actor
from cases import actions, standard_texts
from cases.models import Case, InformationRequest, Note, User


def work() -> None:
    """A Nachforderung that is on its way, a draft that waits for a second pair of eyes, a Bescheid to be sent.

    Done once: a demonstration that has gone on is left as it is.
    """
    if InformationRequest.objects.exists():
        return
    wanda, olaf = (User.objects.get(username=name) for name in ("wanda.wohngeld", "olaf.ordnung"))
    housing = list(Case.objects.filter(service__slug="wohngeld", status="eingegangen").order_by("pk")[:3])
    for case in housing:
        actions.take_up(case=case, by=Actor.of(wanda))
    if len(housing) == 3:
        _ask(housing[0], wanda)
        _draft(housing[1], wanda)
        _remember(housing[2], wanda)
    permit = Case.objects.filter(service__slug="bewohnerparkausweis", status="eingegangen").order_by("pk").first()
    if permit is not None:
        _decide(permit, olaf)


def _ask(case: Case, person: User) -> None:
    template = standard_texts.request_templates(case.service_version)[0]
    request = actions.request_information(
        case=case,
        title=template.title,
        text=" ".join(template.text.split()),
        items=template.items[:3],
        days=template.days,
        template_key=template.key,
        legal_basis=template.legal_basis,
        consequence=template.consequence.strip(),
        by=Actor.of(person),
    )
    for row in request.dispatches.all():
        actions.mark_sent(dispatch=row, on=timezone.localdate(), by=Actor.of(person))


def _draft(case: Case, person: User) -> None:
    values = standard_texts.values_for(case, settings.AUTHORITY_NAME)
    blocks = {block.key: block for block in standard_texts.decision_blocks(case.service_version)}
    text = standard_texts.fill(blocks["bewilligung"].text, values)
    start = timezone.localdate().replace(day=1)
    for gap, filling in (
        ("[Betrag]", "287"),
        ("[Beginn]", f"{start:%d.%m.%Y}"),
        ("[Ende]", f"{start.replace(year=start.year + 1) - timedelta(days=1):%d.%m.%Y}"),
    ):
        text = text.replace(gap, filling)
    reasoning = "Grundlage sind die Angaben in Ihrem Antrag und die vorgelegten Nachweise (§§ 4 bis 19 WoGG)."
    actions.draft_decision(
        case=case,
        values={"outcome": Case.Outcome.GRANTED, "operative_part": text, "reasoning": reasoning},
        by=Actor.of(person),
    )


def _remember(case: Case, person: User) -> None:
    by = Actor.of(person)
    text = "Antragstellerin fragt nach dem Stand. Auskunft: Prüfung läuft, Rückmeldung bis nächste Woche."
    actions.write_note(case=case, kind=Note.Kind.CALL, with_whom="der Antragstellerin", text=text, by=by)
    due = timezone.localdate() + timedelta(days=7)
    actions.set_follow_up(case=case, due_on=due, user=person, note="Rückruf versprochen", by=by)


def _decide(case: Case, person: User) -> None:
    by = Actor.of(person)
    until = timezone.localdate() + timedelta(days=365)
    text = f"wir erteilen Ihnen einen Bewohnerparkausweis für den Bereich 3, gültig bis zum {until:%d.%m.%Y}."
    draft = actions.draft_decision(case=case, values={"outcome": Case.Outcome.GRANTED, "operative_part": text}, by=by)
    actions.release_decision(decision=draft, revision=draft.revision, by=by)
