"""Names of states and countries: the service stores `IL` as `Illinois`, as observed."""

from __future__ import annotations

_STATES = """
AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware
DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa
KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota
MS Mississippi|MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey
NM New Mexico|NY New York|NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon
PA Pennsylvania|PR Puerto Rico|RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee
TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming
AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador
NS Nova Scotia|ON Ontario|PE Prince Edward Island|QC Quebec|SK Saskatchewan
"""

_COUNTRIES = """
AR Argentina|AT Austria|AU Australia|BE Belgium|BR Brazil|CA Canada|CH Switzerland|CL Chile
CN China|CO Colombia|CZ Czech Republic|DE Germany|DK Denmark|ES Spain|FI Finland|FR France
GB United Kingdom|GR Greece|HK Hong Kong|HU Hungary|ID Indonesia|IE Ireland|IL Israel|IN India
IT Italy|JP Japan|KR South Korea|MX Mexico|MY Malaysia|NL Netherlands|NO Norway|NZ New Zealand
PH Philippines|PL Poland|PT Portugal|RO Romania|SE Sweden|SG Singapore|TH Thailand|TR Turkey
TW Taiwan|UA Ukraine|US United States|USA United States|VN Vietnam|ZA South Africa
"""


def _read(table: str) -> dict[str, str]:
    entries = table.strip().replace("\n", "|").split("|")
    return dict(entry.split(" ", 1) for entry in entries)


_STATE_NAMES = _read(_STATES)
_COUNTRY_NAMES = _read(_COUNTRIES)


def state_name(text: str | None) -> str | None:
    """Return the name of an abbreviated state, or *text* as it is."""
    return _STATE_NAMES.get(text.strip().upper(), text) if text else text


def country_name(text: str | None) -> str | None:
    """Return the name of a country's code, or *text* as it is."""
    return _COUNTRY_NAMES.get(text.strip().upper(), text) if text else text
