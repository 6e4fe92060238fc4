"""The channel for e-mail: a folder into which a mail server or a mail program writes messages as ``.eml`` files.

The file is kept whole; its text and attachments are its members, as those of a ZIP are.
"""

from __future__ import annotations

import io
from pathlib import Path

from intake.channels import register
from intake.channels.folder import FolderChannel, name_findings, own_id, source, usable_id, written_at
from intake.envelope import Envelope, MessageFile
from intake.gates import filenames
from intake.standards import mail
from intake.standards.mail_parts import Part


@register
class Eml(FolderChannel):
    """Reads e-mails, each a file."""

    slug = "eml"
    label = "E-Mail"

    def message(self, path: Path) -> Envelope:
        """The mail at ``path``; whatever else lies there is kept for a person.

        It arrived when our server took it, else when the file was written. Findings about its content come with the
        translation.
        """
        archive = MessageFile.from_path(path, filenames.storable(path.name))
        if path.is_dir() or not mail.is_mail(archive):
            return self.unknown(path, "keine E-Mail-Datei (.eml)")
        opened = mail.open_mail(archive)
        files = [_member(part) for part in opened.parts]
        return Envelope(
            channel=self.slug,
            external_id=usable_id(opened.message_id) or own_id(path, [archive]),
            files=files,
            archive=archive,
            received_at=opened.received_at or written_at(path),
            source=source(path),
            findings=name_findings(files),
        )


def _member(part: Part) -> MessageFile:
    return MessageFile(name=part.name, size=len(part.data), open=lambda: io.BytesIO(part.data))
