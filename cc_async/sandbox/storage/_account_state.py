"""The account in memory: contacts, lists, activities, tokens, and the counters of its limits."""

from __future__ import annotations

import random
from typing import Any

from cc_async.sandbox._clock import Clock
from cc_async.sandbox._ids import Ids
from cc_async.sandbox._settings import SandboxSettings
from cc_async.sandbox.http import CallsPerSecond, Cursors, Throttle
from cc_async.sandbox.storage._access_rights import Rights
from cc_async.sandbox.storage._activity_queue import ActivityQueue
from cc_async.sandbox.storage._attempt_guard import AttemptGuard
from cc_async.sandbox.storage._contact_table import ContactTable
from cc_async.sandbox.storage._grants import Grants
from cc_async.sandbox.storage._list_records import FieldRecord, ListRecord, TagRecord

OWNER: dict[str, Any] = {
    "contact_email": "owner@example.com",
    "contact_phone": "5555551212",
    "country_code": "us",
    "encoded_account_id": "a00example000",
    "encoded_partner_id": "",
    "first_name": "Lola",
    "last_name": "Zang",
    "organization_name": "Example Shop",
    "time_zone_id": "US/Eastern",
}
"""Owner of a new account, with the properties that were observed."""


class AccountState:
    """Everything an account holds."""

    def __init__(self, settings: SandboxSettings, clock: Clock) -> None:
        self.settings: SandboxSettings = settings
        self.clock: Clock = clock
        self.random: random.Random = random.Random(settings.seed)  # noqa: S311 - nothing here is a secret
        self.ids: Ids = Ids(self.random)
        self.contacts: ContactTable = ContactTable()
        self.lists: dict[str, ListRecord] = {}
        self.account: dict[str, Any] = dict(OWNER)
        self.custom_fields: dict[str, FieldRecord] = {}
        self.tags: dict[str, TagRecord] = {}
        self.activities: ActivityQueue = ActivityQueue(settings)
        self.cursors: Cursors = Cursors(self.ids)
        self.limits: Throttle = Throttle(settings)
        self.attempts: AttemptGuard = AttemptGuard(settings)
        self.grants: Grants = Grants(settings, self.random)
        self.rights: Rights = Rights(settings, self.grants)
        self.token_calls: CallsPerSecond = CallsPerSecond(settings.token_calls_per_second)
        self.computed_segments: set[str] = set()
        """Segments that were asked for once; the second request is answered."""
        self.exports: dict[str, tuple[str, bytes]] = {}
        """Exported files by id: the activity's id, and the CSV."""

    def find_list(self, list_id: str) -> ListRecord | None:
        """Return the list with this id, unless it was deleted."""
        record = self.lists.get(list_id)
        return None if record is None or record.deleted_at is not None else record
