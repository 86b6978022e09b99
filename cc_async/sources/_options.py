"""How a source of contacts is understood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import attrs

ReadAs = Literal["auto", "csv", "json"]
"""`auto`, or the name of a file format."""


@attrs.frozen
class ReadingOptions:
    """How a source of contacts is understood.

    ::

        reading = ReadingOptions(encoding="cp1252", mapping={"Mail 2": "email", "Remark": ""})

    Args:
        read_as: The format of a file; `auto` recognizes it by its first character.
        encoding: The encoding of a file; UTF-8 by default, with or without a byte order mark.
        mapping:
            Headings, in the source's spelling, and the column for each. An empty column leaves
            the heading out.
    """

    read_as: ReadAs = "auto"
    encoding: str | None = None
    mapping: Mapping[str, str] = attrs.field(factory=dict)
