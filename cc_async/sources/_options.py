"""How a source of contacts is understood."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import attrs

from cc_async.errors import InvalidRequestError

ReadAs = Literal["auto", "csv", "json"]
"""`auto`, or the name of a file format."""

LONGEST_EMAIL = 80
"""The most characters that a page of the API gives for an address; other pages give 50.
https://developer.constantcontact.com/api_guide/contacts_create.html"""

LONGEST_PHONE = 50
"""The most characters that a page of the API gives for a phone number; other pages give 25."""


def _up_to(highest: int) -> Callable[[object, attrs.Attribute[int], int], None]:
    def check(_: object, attribute: attrs.Attribute[int], value: int) -> None:
        if not 1 <= value <= highest:
            raise InvalidRequestError(
                f"{attribute.name} is {value}, which is not from 1 to {highest}",
                "The service takes no more.",
                attribute.name,
            )

    return check


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
        max_email: Characters of an address, at most 80: pages of the API give 50 or 80.
            https://developer.constantcontact.com/api_guide/contacts_create.html
        max_phone: Characters of a phone number, at most 50: pages of the API give 25 or 50.

    Raises:
        InvalidRequestError: *max_email* or *max_phone* is out of range.
    """

    read_as: ReadAs = "auto"
    encoding: str | None = None
    mapping: Mapping[str, str] = attrs.field(factory=dict)
    max_email: int = attrs.field(default=50, validator=_up_to(LONGEST_EMAIL))
    max_phone: int = attrs.field(default=25, validator=_up_to(LONGEST_PHONE))
