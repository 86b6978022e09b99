"""The token endpoint knows its client."""

from __future__ import annotations

import base64
from urllib.parse import urlencode

from tests.support.sandbox_calls import make_caller
from tests.support.sandbox_sign_in import BASIC, TOKEN, post, result_of, tokens


def test_a_public_client_names_itself_in_the_form() -> None:
    """Without a Basic header it needs no secret; a wrong secret or client is 401."""
    caller = make_caller(consent="allowed")
    token = tokens(caller)["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token}
    wrong = {"Authorization": "Basic " + base64.b64encode(b"sandbox-client:no").decode()}
    for headers, client in ((wrong, ""), ({}, "nobody"), ({"Authorization": "Basic ?"}, "")):
        status, answer = result_of(post(caller, TOKEN, {**form, "client_id": client}, headers))
        assert (status, answer["error"]) == (401, "invalid_client")
    status, _ = result_of(post(caller, TOKEN, {**form, "client_id": "sandbox-client"}))
    assert status == 200


def test_parameters_may_stand_in_the_query() -> None:
    """The guide shows them there."""
    caller = make_caller(consent="allowed")
    token = tokens(caller)["refresh_token"]
    caller.sandbox.clock.advance(1)
    query = urlencode({"grant_type": "refresh_token", "refresh_token": token})
    assert caller.sandbox.answer("POST", TOKEN, query, BASIC).status == 200
