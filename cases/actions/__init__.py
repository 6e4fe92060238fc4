"""The only writers of this room: one function per thing that a person or the machine does."""

from cases.actions.bulk import Opened, Opening, open_cases
from cases.actions.casework import assign, close, reopen, take_up
from cases.actions.checking import check_blob, check_blobs, look_into
from cases.actions.documents import NewDocument, NewFile, add_documents, register_blobs
from cases.actions.numbering import reserve_number
from cases.actions.opening import note_foreign_reference, open_case
from cases.actions.organisation import make_team, make_user, set_membership
from cases.actions.services import load_package, set_service_unit

__all__ = [
    "NewDocument",
    "NewFile",
    "Opened",
    "Opening",
    "add_documents",
    "assign",
    "check_blob",
    "check_blobs",
    "close",
    "load_package",
    "look_into",
    "make_team",
    "make_user",
    "note_foreign_reference",
    "open_case",
    "open_cases",
    "register_blobs",
    "reopen",
    "reserve_number",
    "set_membership",
    "set_service_unit",
    "take_up",
]
