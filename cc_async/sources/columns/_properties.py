"""Which headings people write, and the API's column for each.

Letter case, blanks, underscores and punctuation of a heading do not count. The names are those
of `contacts_json_import`; the home address has no prefix there (its prefixed keys are doubtful,
and what has no prefix is stored as home anyway).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

PHONES = ("phone", "home_phone", "work_phone", "mobile_phone", "other_phone")
ADDRESS_PARTS = {
    "street": "street",
    "city": "city",
    "state": "state",
    "zip": "postal_code",
    "country": "country",
}
"""The columns of an address, and what a `StreetAddress` calls them."""

SAME_NAMES = (
    "first_name",
    "last_name",
    "job_title",
    "company_name",
    "birthday_month",
    "birthday_day",
    "anniversary",
)
"""Columns that a contact and a sign-up call the same."""

_ALIASES = {
    "email": "email emailaddress mail mailaddress",
    "first_name": "firstname first givenname forename",
    "last_name": "lastname last surname familyname",
    "job_title": "jobtitle",
    "company_name": "companyname company organization organisation",
    "birthday": "birthday birthdate dateofbirth dob",
    "birthday_month": "birthdaymonth birthmonth monthofbirth",
    "birthday_day": "birthdayday dayofbirth",
    "anniversary": "anniversary anniversarydate",
    "sms_number": "smsnumber smsphone smsphonenumber phonesms",
    "sms_consent_date": "smsconsentdate",
    "lists": "lists list listnames listname listids listid listmemberships emaillists",
    "consented_at": "consentedat consentdate consented",
}
_PHONE_WORDS = ("phone", "phonenumber", "telephone", "tel")
_PART_WORDS = {
    "street": "street address streetaddress streetaddressline1 addressline1 address1 street1",
    "street2": "street2 address2 addressline2 streetaddress2 streetaddressline2",
    "city": "city town",
    "state": "state province stateprovince",
    "zip": "zip zipcode postalcode postcode zippostalcode",
    "country": "country countryregion",
}
_PHONE_KINDS = {
    "home": "home",
    "work": "work business office",
    "mobile": "mobile cell",
    "other": "other",
}
_ADDRESS_KINDS = {"": "home", "work_": "work business office", "other_": "other"}
_NOT_SIGNIFICANT = re.compile(r"[\W_]+")


def _either_way_round(kinds: str, words: str) -> Iterator[str]:
    for kind, word in product(kinds.split(), words.split()):
        yield kind + word
        yield word + kind


def _known_spellings() -> Iterator[tuple[str, str]]:
    for column, spellings in _ALIASES.items():
        yield from ((spelling, column) for spelling in spellings.split())
    yield from ((word, "phone") for word in _PHONE_WORDS)
    for kind, kinds in _PHONE_KINDS.items():
        for spelling in _either_way_round(kinds, " ".join(_PHONE_WORDS)):
            yield spelling, f"{kind}_phone"
    yield from (("mobile", "mobile_phone"), ("cell", "mobile_phone"))
    for part, words in _PART_WORDS.items():
        yield from ((word, part) for word in words.split())
        for prefix, kinds in _ADDRESS_KINDS.items():
            yield from ((word, prefix + part) for word in _either_way_round(kinds, words))


_SPELLINGS = dict(_known_spellings())
COLUMNS = tuple(sorted(set(_SPELLINGS.values())))
"""Every column that can be named; custom fields are named `cf:` and their name or label."""


def find_column(heading: str) -> str | None:
    """Return the API's column for *heading*, or `None` where there is no such column."""
    return _SPELLINGS.get(_NOT_SIGNIFICANT.sub("", heading.lower()))
