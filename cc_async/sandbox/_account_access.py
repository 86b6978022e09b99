"""What lies behind the sandbox's answers, to look at, to fill and to steer from Python."""

from __future__ import annotations

from itertools import islice

from cc_async.models import Activity, Contact, ContactList, CustomField, Tag
from cc_async.sandbox._activity_queue import ActivityRecord, Fate
from cc_async.sandbox._activity_views import activity_view
from cc_async.sandbox._clock import Clock
from cc_async.sandbox._contact_book import ContactRecord, at
from cc_async.sandbox._contact_changes import NAMES, add_contact, delete, set_permission, unique
from cc_async.sandbox._contact_views import INCLUDES, contact_view
from cc_async.sandbox._custom_fields import add_field, field_view
from cc_async.sandbox._lists import add_list, list_view
from cc_async.sandbox._rights import Rights
from cc_async.sandbox._settings import SandboxSettings
from cc_async.sandbox._state import State
from cc_async.sandbox._tags import add_tag, tag_view
from cc_async.wire import CONVERTER


class AccountAccess:
    """The account as values, beside the way over its API."""

    def __init__(self, state: State) -> None:
        self._state: State = state
        self.settings: SandboxSettings = state.settings
        self.clock: Clock = state.clock

    def _catch_up(self) -> None:
        """Do all bulk work that is due."""
        while self._state.activities.work(self.clock(), 10_000):
            pass

    # --- looking --------------------------------------------------------------------------

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """All contacts with all they have, deleted ones too, oldest first."""
        self._catch_up()
        book = self._state.contacts
        return tuple(_contact_value(book.load(number)) for number in range(len(book)))

    def find_contact(self, email: str) -> Contact | None:
        """Return the contact with this address, deleted or not."""
        self._catch_up()
        record = self._state.contacts.find(email)
        return None if record is None else _contact_value(record)

    @property
    def contact_count(self) -> int:
        """How many contacts there are that are not deleted."""
        self._catch_up()
        return self._state.contacts.present

    def members(self, list_id: str) -> tuple[str, ...]:
        """Return the addresses on a list, oldest contact first."""
        self._catch_up()
        found = self._state.contacts.members(list_id)
        place = at("address")
        return tuple(self._state.contacts.row(number)[place] or "" for number in sorted(found))

    def search_contacts(self, text: str, most: int = 100) -> tuple[Contact, ...]:
        """Return the newest contacts whose address or name holds *text*, deleted ones too."""
        self._catch_up()
        places = tuple(map(at, ("address", "first_name", "last_name")))
        wanted = text.lower()
        rows = (
            row
            for row in self._state.contacts.newest_first()
            if any(wanted in (row[place] or "").lower() for place in places)
        )
        found = islice(rows, most)
        return tuple(_contact_value(self._state.contacts.load(row[at("number")])) for row in found)

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

    @property
    def used_today(self) -> int:
        """How many requests of today's quota are used up."""
        return self._state.limits.used_today

    @property
    def refused_429(self) -> int:
        """How many requests were refused because there were too many."""
        return self._state.limits.refused

    @property
    def rights(self) -> Rights:
        """Scopes and privileges, which can be taken away."""
        return self._state.rights

    # --- filling --------------------------------------------------------------------------

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
        if unknown := values.keys() - {*NAMES, "anniversary"}:
            raise TypeError(f"contacts have no {', '.join(sorted(unknown))}")
        if not all(map(self._state.find_list, lists)):
            raise ValueError("there is no such list")
        now = self.clock()
        record = add_contact(self._state, email, "implicit", "Account", now)
        for name, value in values.items():
            setattr(record, name, value)
        self._state.contacts.set_lists(record, unique(lists))
        set_permission(record, permission, opt_out_source, now)
        if is_deleted:
            delete(self._state, record, now)
        self._state.contacts.save(record)
        return _contact_value(record)

    def add_tag(self, name: str) -> Tag:
        """Add a tag to the account."""
        return CONVERTER.structure(
            tag_view(self._state, add_tag(self._state, name, self.clock())), Tag
        )

    def unsubscribe(self, email: str, reason: str | None = None) -> None:
        """Let a person unsubscribe, as by the link in a mail."""
        self._let(email, "unsubscribed", reason)

    def confirm(self, email: str) -> None:
        """Let a person answer a confirmation mail with yes."""
        self._let(email, "explicit")

    def _let(self, email: str, permission: str, reason: str | None = None) -> None:
        record = self._state.contacts.find(email)
        if record is None:
            raise KeyError("nobody has this address")
        now = self.clock()
        set_permission(record, permission, "Contact", now, reason)
        record.confirm_status = "confirmed" if permission == "explicit" else "off"
        record.updated_at = now
        self._state.contacts.save(record)

    # --- steering activities --------------------------------------------------------------

    def hold(self, activity_id: str | None = None) -> None:
        """Let an activity make no progress until `release`; without an id, the next one."""
        self._steer(activity_id, _hold)

    def release(self, activity_id: str) -> None:
        """Let a held activity go on from where it stood."""
        record = self._known(activity_id)
        if record.held_at is not None:
            away = self.clock() - record.held_at
            record.starts_at += away
            record.ends_at += away
            record.held_at = None

    def fail(self, activity_id: str | None = None, *errors: str) -> None:
        """Let an activity end as failed; without an id, the next one."""
        said = errors or ("The file could not be read.",)
        finish = self._state.activities.finish
        self._steer(activity_id, lambda record, at: finish(record, "failed", at, said))

    def time_out(self, activity_id: str | None = None) -> None:
        """Let an activity end as timed out; without an id, the next one."""
        finish = self._state.activities.finish
        self._steer(activity_id, lambda record, at: finish(record, "timed_out", at))

    def cancel(self, activity_id: str | None = None) -> None:
        """Let an activity end as cancelled; without an id, the next one."""
        finish = self._state.activities.finish
        self._steer(activity_id, lambda record, at: finish(record, "cancelled", at))

    def lose(self, activity_id: str | None = None) -> None:
        """Let an activity vanish as if it had never been; without an id, the next one."""
        lose = self._state.activities.lose
        self._steer(activity_id, lambda record, at: lose(record.activity_id))

    def _steer(self, activity_id: str | None, fate: Fate) -> None:
        if activity_id is None:
            self._state.activities.fates.append(fate)
        else:
            self._catch_up()
            fate(self._known(activity_id), self.clock())

    def _known(self, activity_id: str) -> ActivityRecord:
        record = self._state.activities.get(activity_id)
        if record is None:
            raise KeyError(activity_id)
        return record


def _hold(record: ActivityRecord, at: float) -> None:
    if record.state is None:
        record.held_at = at


def _contact_value(record: ContactRecord) -> Contact:
    return CONVERTER.structure(contact_view(record, INCLUDES), Contact)
