"""The account as Python values: to look at, to fill, and to steer."""

from __future__ import annotations

from itertools import islice

from cc_async.models import Activity, Contact, ContactList, CustomField, Tag
from cc_async.sandbox._clock import Clock
from cc_async.sandbox._settings import SandboxSettings
from cc_async.sandbox.activities import activity_view
from cc_async.sandbox.contacts import (
    INCLUDES,
    PLAIN_PROPERTIES,
    add_contact,
    contact_view,
    mark_deleted,
    set_permission,
    without_duplicates,
)
from cc_async.sandbox.http import Faults, ReceivedLog
from cc_async.sandbox.lists import add_field, add_list, add_tag, field_view, list_view, tag_view
from cc_async.sandbox.storage import (
    ALL_SCOPES,
    AccountState,
    ActivityRecord,
    ContactRecord,
    Rights,
    StartHook,
    column_index,
)
from cc_async.wire import CONVERTER

MAX_STEPS = 10_000
"""Steps of bulk work done in one go. Our own choice: the loop around it repeats."""


class AccountControl:
    """An account, the faults and the received requests, as tests use them.

    Limits, faults and received requests are those of all accounts together.
    """

    def __init__(self, state: AccountState, received: ReceivedLog, faults: Faults) -> None:
        self.settings: SandboxSettings = state.settings
        self.clock: Clock = state.clock
        self._state = state
        self.received: ReceivedLog = received
        self.faults: Faults = faults

    @property
    def state(self) -> AccountState:
        """Everything the account holds, as the sandbox itself keeps it."""
        return self._state

    def _catch_up(self) -> None:
        """Do all bulk work that is due."""
        while self._state.activities.work(self.clock(), MAX_STEPS):
            pass

    # --- looking --------------------------------------------------------------------------

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """All contacts with all their parts, deleted ones too, oldest first."""
        self._catch_up()
        table = self._state.contacts
        return tuple(_contact_value(table.load(number)) for number in range(len(table)))

    def find_contact(self, email: str) -> Contact | None:
        """Return the contact with this address, deleted or not."""
        self._catch_up()
        record = self._state.contacts.find(email)
        return None if record is None else _contact_value(record)

    @property
    def contact_count(self) -> int:
        """The number of contacts that are not deleted."""
        self._catch_up()
        return self._state.contacts.present_count

    def members(self, list_id: str) -> tuple[str, ...]:
        """Return the addresses on a list, oldest contact first."""
        self._catch_up()
        found = self._state.contacts.members(list_id)
        place = column_index("address")
        return tuple(self._state.contacts.row(number)[place] or "" for number in sorted(found))

    def search_contacts(self, text: str, limit: int = 100) -> tuple[Contact, ...]:
        """Return the newest contacts with *text* in address or name, deleted ones too."""
        self._catch_up()
        places = tuple(map(column_index, ("address", "first_name", "last_name")))
        wanted, number = text.lower(), column_index("number")
        rows = (
            row
            for row in self._state.contacts.newest_first()
            if any(wanted in (row[place] or "").lower() for place in places)
        )
        found = islice(rows, limit)
        return tuple(_contact_value(self._state.contacts.load(row[number])) for row in found)

    @property
    def contact_lists(self) -> tuple[ContactList, ...]:
        """All lists with the number of their members, deleted ones too, oldest first."""
        self._catch_up()
        return tuple(
            CONVERTER.structure(list_view(self._state, one, "all"), ContactList)
            for one in self._state.lists.values()
        )

    @property
    def custom_fields(self) -> tuple[CustomField, ...]:
        """All custom fields, oldest first."""
        return tuple(
            CONVERTER.structure(field_view(one), CustomField)
            for one in self._state.custom_fields.values()
        )

    @property
    def tags(self) -> tuple[Tag, ...]:
        """All tags with the number of their contacts, oldest first."""
        self._catch_up()
        return tuple(
            CONVERTER.structure(tag_view(self._state, one, True), Tag)
            for one in self._state.tags.values()
        )

    @property
    def activities(self) -> tuple[Activity, ...]:
        """All activities, oldest first."""
        self._catch_up()
        now = self.clock()
        return tuple(
            CONVERTER.structure(activity_view(one, now), Activity) for one in self._state.activities
        )

    def account_of(self, login: str) -> AccountControl:
        """Return the control of the account whose user has this *login*, until the next `reset`.

        Raises:
            KeyError: There is no such account.
        """
        return AccountControl(self._state.accounts[login], self.received, self.faults)

    def make_token(self) -> str:
        """Return an access token of this account, as from a sign-in with all scopes."""
        state = self._state
        client_id, now = self.settings.client_id, self.clock()
        return state.grants.start(client_id, ALL_SCOPES, now, state.login).access_token

    @property
    def used_today(self) -> int:
        """Requests of today's quota that are used up."""
        return self._state.limits.used_today

    @property
    def refused_429(self) -> int:
        """Requests that a limit refused."""
        return self._state.limits.refused

    @property
    def rights(self) -> Rights:
        """Scopes and privileges; a test can take them away."""
        return self._state.rights

    # --- filling --------------------------------------------------------------------------

    def reset(self) -> None:
        """Put everything back to the start, all accounts; the time stays."""
        self._state = AccountState(self.settings, self.clock)
        self._state.add_accounts()
        self.received.clear()
        self.faults.clear()
        self._fill()

    def _fill(self) -> None:
        """Add the lists and custom fields of the settings to all accounts."""
        for login in self._state.accounts:
            account = self.account_of(login)
            for name in self.settings.lists:
                account.add_list(name)
            for label in self.settings.custom_fields:
                account.add_custom_field(label)

    def add_list(self, name: str) -> ContactList:
        """Add a list to the account."""
        record = add_list(self._state, name, self.clock())
        return CONVERTER.structure(list_view(self._state, record), ContactList)

    def add_custom_field(self, label: str, type: str = "string") -> CustomField:  # noqa: A002
        """Add a custom field to the account."""
        record = add_field(self._state, label, type, self.clock())
        return CONVERTER.structure(field_view(record), CustomField)

    def add_contact(
        self,
        email: str,
        *,
        lists: tuple[str, ...] = (),
        permission: str = "implicit",
        is_deleted: bool = False,
        opt_out_source: str = "Contact",
        **values: str | int,
    ) -> Contact:
        """Add a contact to the account; *values* are names, birthday and anniversary.

        Raises:
            TypeError: There is no such value.
            ValueError: There is no such list.
        """
        if unknown := values.keys() - {*PLAIN_PROPERTIES, "anniversary"}:
            raise TypeError(f"contacts have no {', '.join(sorted(unknown))}")
        if not all(map(self._state.find_list, lists)):
            raise ValueError("there is no such list")
        now = self.clock()
        record = add_contact(self._state, email, "implicit", "Account", now)
        for name, value in values.items():
            setattr(record, name, value)
        self._state.contacts.set_lists(record, without_duplicates(lists))
        set_permission(record, permission, opt_out_source, now)
        if is_deleted:
            mark_deleted(self._state, record, now)
        self._state.contacts.save(record)
        return _contact_value(record)

    def add_tag(self, name: str) -> Tag:
        """Add a tag to the account."""
        record = add_tag(self._state, name, self.clock())
        return CONVERTER.structure(tag_view(self._state, record), Tag)

    # --- acting for a contact -------------------------------------------------------------

    def unsubscribe(self, email: str, reason: str | None = None) -> None:
        """Unsubscribe a contact, as by the link in a mail.

        Raises:
            KeyError: No contact has this address.
        """
        self._set_permission(email, "unsubscribed", reason)

    def confirm(self, email: str) -> None:
        """Answer a confirmation mail with yes.

        Raises:
            KeyError: No contact has this address.
        """
        self._set_permission(email, "explicit")

    def _set_permission(self, email: str, permission: str, reason: str | None = None) -> None:
        record = self._state.contacts.find(email)
        if record is None:
            raise KeyError("no contact has this address")
        now = self.clock()
        set_permission(record, permission, "Contact", now, reason)
        record.confirm_status = "confirmed" if permission == "explicit" else "off"
        record.updated_at = now
        self._state.contacts.save(record)

    # --- steering activities --------------------------------------------------------------

    def hold(self, activity_id: str | None = None) -> None:
        """Stop the progress of an activity until `release`; without an id, the next one's."""
        self._steer(activity_id, _hold)

    def release(self, activity_id: str) -> None:
        """Let a held activity go on from its present progress."""
        record = self._find_activity(activity_id)
        if record.held_at is not None:
            away = self.clock() - record.held_at
            record.starts_at += away
            record.ends_at += away
            record.held_at = None

    def fail(self, activity_id: str | None = None, *errors: str) -> None:
        """End an activity as failed; without an id, the next one."""
        texts = errors or ("The file could not be read.",)
        finish = self._state.activities.finish
        self._steer(activity_id, lambda record, at: finish(record, "failed", at, texts))

    def time_out(self, activity_id: str | None = None) -> None:
        """End an activity as timed out; without an id, the next one."""
        finish = self._state.activities.finish
        self._steer(activity_id, lambda record, at: finish(record, "timed_out", at))

    def cancel(self, activity_id: str | None = None) -> None:
        """End an activity as cancelled; without an id, the next one."""
        finish = self._state.activities.finish
        self._steer(activity_id, lambda record, at: finish(record, "cancelled", at))

    def lose(self, activity_id: str | None = None) -> None:
        """Forget an activity as if it never existed; without an id, the next one."""
        lose = self._state.activities.lose
        self._steer(activity_id, lambda record, at: lose(record.activity_id))

    def _steer(self, activity_id: str | None, hook: StartHook) -> None:
        if activity_id is None:
            self._state.activities.start_hooks.append(hook)
        else:
            self._catch_up()
            hook(self._find_activity(activity_id), self.clock())

    def _find_activity(self, activity_id: str) -> ActivityRecord:
        record = self._state.activities.get(activity_id)
        if record is None:
            raise KeyError(activity_id)
        return record


def _hold(record: ActivityRecord, at: float) -> None:
    if record.state is None:
        record.held_at = at


def _contact_value(record: ContactRecord) -> Contact:
    return CONVERTER.structure(contact_view(record, INCLUDES), Contact)
