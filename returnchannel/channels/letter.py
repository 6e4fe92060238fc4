"""The channel ``letter``: the PDF and its control file in the folder of the print shop."""

from __future__ import annotations

import logging
from typing import Any

import pikepdf
from django.conf import settings

from audit.faults import where
from cases import blobs, composing
from cases.models import Party
from returnchannel import print_folder
from returnchannel.channels import register
from returnchannel.channels.base import Channel, Outcome, Result
from returnchannel.models import Delivery

FORMAT = 1
OFF = "Es ist kein Druckordner eingerichtet (PRINT_FOLDER). Bitte einrichten oder den Brief von Hand versenden."
NOT_WRITABLE = "Der Druckordner ist nicht erreichbar oder voll. Bitte PRINT_FOLDER, Rechte und Speicherplatz prüfen."
DAMAGED = "Die gespeicherte Datei des Briefs fehlt oder ist beschädigt. Bitte den Betrieb verständigen."
log = logging.getLogger("laufmappe.print")


@register
class LetterChannel(Channel[Delivery]):
    """Hands over to the print shop."""

    slug = "letter"
    label = "Druckstraße"
    is_written_form = True

    def send(self, item: Delivery) -> Outcome:
        """Write PDF and control file, so that only ``confirm`` is missing; under the same name each time."""
        folder, name = settings.PRINT_FOLDER, name_of(item)
        if folder is None:
            return Outcome(Result.FAILED, error=OFF)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if print_folder.was_taken(folder, name):
                return Outcome(Result.DELIVERED)
            file = item.dispatch.document.files.order_by("pk")[0]
            try:
                with blobs.open_blob(file.blob_id) as stream:
                    print_folder.write_letter(folder, name, stream, file.blob_id)
                pages = _pages(folder / f"{name}.pdf")
            except (FileNotFoundError, print_folder.Damaged, pikepdf.PdfError):
                return Outcome(Result.REFUSED, error=DAMAGED)
            print_folder.prepare_control(folder, name, control_of(item, name, file.blob_id, pages))
        except OSError as trouble:
            log.error("the print folder cannot be written to: %s", where(trouble))
            return Outcome(Result.FAILED, error=NOT_WRITABLE, is_away=True)
        return Outcome(Result.DELIVERED)

    def confirm(self, item: Delivery) -> None:
        """Let it be taken."""
        print_folder.release(settings.PRINT_FOLDER, name_of(item))


def name_of(delivery: Delivery) -> str:
    """The name of its files: of the Vorgang, the message and the delivery; never another one."""
    return f"{delivery.message.number.public_id}_{delivery.message.n}_{delivery.pk}"


def control_of(delivery: Delivery, name: str, sha256: str, pages: int) -> dict[str, Any]:
    """What the print shop is told; no more of the recipient than stands on the envelope."""
    dispatch = delivery.dispatch
    return {
        "format": FORMAT,
        "message_id": f"{delivery.message.number.public_id}/{delivery.message.n}",
        "delivery_id": delivery.pk,
        "case_id": delivery.message.number.public_id,
        "file_reference": delivery.message.case.file_reference,
        "recipient": address_lines(dispatch.recipient),
        "delivery_method": dispatch.method,
        "delivery_method_label": dispatch.get_method_display(),
        "pages": pages,
        "sha256": sha256,
        "file": f"{name}.pdf",
    }


def address_lines(party: Party) -> list[str]:
    """The address as it stands in the window."""
    found = composing.address_of(party)
    return [line for line in (*found.names, found.street, f"{found.postcode} {found.city}".strip()) if line]


def _pages(path: Any) -> int:
    with pikepdf.open(path) as pdf:
        return len(pdf.pages)
