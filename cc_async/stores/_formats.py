"""The version that everything stored carries, so that another version is told and not misread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cc_async.errors import StoredFormatError

FORMAT = "format"
"""The name under which a record, or the first entry of a log, keeps its version."""


def require_format(record: Mapping[str, Any], version: int, *, what: str, remedy: str) -> None:
    """Refuse *record* unless it carries this *version*; one without a version is of before.

    Args:
        what: What the record is, as a person calls it: "the journal of job 1f2e".
        remedy: What the reader is to do, in one sentence.

    Raises:
        StoredFormatError: The record carries another version, or none.
    """
    found = record.get(FORMAT)
    if found != version:
        has = "no version" if found is None else f"version {found}"
        raise StoredFormatError(
            f"{what} has {has}, and this cc_async reads version {version}", remedy
        )
