"""The account's owner and privileges."""

from __future__ import annotations

from tests.support.sandbox_calls import make_caller, shape


def test_an_account_shows_its_owner_and_privileges() -> None:
    """The owner has the observed properties; privileges are a bare array."""
    caller = make_caller()
    assert caller.get("/account/summary") == {
        "contact_email": "owner@example.com",
        "contact_phone": "5555551212",
        "country_code": "us",
        "encoded_account_id": "a00example000",
        "encoded_partner_id": "",
        "first_name": "Lola",
        "last_name": "Zang",
        "organization_name": "Example Shop",
        "time_zone_id": "US/Eastern",
    }
    privileges = caller.get("/account/user/privileges")
    assert shape(privileges[:1]) == [{"privilege_id": "int", "privilege_name": "str"}]
    caller.sandbox.rights.scopes.clear()
    assert caller.call("GET", "/account/summary")[0] == 403
    assert caller.call("GET", "/account/user/privileges")[0] == 200
    caller.sandbox.rights.scopes.add("account_update")
    status, payload = caller.call("PUT", "/account/summary", {"first_name": "Lena"})
    assert (status, payload["first_name"], payload["last_name"]) == (200, "Lena", "Zang")
    assert caller.call("PUT", "/account/summary", {"contact_phone": "1" * 26})[0] == 400
