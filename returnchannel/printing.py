"""Reading back what the print shop answers."""

from __future__ import annotations

import logging
import time

from django.conf import settings

from audit.faults import where
from returnchannel import print_folder
from returnchannel.actions import sending

HALF_WRITTEN = 60  # seconds in which an answer that cannot be read may still be written
log = logging.getLogger("laufmappe.print")


def read_back() -> int:
    """Keep all answers of the print shop, and clear them away; returns how many. Idempotent.

    What cannot be understood, or is about no letter of this house, lies in ``unklar`` afterwards.
    """
    folder, count = settings.PRINT_FOLDER, 0
    if folder is None or not folder.is_dir():
        return 0
    sending.tidy_folder()
    for answer in print_folder.answers(folder):
        try:
            count += _keep(answer)
        except OSError as trouble:  # another answer can still be read
            log.error("an answer of the print shop cannot be read: %s", where(trouble))
    return count


def _keep(answer: print_folder.Answer) -> bool:
    delivery = sending.of_name(answer.name)
    if delivery is None or (answer.posted_on is None and answer.error is None):
        if time.time() - answer.path.stat().st_mtime < HALF_WRITTEN:
            return False
        print_folder.set_aside(answer.path)
        return False
    if answer.posted_on is not None:
        sending.note_posted(delivery=delivery, on=answer.posted_on)
    else:
        sending.note_failed(delivery=delivery, error=answer.error or "")
    print_folder.clear(answer.path.parent, answer.name)
    return True
