"""Why a value of a contact cannot be sent, the same for bulk work and for single contacts.

A reason names the fault and the remedy, and never the value.
"""

from __future__ import annotations

import datetime as dt
import re

LINE_BREAKS = re.compile(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
"""Line breaks and tabs: no fault of a text. Bulk work makes blanks of them."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_NO_TEXT = "it is no text; write it as text"


def text_fault(text: object, max_length: int | None) -> str:
    """Return the reason why *text* cannot be sent; nothing if it can."""
    if not isinstance(text, str):
        return _NO_TEXT
    if not text.isprintable() and _CONTROL.search(LINE_BREAKS.sub(" ", text)):
        return "it holds an invisible control character; type the value anew"
    if max_length is not None and len(text) > max_length:
        return f"it has {len(text)} characters and {max_length} are allowed; shorten it"
    return ""


_LOCAL = r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f.][^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]*+(?<!\.)"
_LABEL = r"[^\W_](?:[^\W_]|-)*+(?<!-)"
_ADDRESS = re.compile(rf"{_LOCAL}@{_LABEL}(?:\.{_LABEL})++")


def holds_address(text: str) -> bool:
    """Whether *text*, without surrounding blanks, is an e-mail address."""
    return _ADDRESS.fullmatch(text.strip()) is not None


def address_fault(address: object, max_length: int | None) -> str:
    """Return the reason why *address* is surely no e-mail address; nothing if it may be one."""
    if not isinstance(address, str):
        return _NO_TEXT
    if _ADDRESS.fullmatch(address) is None or not address.isprintable():
        return _form_fault(address)
    if max_length is not None and len(address) > max_length:
        return (
            f"the address has {len(address)} characters and {max_length} are allowed; "
            "correct it, or raise the limit if the account takes it"
        )
    return ""


def _form_fault(address: str) -> str:
    local, at, domain = address.rpartition("@")
    if not at:
        return "there is no @ in the address; correct it"
    if "@" in local:
        return "there is more than one @ in the address; write one address"
    if not local or not domain:
        return "a part of the address before or after the @ is missing; complete it"
    if re.search(r"\s", address) or not address.isprintable():
        return "there is a blank or an invisible character in the address; remove it"
    if "." not in domain:
        return "there is no dot after the @, as in example.com; correct the address"
    if local.startswith(".") or local.endswith(".") or ".." in domain or domain[-1] == ".":
        return "there is a dot too many in the address; remove it"
    return "the address holds a character that addresses do not have; write only the address"


_DATE = re.compile(
    r"(?P<y>\d{4})(?P<s>[/-])(?P<m>\d\d?)(?P=s)(?P<d>\d\d?)"
    r"|(?P<m2>\d\d?)(?P<s2>[/-])(?P<d2>\d\d?)(?P=s2)(?P<y2>\d{4})",
    re.ASCII,
)
"""Formats that the API reads: https://developer.constantcontact.com/api_guide/import_contacts.html"""


def read_date(text: str) -> dt.date:
    """Return the date in *text*.

    Raises:
        ValueError: The API reads none; the text of the error is the reason and the remedy.
    """
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError("the service reads no such date; write it as 2024-12-31")
    year, month, day = (int(found[key] or found[key + "2"]) for key in "ymd")
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise ValueError(
            "there is no such day; write the date as 2024-12-31 (year, month, day)"
        ) from None


_DAYS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Days of each month, from January in place 1, in a leap year."""


def birthday_fault(month: object, day: object) -> tuple[str, str]:
    """Return the half of a birthday that is wrong, and the reason; nothing if both are right.

    0 is no month and no day, as `None` is.
    """
    for column, half, highest in (("birthday_month", month, 12), ("birthday_day", day, 31)):
        if half is not None and (type(half) is not int or not 0 <= half <= highest):
            return column, f"it is no whole number from 1 to {highest}; correct it"
    if day and not month:
        return "birthday_day", "the month of the birthday is missing; add it"
    if month and not day:
        return "birthday_month", "the day of the birthday is missing; add it"
    if isinstance(month, int) and isinstance(day, int) and day > _DAYS[month]:
        return "birthday_day", "the month of the birthday has no such day; correct it"
    return "", ""
