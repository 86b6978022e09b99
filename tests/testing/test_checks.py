"""The checks for other people's transports and token sources hold for this package's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cc_async.auth import AccessToken
from cc_async.testing.checks import CheckTokenSource, CheckTransport
from cc_async.transport import AiohttpTransport


class TestAiohttpTransport(CheckTransport):
    """The transport of this package passes its own checks."""

    @pytest.fixture
    def make_transport(self) -> Callable[[str], AiohttpTransport]:
        return AiohttpTransport


class TestAccessToken(CheckTokenSource):
    """The plain token passes the checks of token sources."""

    @pytest.fixture
    def token_source(self) -> AccessToken:
        return AccessToken("a-token")
