"""The only writers of this room: one function per thing that a person or the machine does."""

from cases.actions.casework import assign, close, reopen, take_up
from cases.actions.checking import check_blob, check_blobs
from cases.actions.deadlines import (
    add_local_holiday,
    cancel_deadline,
    end_pause,
    extend_deadline,
    open_deadline,
    settle_deadline,
    start_pause,
)
from cases.actions.documents import NewDocument, NewFile, add_documents, register_blobs
from cases.actions.opening import note_foreign_reference, open_case, reserve_number
from cases.actions.organisation import make_team, make_user, set_membership
from cases.actions.services import load_package, set_service_unit

__all__ = [
    "NewDocument",
    "NewFile",
    "add_documents",
    "add_local_holiday",
    "assign",
    "cancel_deadline",
    "check_blob",
    "check_blobs",
    "close",
    "end_pause",
    "extend_deadline",
    "load_package",
    "make_team",
    "make_user",
    "note_foreign_reference",
    "open_case",
    "open_deadline",
    "register_blobs",
    "reopen",
    "reserve_number",
    "set_membership",
    "set_service_unit",
    "settle_deadline",
    "start_pause",
    "take_up",
]
