"""How a source of contacts is understood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import attrs

ReadAs = Literal["auto", "csv", "json"]


@attrs.frozen
class ReadingOptions:
    """How a source of contacts is understood.

    ::

        reading = ReadingOptions(encoding="cp1252", mapping={"Mail 2": "email", "Remark": ""})

    Args:
        read_as: What a file holds; `auto` tells by its first character.
        encoding: The encoding of a file; UTF-8 (with or without its mark) unless given.
        mapping:
            Headings, as the source spells them, and the column that each means. An empty column
            leaves the heading out.
    """

    read_as: ReadAs = "auto"
    encoding: str | None = None
    mapping: Mapping[str, str] = attrs.field(factory=dict)
