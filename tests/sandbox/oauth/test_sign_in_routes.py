"""Every request to the authorization server gets an answer."""

from __future__ import annotations

from urllib.parse import urlencode

from hypothesis import HealthCheck, given, settings, strategies as st

from tests.support.sandbox_calls import make_caller

FEW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


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
def test_the_authorization_server_answers_every_request(
    method: str, path: str, params: dict[str, str], authorization: str
) -> None:
    """The reply is a page, a redirect or an error object, never an exception."""
    caller = make_caller(consent="allowed")
    query = urlencode(params, errors="replace")
    headers = {"authorization": authorization}
    reply = caller.sandbox.answer(method, f"/oauth2/default/v1/{path}", query, headers)
    assert reply.status in {200, 302, 400, 401, 403}
    assert "\n" not in reply.headers.get("location", "")
