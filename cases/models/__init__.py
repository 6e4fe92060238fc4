"""The Vorgang and what belongs to it, the organisation, the Leistungen, the stored bytes."""

from cases.models.blob import Blob, BlobCheck
from cases.models.case import Case, CaseNumber, CaseReader, FileReferenceCounter, ForeignReference
from cases.models.correspondence import Dispatch, InformationRequest, InformationRequestItem, Notice
from cases.models.deadline import Deadline, DeadlineKind, LocalHoliday, Pause
from cases.models.decision import Decision, Remedy, ReportedDecision
from cases.models.document import Document, DocumentFile
from cases.models.note import Note
from cases.models.organisation import Membership, OrgUnit, Role, User
from cases.models.party import ApplicationData, Party
from cases.models.service import Service, ServiceVersion
from cases.models.worklist import CaseSearch, Cover, FollowUp, Presence, SavedView

__all__ = [
    "ApplicationData",
    "Blob",
    "BlobCheck",
    "Case",
    "CaseNumber",
    "CaseReader",
    "CaseSearch",
    "Cover",
    "Deadline",
    "DeadlineKind",
    "Decision",
    "Dispatch",
    "Document",
    "DocumentFile",
    "FileReferenceCounter",
    "FollowUp",
    "ForeignReference",
    "InformationRequest",
    "InformationRequestItem",
    "LocalHoliday",
    "Membership",
    "Note",
    "Notice",
    "OrgUnit",
    "Party",
    "Pause",
    "Presence",
    "Remedy",
    "ReportedDecision",
    "Role",
    "SavedView",
    "Service",
    "ServiceVersion",
    "User",
]
