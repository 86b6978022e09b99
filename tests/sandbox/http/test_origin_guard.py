"""Foreign web pages cannot read or change the sandbox."""

from __future__ import annotations

import pytest

from tests.support.sandbox_calls import control, make_caller

PAGE = {
    "Host": "localhost:8080",
    "Origin": "http://localhost:8080",
    "Sec-Fetch-Site": "same-origin",
}


@pytest.mark.parametrize(
    "headers",
    [
        {**PAGE, "Origin": "https://evil.example"},
        {**PAGE, "Origin": "http://localhost:9999"},
        {**PAGE, "Origin": "null"},
        {**PAGE, "Sec-Fetch-Site": "cross-site"},
        {**PAGE, "Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example", "Origin": "http://evil.example"},
        {"Host": "evil.example:8080"},
    ],
)
def test_foreign_pages_change_nothing(headers: dict[str, str]) -> None:
    """The reply is 403 for a foreign origin, and for a foreign name of the port."""
    caller = make_caller()
    assert control(caller, "POST", "faults", {"name": "500"}, headers)[0] == 403
    assert list(caller.sandbox.faults) == []


@pytest.mark.parametrize(
    "headers",
    [PAGE, {}, {"Host": "127.0.0.1:80"}, {"Host": "[::1]:80"}, {"Host": "box.localhost"},
     {"Host": "box:80"}],
)  # fmt: skip
def test_the_own_page_and_plain_clients_may_change_things(headers: dict[str, str]) -> None:
    """Host names other than localhost must be in the settings."""
    caller = make_caller(host_names=["box"])
    assert control(caller, "POST", "faults", {"name": "500"}, headers)[0] == 200


def test_a_foreign_name_may_not_read_either() -> None:
    """Otherwise a page could read addresses by giving the port a name of its own."""
    caller = make_caller()
    for path in ("/", "/sandbox/received"):
        reply = caller.sandbox.answer("GET", path, "", {"Host": "evil.example"})
        assert reply.status == 403
    assert not [name for name in reply.headers if name.startswith("access-control")]
