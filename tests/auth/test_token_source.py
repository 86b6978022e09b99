"""Fixed tokens, and the claims inside tokens."""

from __future__ import annotations

import pytest

from cc_async.auth import AccessToken, application_of, claims_of
from cc_async.errors import AuthError
from cc_async.testing.checks import CheckTokenSource


class TestAccessToken(CheckTokenSource):
    """A fixed token is a token source."""

    @pytest.fixture
    def token_source(self) -> AccessToken:
        return AccessToken("access-1")


async def test_a_fixed_token_is_masked() -> None:
    """The token of an `AccessToken` is masked by its own type."""
    assert repr(await AccessToken("abc").token()) == "'***'"


@pytest.mark.parametrize("text", ["", "two words", "tökén"])
def test_text_that_fits_no_header_is_no_token(text: str) -> None:
    """Empty text, blanks and other letters than ASCII are refused at once."""
    with pytest.raises(AuthError, match="no access token"):
        AccessToken(text)


def test_the_application_is_known_by_the_token() -> None:
    """The claim `cid` names the application; a token without one gets a name from its hash."""
    assert application_of("x.eyJjaWQiOiAibXktYXBwIn0.y") == "my-app"
    assert "abc" not in application_of("abc")


@pytest.mark.parametrize("token", ["abc", "a.b", "a.!!!.c", "a.W10.c"])
def test_a_token_that_is_no_jwt_has_no_claims(token: str) -> None:
    """Opaque and damaged tokens have no claims."""
    assert claims_of(token) == {}
