"""The reason of a denied request, from its rights and those of token and user."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from cc_async.auth import RequiredRights, explain_denial, required_rights

CONTACTS = RequiredRights("contact_data", "contacts:write")


@pytest.mark.parametrize(
    ("method", "path", "scope", "privilege"),
    [
        ("GET", "/contacts/counts", "contact_data", "contacts:read"),
        ("POST", "/contacts/sign_up_form", "contact_data", "contacts:write"),
        ("GET", "/contact_lists", "contact_data", "contacts:lists:read"),
        ("PUT", "/contact_lists/1", "contact_data", "contacts:lists:write"),
        ("GET", "/activities/1", "contact_data", "contacts:write"),
        ("GET", "/contact_exports/1", "contact_data", "contacts:write"),
        ("GET", "/contact_tags", "contact_data", "contacts:read"),
        ("GET", "/account/summary", "account_read", "account:read"),
        ("PUT", "/account/summary", "account_update", "account:update"),
    ],
)
def test_each_request_takes_a_scope_and_a_privilege(
    method: str, path: str, scope: str, privilege: str
) -> None:
    """The rights of a request follow from its method and the first part of its path."""
    assert required_rights(method, path) == RequiredRights(scope, privilege)


@pytest.mark.parametrize(
    ("scopes", "privileges", "reason"),
    [
        (["account_read"], ["contacts:write"], "lacks the scope contact_data"),
        (["contact_data"], ["contacts:read"], "lacks the privilege contacts:write"),
        (["contact_data"], ["contacts:write"], "the application may be switched off"),
        (["contact_data"], None, "may not even ask for the user's privileges"),
        (None, ["contacts:write"], "may lack the scope contact_data"),
    ],
)
def test_the_missing_right_is_named(
    scopes: Collection[str] | None, privileges: Collection[str] | None, reason: str
) -> None:
    """The scope comes first, then the privilege, then the application itself."""
    text = explain_denial(CONTACTS, scopes, privileges)
    assert reason in text.replace("The token may", "may")
