"""Lists, custom fields and tags of the account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs


@attrs.define(eq=False)
class ListRecord:
    """A list; deleted ones stay, since the API can show them."""

    list_id: str
    number: int
    name: str
    created_at: float
    updated_at: float
    description: str | None = None
    is_favorite: bool = False
    deleted_at: float | None = None


@attrs.define(eq=False)
class FieldRecord:
    """A custom field. Imports use its *name*, made from its *label*."""

    field_id: str
    number: int
    label: str
    name: str
    kind: str
    version: int
    created_at: float
    updated_at: float
    metadata: Mapping[str, Any] | None = None
    choices: tuple[Mapping[str, Any], ...] | None = None


@attrs.define(eq=False)
class TagRecord:
    """A tag of contacts."""

    tag_id: str
    number: int
    name: str
    source: str
    created_at: float
    updated_at: float
