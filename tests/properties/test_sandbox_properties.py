"""Whatever is sent to the sandbox, it answers."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.support.sandbox_calls import AUTH, make_caller

PATHS = [
    "contacts", "people", "seed", "faults", "activities", "clock", "rights", "received", "state",
]  # fmt: skip
NAMES = [
    "contacts", "email", "act", "lists", "custom_fields", "tags", "name", "share", "path", "method",
    "times", "seconds", "activity_id", "advance", "scopes", "privileges", "is_app_active",
]  # fmt: skip
WORDS = ["confirm", "unsubscribe", "hold", "release", "fail", "lose", "500", "latency", "a@b.com"]

plain = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.floats(-1, 2), st.text(max_size=5),
    st.sampled_from(WORDS),
)  # fmt: skip
anything = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=8,
)
FEW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@FEW
@given(
    calls=st.lists(
        st.tuples(
            st.sampled_from(["GET", "POST", "DELETE"]),
            st.sampled_from(PATHS),
            st.dictionaries(st.sampled_from(NAMES), anything, max_size=5),
        ),
        max_size=6,
    )
)
def test_the_controls_answer_everything(calls: list[tuple[str, str, dict[str, Any]]]) -> None:
    """A wrong value is refused at once, and never breaks an API call that comes after."""
    caller = make_caller()
    for method, path, body in calls:
        reply = caller.sandbox.answer(
            method,
            f"/sandbox/{path}",
            "",
            {"content-type": "application/json"},
            orjson.dumps(body),
        )
        assert reply.status in {200, 400, 403, 404}
    caller.sandbox.pick_fault("GET", "/v3/contacts")
    assert caller.send("GET", "/contacts").status < 500


@FEW
@given(
    method=st.sampled_from(["GET", "POST"]),
    path=st.sampled_from(["authorize", "token", "device/authorize"]),
    params=st.dictionaries(
        st.sampled_from(
            ["client_id", "redirect_uri", "response_type", "scope", "state", "grant_type", "code"]
        ),
        st.one_of(
            st.text(max_size=6),
            st.sampled_from(["sandbox-client", "code", "contact_data", "refresh_token"]),
        ),
    ),
    authorization=st.text(max_size=8).map(lambda text: f"Basic {text}"),
)
def test_signing_in_answers_everything(
    method: str, path: str, params: dict[str, str], authorization: str
) -> None:
    """A page, a redirect or an error object, and no exception."""
    caller = make_caller(consent="allowed")
    query = urlencode(params, errors="replace")
    headers = {"authorization": authorization}
    reply = caller.sandbox.answer(method, f"/oauth2/default/v1/{path}", query, headers)
    assert reply.status in {200, 302, 400, 401, 403}
    assert "\n" not in reply.headers.get("location", "")


@FEW
@given(data=st.binary(max_size=200), header=st.booleans())
def test_any_file_is_taken_and_ends(data: bytes, header: bool) -> None:
    """Rubbish ends as failed, or completed with whatever could be read; never as an exception."""
    caller = make_caller()
    text = (b"email,first_name\r\n" if header else b"") + data
    status, said = caller.import_csv(text)
    if status == 201:  # else the rubbish held the form's own boundary
        state = caller.finished(said["activity_id"])["state"]
        assert state in {"completed", "failed"}


@FEW
@given(query=st.text(max_size=40), path=st.text(max_size=20), method=st.sampled_from("GPD"))
def test_any_path_and_query_is_answered(query: str, path: str, method: str) -> None:
    """As the gateway or the service would: never an exception."""
    caller = make_caller()
    verb = {"G": "GET", "P": "POST", "D": "DELETE"}[method]
    for start in ("/v3/contacts", "/v3/", "/v3/contact_lists/"):
        reply = caller.sandbox.answer(verb, start + path, query, AUTH, b"{}")
        assert reply.status in {200, 202, 204, 400, 403, 404, 405, 415}


@pytest.mark.parametrize("seed", range(3))
def test_pages_hold_everybody_once_whatever_happens_between(seed: int) -> None:
    """People added or deleted while somebody pages are never shown twice or skipped."""
    rng = random.Random(seed)
    caller = make_caller()
    known = [caller.sandbox.add_contact(f"p{n}@example.com").contact_id for n in range(60)]
    page = caller.get("/contacts", status="all", limit=str(rng.randint(1, 7)))
    seen = [one["contact_id"] for one in page["contacts"]]
    while "_links" in page:
        caller.sandbox.add_contact(f"new{len(seen)}@example.com")
        caller.call("DELETE", f"/contacts/{rng.choice(known)}")
        page = caller.follow(page)
        seen += [one["contact_id"] for one in page["contacts"]]
    assert seen == known[::-1]
