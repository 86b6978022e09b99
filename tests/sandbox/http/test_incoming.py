"""An incoming request is parsed, and its path belongs to one part of the sandbox."""

from __future__ import annotations

import pytest

from cc_async.sandbox.http import IncomingRequest, is_sign_in, is_site, parse_query


def test_a_repeated_name_makes_a_comma_list() -> None:
    """Values are decoded, and blank ones are kept."""
    assert parse_query("a=1&b=x%20y&a=2&c=") == {"a": "1,2", "b": "x y", "c": ""}


def test_the_media_type_has_no_parameters() -> None:
    """Letter case and a charset do not count."""
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    request = IncomingRequest("POST", "/v3/contacts", "", headers, b"{}", 0.0)
    assert request.media_type == "application/json"
    assert "{}" not in repr(request)


@pytest.mark.parametrize(
    ("path", "site", "sign_in"),
    [
        ("/", True, False), ("/sandbox/state", True, False), ("/activate", False, True),
        ("/oauth2/default/v1/token", False, True), ("/v3/contacts", False, False),
        ("/sandbox", False, False),
    ],
)  # fmt: skip
def test_a_path_belongs_to_one_part(path: str, site: bool, sign_in: bool) -> None:
    """Paths of the site, of the authorization server and of the API do not overlap."""
    assert (is_site(path), is_sign_in(path)) == (site, sign_in)
