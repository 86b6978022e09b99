"""Everything a sandbox's account holds, in memory and in its file. Nothing here answers requests."""

from ._access_rights import ALL_SCOPES, Rights
from ._account_state import AccountState
from ._activity_queue import ActivityRecord, StartHook, Steps, WorkFailedError
from ._contact_records import (
    MAX_LISTS_PER_CONTACT,
    MAX_TAGS_PER_CONTACT,
    AddressRecord,
    ContactRecord,
    ContactRow,
    FieldValue,
    NoteRecord,
    PhoneRecord,
    SmsRecord,
    address_key,
    column_index,
)
from ._contact_table import ContactTable
from ._grants import AuthorizationCode, PendingDevice, TokenPair
from ._list_records import FieldRecord, ListRecord, TagRecord
from ._snapshot import restore_snapshot, take_snapshot
from ._snapshot_file import SnapshotFile

__all__ = [
    "ALL_SCOPES", "MAX_LISTS_PER_CONTACT", "MAX_TAGS_PER_CONTACT", "AccountState", "ActivityRecord",
    "AddressRecord", "AuthorizationCode", "ContactRecord", "ContactRow", "ContactTable",
    "FieldRecord", "FieldValue", "ListRecord", "NoteRecord", "PendingDevice", "PhoneRecord",
    "Rights", "SmsRecord", "SnapshotFile", "StartHook", "Steps", "TagRecord", "TokenPair",
    "WorkFailedError", "address_key", "column_index", "restore_snapshot", "take_snapshot",
]  # fmt: skip
