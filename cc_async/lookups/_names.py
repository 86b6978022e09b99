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

_MAX_NAME = 255
"""Characters of a list's name:
https://v3.developer.constantcontact.com/api_guide/lists_overview.html"""


def check_list_names(names: Sequence[object]) -> None:
    """Refuse *names* that can stand for no lists, whatever lists the account has.

    Raises:
        InvalidRequestError: There is none, one is blank or too long, or *names* is one text.
    """
    if isinstance(names, str):
        raise InvalidRequestError("lists takes several names", f"Write lists=[{names!r}].", "lists")
    if not names:
        raise _wrong_number(0)
    for name in names:
        if not isinstance(name, str) or not name.strip() or len(name) > _MAX_NAME:
            raise InvalidRequestError(
                "the name of a list is blank, too long, or no text",
                f"A name has 1 to {_MAX_NAME} characters.",
                "lists",
            )


def _wrong_number(lists: int) -> InvalidRequestError:
    return InvalidRequestError(
        f"{lists} lists were named; 1 to {_MAX_LISTS} can be",
        f"Name at least one list, and at most {_MAX_LISTS}.",
        "lists",
    )


@attrs.frozen
class Directory:
    """The lists and custom fields that an account had when it was read."""

    lists: tuple[ContactList, ...]
    custom_fields: tuple[CustomField, ...]

    def list_ids(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the ids of lists given by id or by exact name, sorted, each once.

        Raises:
            UnknownNameError: The account has no such list, or two of that name.
            InvalidRequestError: There are not 1 to 50, or one cannot be a name.
        """
        check_list_names(names)
        found = sorted({self._list_id(name) for name in names})
        if len(found) > _MAX_LISTS:
            raise _wrong_number(len(found))
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


_NO_LIST_YET = "00000000-0000-0000-0000-{:012d}"
"""The id of a list that is not made yet; as long as a real id, so that sizes are exact."""


@attrs.frozen(eq=False, repr=False)
class ListMaker:
    """Makes the lists that are missing, when they are needed and not before."""

    _session: Session
    _directory: Directory
    _names: Sequence[str]
    _is_dry_run: bool = attrs.field(kw_only=True)

    def check(self) -> tuple[str, ...]:
        """Return ids for all named lists, without making one.

        Raises:
            UnknownNameError: The account has two lists of a name.
            InvalidRequestError: There are not 1 to 50, or one cannot be a name.
        """
        check_list_names(self._names)
        missing = self._directory.missing(self._names)
        return self._list_ids(
            [ContactList(_NO_LIST_YET.format(number), name) for number, name in enumerate(missing)]
        )

    async def list_ids(self) -> tuple[str, ...]:
        """Return the ids of all named lists, and make the lists that the account does not have."""
        placeholders = self.check()
        if self._is_dry_run:
            return placeholders
        create = ContactLists(self._session).create
        missing = self._directory.missing(self._names)
        return self._list_ids([attrs.evolve(await create(name), name=name) for name in missing])

    def _list_ids(self, made: Sequence[ContactList]) -> tuple[str, ...]:
        lists = (*self._directory.lists, *made)
        return attrs.evolve(self._directory, lists=lists).list_ids(self._names)
