"""Numbers for text messages identify contacts and keep a history."""

from __future__ import annotations

from tests.support.sandbox_calls import make_caller


def test_a_text_message_number_identifies_a_contact() -> None:
    """A contact without an address is found by its number, and a second POST is a conflict."""
    caller = make_caller()
    consent = {"sms_consent_permission": "explicit", "consent_type": "promotional_sms"}
    channel = {"full_sms_address": "17815551212", "sms_channel_consents": [consent]}
    body = {"sms_channel": channel, "create_source": "Contact"}
    status, created = caller.call("POST", "/contacts", body)
    assert (status, "email_address" in created) == (201, False)
    assert created["sms_channel"]["sms_address"] == "7815551212"
    assert caller.call("POST", "/contacts", body)[0] == 409
    parts = {"sms_address": "7815551212", "dial_code": "1", "country_code": "US"}
    status, payload = caller.call(
        "POST",
        "/contacts/sign_up_form",
        {
            "sms_channel": {**parts, "sms_channel_consents": [consent]},
            "list_memberships": [caller.list_id],
        },
    )
    assert (status, payload["contact_id"]) == (200, created["contact_id"])
    assert len(caller.get("/contacts", sms_status="explicit")["contacts"]) == 1


def test_consents_to_text_messages_leave_a_history() -> None:
    """The history is newest first, and empty for a contact without a number."""
    caller = make_caller()
    contact_id = caller.sandbox.add_contact("a@example.com").contact_id
    path = f"/contacts/sms_engagement_history/{contact_id}"
    assert caller.get(path) == []
    for permission in ("explicit", "unsubscribed"):
        consent = {"sms_consent_permission": permission, "consent_type": "promotional_sms"}
        channel = {"full_sms_address": "17815551212", "sms_channel_consents": [consent]}
        body = {"update_source": "Account", "sms_channel": channel}
        assert caller.call("PUT", f"/contacts/{contact_id}", body)[0] == 200
    payload = caller.get(path)
    assert [one["history_details"]["state"] for one in payload] == ["unsubscribed", "explicit"]
    assert {one["contact_id"] for one in payload} == {contact_id}
