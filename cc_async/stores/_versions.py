"""Formats of stored data: data of another version or shape is refused, never misread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cc_async.errors import ConstantContactError, StoreCorruptError, StoredFormatError

FORMAT = "format"
"""The key of the version, in a record and in the first entry of a log."""


def require_format(
    record: Mapping[str, Any],
    version: int,
    *,
    what: str,
    remedy: str,
    allow_unversioned: bool = False,
) -> None:
    """Refuse *record* unless it carries this *version*.

    Args:
        record: Plain data from a store or a file.
        version: The one version that the caller reads.
        what: The name of the record in the error, such as "the journal of job 1f2e".
        remedy: What the user can do, in one sentence.
        allow_unversioned: Accept a record without a version. Sign-ins from before versions need it.

    Raises:
        StoredFormatError: The record carries another version, or none.
    """
    found = record.get(FORMAT)
    if found == version or (found is None and allow_unversioned):
        return
    has = "no version" if found is None else f"version {found}"
    raise StoredFormatError(f"{what} has {has}, and this cc_async reads version {version}", remedy)


@contextmanager
def require_shape(*, what: str, remedy: str) -> Iterator[None]:
    """Refuse a record of another shape; the block reads it, as if it had the right one.

    Args:
        what: The name of the record in the error.
        remedy: What the user can do, in one sentence.

    Raises:
        StoreCorruptError: The block could not read the record.
    """
    try:
        yield
    except ConstantContactError:
        raise
    except Exception as error:  # noqa: BLE001 - a value of another type provokes any error
        kind = type(error).__name__
        raise StoreCorruptError(f"{what} is damaged ({kind})", remedy) from None


LAYOUT = 1
"""Version of the tables or keys in which a store keeps records and logs.

A change of the schema in `_sqlite`, `_postgres` or `_redis` raises it.
"""


def require_layout(found: int | None, *, place: str) -> None:
    """Refuse a store with another layout; one without a version has today's layout.

    Args:
        found: The version in the store, or `None`.
        place: The name of the store in the error.

    Raises:
        StoredFormatError: The store has another layout.
    """
    require_format(
        {} if found is None else {FORMAT: found},
        LAYOUT,
        what=place,
        remedy="Update cc-async, or name another store with CC_ASYNC_STORE.",
        allow_unversioned=True,
    )
