"""Numbers for text messages, with their consents and the history of these.

https://developer.constantcontact.com/api_guide/contacts_subresources.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cc_async.sandbox._clock import utc_text
from cc_async.sandbox.storage import AccountState, ContactRecord, SmsRecord


def full_number(channel: Mapping[str, Any]) -> str:
    """Return a text-message number with its dial code, from either shape of a request."""
    full = channel.get("full_sms_address")
    parts = (channel.get("dial_code"), channel.get("sms_address"))
    return str(full or "".join(str(part or "") for part in parts)).lstrip("+")


def make_sms(
    state: AccountState,
    record: ContactRecord,
    channel: Mapping[str, Any],
    source: str,
    now: float,
) -> SmsRecord:
    """Return a number for text messages, from either shape of a request.

    Writing a contact sends `full_sms_address`; a sign-up sends the number in three parts.
    """
    full = str(channel.get("full_sms_address") or "").lstrip("+")
    if full:
        dial_code, number = ("1", full[1:]) if full.startswith("1") else ("", full)
    else:
        dial_code, number = str(channel.get("dial_code") or ""), str(channel.get("sms_address"))
    consents = tuple(_make_consent(consent, now) for consent in channel["sms_channel_consents"])
    before = record.sms
    entry = _make_history_entry(state, number, consents, source, now)
    return SmsRecord(
        before.sms_id if before else state.ids.new(),
        number,
        dial_code,
        str(channel.get("country_code") or "US"),
        before.create_source if before else source,
        source if before else None,
        consents,
        (*(before.history if before else ()), entry),
    )


def _make_history_entry(
    state: AccountState,
    number: str,
    consents: tuple[Mapping[str, Any], ...],
    source: str,
    now: float,
) -> dict[str, Any]:
    consent = consents[-1] if consents else {}
    details = {
        "state": consent.get("sms_consent_permission", "not_set"),
        "source": source,
        "consent_type": consent.get("consent_type", "promotional_sms"),
        "consent_action_time": utc_text(now),
        "source_sms_number": number,
    }
    return {"history_id": state.ids.new(), "at": now, "details": details}


def _make_consent(consent: Mapping[str, Any], now: float) -> dict[str, object]:
    kept = {
        name: consent[name]
        for name in ("sms_consent_permission", "consent_type", "advertised_interval")
        if consent.get(name) is not None
    }
    if consent.get("advertised_frequency") is not None:
        kept["advertised_frequency"] = str(consent["advertised_frequency"])
    opted_out = consent["sms_consent_permission"] == "unsubscribed"
    kept["opt_out_date" if opted_out else "opt_in_date"] = utc_text(now)
    return {**kept, "created_at": utc_text(now), "updated_at": utc_text(now)}
