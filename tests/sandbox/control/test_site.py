"""The sandbox's own page, beside the API."""

from __future__ import annotations

from tests.support.sandbox_calls import control, make_caller


def test_faults_do_not_hit_the_controls() -> None:
    """A fault for all requests can be switched off again."""
    caller = make_caller()
    caller.sandbox.faults.add("cut-before")
    assert caller.sandbox.pick_fault("POST", "/sandbox/faults") is None
    assert caller.sandbox.pick_fault("GET", "/") is None
    assert caller.sandbox.pick_fault("POST", "/oauth2/default/v1/token") is not None


def test_an_unknown_control_is_an_unknown_path() -> None:
    """The reply is the gateway's 403."""
    assert control(make_caller(), "GET", "nothing")[0] == 403
    assert control(make_caller(), "PUT", "faults")[0] == 403


def test_the_page_loads_nothing_from_elsewhere() -> None:
    """It is one file, works on a closed network, and cannot be framed."""
    reply = make_caller().sandbox.answer("GET", "/", "", {"Host": "127.0.0.1:8080"})
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
    assert b"Constant Contact sandbox" in reply.body
    for elsewhere in (b"http://", b"https://", b"//cdn", b"<script src"):
        assert elsewhere not in reply.body
