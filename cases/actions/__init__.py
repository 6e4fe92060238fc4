"""The only writers of this room: one function per thing that a person or the machine does."""

from cases.actions.base import NotPossible, Outdated
from cases.actions.bulk import Opened, Opening, open_cases
from cases.actions.casework import assign, close, hand_over, reopen, take_up, withdraw
from cases.actions.checking import check_blob, check_blobs, look_into
from cases.actions.deadlines import (
    add_local_holiday,
    cancel_deadline,
    end_pause,
    extend_deadline,
    open_deadline,
    settle_deadline,
    start_pause,
)
from cases.actions.decisions import (
    change_draft,
    discard_draft,
    draft_decision,
    mark_final,
    release_decision,
    withdraw_decision,
)
from cases.actions.documents import (
    NewDocument,
    NewFile,
    add_documents,
    describe_document,
    move_document,
    register_blobs,
)
from cases.actions.followups import finish_follow_up, set_follow_up
from cases.actions.logins import LoginClaims, Refused, enter_by_login_service
from cases.actions.notes import change_note, write_note
from cases.actions.notices import send_notice
from cases.actions.numbering import reserve_number
from cases.actions.opening import note_foreign_reference, open_case
from cases.actions.organisation import change_password, make_team, make_user, set_membership, set_preferences
from cases.actions.parties import add_party, change_party
from cases.actions.protection import lift_protection, protect
from cases.actions.remedies import register_remedy, settle_remedy
from cases.actions.reports import NotAllowed, report_decision, report_examination, report_receipt, report_request
from cases.actions.requests import (
    expire_request,
    extend_request,
    note_arrival,
    remind_request,
    request_information,
    set_items,
    withdraw_request,
)
from cases.actions.searching import index_again
from cases.actions.sending import mark_sent, record_delivery, withhold
from cases.actions.services import load_package, set_service_unit
from cases.actions.undoing import undo_assign
from cases.actions.worklist import delete_view, end_cover, note_presence, rename_view, save_view, set_cover, take_next

__all__ = [
    "LoginClaims",
    "NewDocument",
    "NewFile",
    "NotAllowed",
    "NotPossible",
    "Opened",
    "Opening",
    "Outdated",
    "Refused",
    "add_documents",
    "add_local_holiday",
    "add_party",
    "assign",
    "cancel_deadline",
    "change_draft",
    "change_note",
    "change_party",
    "change_password",
    "check_blob",
    "check_blobs",
    "close",
    "delete_view",
    "describe_document",
    "discard_draft",
    "draft_decision",
    "end_cover",
    "end_pause",
    "enter_by_login_service",
    "expire_request",
    "extend_deadline",
    "extend_request",
    "finish_follow_up",
    "hand_over",
    "index_again",
    "lift_protection",
    "load_package",
    "look_into",
    "make_team",
    "make_user",
    "mark_final",
    "mark_sent",
    "move_document",
    "note_arrival",
    "note_foreign_reference",
    "note_presence",
    "open_case",
    "open_cases",
    "open_deadline",
    "protect",
    "record_delivery",
    "register_blobs",
    "register_remedy",
    "release_decision",
    "remind_request",
    "rename_view",
    "reopen",
    "report_decision",
    "report_examination",
    "report_receipt",
    "report_request",
    "request_information",
    "reserve_number",
    "save_view",
    "send_notice",
    "set_cover",
    "set_follow_up",
    "set_items",
    "set_membership",
    "set_preferences",
    "set_service_unit",
    "settle_deadline",
    "settle_remedy",
    "start_pause",
    "take_next",
    "take_up",
    "undo_assign",
    "withdraw",
    "withdraw_decision",
    "withdraw_request",
    "withhold",
    "write_note",
]
