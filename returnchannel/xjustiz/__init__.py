"""XJustiz messages that the authority sends: pure writing, without database and files.

``letters`` says what a message holds, ``versions`` which version is to be written, one module per family of versions
how (``v24``, ``v32`` for 3.2 to 3.5, ``v36`` from 3.6 on), ``writing`` puts it together and checks it against the
official schema. A message that is not valid does not come into being.
"""

from returnchannel.xjustiz.letters import Attachment, Failure, Head, Partner, Received
from returnchannel.xjustiz.versions import version_for
from returnchannel.xjustiz.writing import CannotWrite, write_documents, write_receipt

__all__ = [
    "Attachment",
    "CannotWrite",
    "Failure",
    "Head",
    "Partner",
    "Received",
    "version_for",
    "write_documents",
    "write_receipt",
]
