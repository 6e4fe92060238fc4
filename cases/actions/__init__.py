"""The only writers of this room: one function per thing that a person or the machine does."""

from cases.actions.casework import assign, close, hand_over, reopen, take_up
from cases.actions.checking import check_blob, check_blobs
from cases.actions.documents import NewDocument, NewFile, add_documents, register_blobs
from cases.actions.followups import finish_follow_up, set_follow_up
from cases.actions.opening import note_foreign_reference, open_case, reserve_number
from cases.actions.organisation import make_team, make_user, set_membership
from cases.actions.searching import index_again
from cases.actions.services import load_package, set_service_unit
from cases.actions.worklist import (
    delete_view,
    end_cover,
    note_presence,
    rename_view,
    save_view,
    set_cover,
    take_next,
)

__all__ = [
    "NewDocument",
    "NewFile",
    "add_documents",
    "assign",
    "check_blob",
    "check_blobs",
    "close",
    "delete_view",
    "end_cover",
    "finish_follow_up",
    "hand_over",
    "index_again",
    "load_package",
    "make_team",
    "make_user",
    "note_foreign_reference",
    "note_presence",
    "open_case",
    "register_blobs",
    "rename_view",
    "reopen",
    "reserve_number",
    "save_view",
    "set_cover",
    "set_follow_up",
    "set_membership",
    "set_service_unit",
    "take_next",
    "take_up",
]
