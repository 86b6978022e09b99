"""Paths and methods lead to operations."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.support.sandbox_calls import AUTH, make_caller


@pytest.mark.parametrize("path", ["/v3/nothing", "/v3/contacts/", "/v3", "/v2/contacts", "//"])
def test_an_unknown_path_is_answered_by_the_gateway(path: str) -> None:
    """The reply is 403 in the gateway's own words, with a token or without."""
    reply = make_caller().sandbox.answer("GET", path, "", {})
    assert reply.status == 403
    assert orjson.loads(reply.body) == {"message": "Missing Authentication Token"}


def test_a_star_is_an_id_like_any_other() -> None:
    """A star in place of an id is an unknown id."""
    assert make_caller().call("GET", "/contact_lists/*")[0] == 404


def test_a_method_that_a_path_does_not_have_is_refused() -> None:
    """405 names the allowed methods."""
    reply = make_caller().send("DELETE", "/contacts")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, POST")


def test_reading_an_activity_needs_the_privilege_to_write() -> None:
    """A user with the privilege to read contacts only cannot look up an import."""
    caller = make_caller()
    caller.sandbox.rights.privileges.discard("contacts:write")
    assert caller.call("GET", "/activities")[0] == 403


FEW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@FEW
@given(query=st.text(max_size=40), path=st.text(max_size=20), method=st.sampled_from("GPD"))
def test_every_path_and_query_is_answered(query: str, path: str, method: str) -> None:
    """The reply is the gateway's or the service's, never an exception."""
    caller = make_caller()
    verb = {"G": "GET", "P": "POST", "D": "DELETE"}[method]
    for start in ("/v3/contacts", "/v3/", "/v3/contact_lists/"):
        reply = caller.sandbox.answer(verb, start + path, query, AUTH, b"{}")
        assert reply.status in {200, 202, 204, 400, 403, 404, 405, 415}
