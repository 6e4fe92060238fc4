"""The Vorgang and what belongs to it, the organisation, the Leistungen, the stored bytes."""

from cases.models.blob import Blob, BlobCheck
from cases.models.case import Case, CaseNumber, CaseReader, FileReferenceCounter, ForeignReference
from cases.models.deadline import Deadline, DeadlineKind, LocalHoliday, Pause
from cases.models.document import Document, DocumentFile
from cases.models.organisation import Membership, OrgUnit, Role, User
from cases.models.party import ApplicationData, Party
from cases.models.service import Service, ServiceVersion

__all__ = [
    "ApplicationData",
    "Blob",
    "BlobCheck",
    "Case",
    "CaseNumber",
    "CaseReader",
    "Deadline",
    "DeadlineKind",
    "Document",
    "DocumentFile",
    "FileReferenceCounter",
    "ForeignReference",
    "LocalHoliday",
    "Membership",
    "OrgUnit",
    "Party",
    "Pause",
    "Role",
    "Service",
    "ServiceVersion",
    "User",
]
