"""The names that rows refer to: the account's lists and custom fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from cc_async.errors import InvalidRequestError, UnknownNameError
from cc_async.models import ContactList, CustomField
from cc_async.resources import ContactLists, CustomFields
from cc_async.session import Session

_MAX_LISTS = 50
"""Lists of one import or sign-up, the most that the service takes:
https://developer.constantcontact.com/api_guide/import_contacts.html"""


@attrs.frozen
class Directory:
    """The lists and custom fields that an account had when it was read."""

    lists: tuple[ContactList, ...]
    custom_fields: tuple[CustomField, ...]

    def list_ids(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the ids of lists given by id or by exact name, sorted, each once.

        Raises:
            UnknownNameError: The account has no such list, or two of that name.
            InvalidRequestError: There are not 1 to 50.
        """
        if isinstance(names, str):
            raise InvalidRequestError("lists takes several names", f"Write lists=[{names!r}].")
        found = sorted({self._list_id(name) for name in names})
        if not 1 <= len(found) <= _MAX_LISTS:
            raise InvalidRequestError(
                f"{len(found)} lists were named; 1 to {_MAX_LISTS} can be",
                f"Name at least one list, and at most {_MAX_LISTS}.",
                "lists",
            )
        return tuple(found)

    def missing(self, names: Iterable[str]) -> list[str]:
        """Return the *names* that are neither the id nor the name of a list."""
        known = {known for entry in self.lists for known in (entry.list_id, entry.name)}
        return [name for name in dict.fromkeys(names) if name not in known]

    def _list_id(self, name: str) -> str:
        matches = [entry for entry in self.lists if name in (entry.list_id, entry.name)]
        if len(matches) == 1:
            return matches[0].list_id
        if matches:
            raise UnknownNameError(
                f"the account has {len(matches)} lists called {name!r}",
                "Name the list by its id.",
                "list",
                name,
            )
        import difflib  # for this message alone

        near = difflib.get_close_matches(name, [entry.name for entry in self.lists], 1, 0.6)
        raise UnknownNameError(
            f"the account has no list {name!r}",
            f"Did you mean {near[0]!r}?" if near else "An import can create it.",
            "list",
            name,
        )


async def read_directory(session: Session, *, has_fields: bool = True) -> Directory:
    """Return the account's lists and, with *has_fields*, its custom fields.

    Lists cost a request for every 500, custom fields for every 100.
    """
    lists = [found async for found in ContactLists(session).iter()]
    fields = [field async for field in CustomFields(session).iter()] if has_fields else []
    return Directory(tuple(lists), tuple(fields))


_NO_LIST_YET = "00000000-0000-0000-0000-000000000000"
"""The id of a list that a dry run does not make; as long as a real id, so that sizes are exact."""


@attrs.frozen(eq=False, repr=False)
class ListMaker:
    """Makes the lists that are missing, when they are needed and not before."""

    _session: Session
    _directory: Directory
    _names: Sequence[str]
    _is_dry_run: bool = attrs.field(kw_only=True)

    async def list_ids(self) -> tuple[str, ...]:
        """Return the ids of all named lists, and make the lists that the account does not have."""
        missing = self._directory.missing(self._names)
        made = [await self._make(name) for name in missing]
        known = [entry for entry in self._names if entry not in missing]
        return attrs.evolve(self._directory, lists=(*self._directory.lists, *made)).list_ids(
            [*known, *(entry.list_id for entry in made)]
        )

    async def _make(self, name: str) -> ContactList:
        if self._is_dry_run:
            return ContactList(_NO_LIST_YET, name)
        return await ContactLists(self._session).create(name)
