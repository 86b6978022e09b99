"""Test suites for stores, transports and token sources of your own.

Subclass a suite in your tests and define the fixture that it names::

    class TestMyTransport(CheckTransport):
        @pytest.fixture
        def make_transport(self) -> MakeTransport:
            return MyTransport
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import orjson
import pytest

from cc_async.auth import TokenSource
from cc_async.errors import AuthError, ConnectionFailedError, TransportError
from cc_async.sandbox import Sandbox, SandboxSettings
from cc_async.testing._check_store import CheckStore, MakeStore
from cc_async.transport import Transport
from cc_async.wire import JSON, Request, make_query

__all__ = ["CheckStore", "CheckTokenSource", "CheckTransport", "MakeStore", "MakeTransport"]

MakeTransport = Callable[[str], Transport]
"""Type of the fixture of `CheckTransport`; that of `CheckStore` is `MakeStore`."""

_TOKEN = {"Authorization": "Bearer sandbox-token"}
_FAST = SandboxSettings(per_second=10_000)


class CheckTransport:
    """Suite for transports; the fixture `make_transport` takes a base URL and returns a transport."""

    async def test_a_request_arrives_as_it_is(self, make_transport: MakeTransport) -> None:
        """Method, path, encoded query, headers and body arrive unchanged."""
        async with _on_a_sandbox(make_transport) as (sandbox, transport):
            query = make_query({"email": "jo+news@example.com", "status": "all"})
            await transport.send(Request("GET", "/contacts", query), _TOKEN)
            body = orjson.dumps({"name": "Spring fair"})
            reply = await transport.send(Request("POST", "/contact_lists", "", body, JSON), _TOKEN)
        read, written = sandbox.received
        assert (read.method, read.path, read.query) == ("GET", "/v3/contacts", query)
        assert written.body == body
        assert orjson.loads(reply.body)["name"] == "Spring fair"

    async def test_a_refusal_is_returned_as_a_reply(self, make_transport: MakeTransport) -> None:
        """A refusal comes back with its status, its body and lower-case header names."""
        async with _on_a_sandbox(make_transport) as (_, transport):
            refused = await transport.send(Request("GET", "/contacts"), {})
            assert refused.status == 401
            assert orjson.loads(refused.body)["error_key"] == "unauthorized"
            assert refused.headers["www-authenticate"].startswith("Bearer")

    async def test_four_megabytes_are_carried(self, make_transport: MakeTransport) -> None:
        """A body of nearly 4 MB arrives whole, and again when it is sent again."""
        async with _on_a_sandbox(make_transport) as (sandbox, transport):
            rows = [{"email": f"p{number}@example.com"} for number in range(120_000)]
            lists = [sandbox.contact_lists[0].list_id]
            body = orjson.dumps({"import_data": rows, "list_ids": lists})[:3_999_999]
            request = Request("POST", "/activities/contacts_json_import", "", body, JSON)
            for _ in range(2):
                await transport.send(request, _TOKEN)
        assert [entry.body_size for entry in sandbox.received] == [len(body)] * 2

    @pytest.mark.parametrize("fault", ["cut-before", "cut-after", "half-body"])
    async def test_a_cut_connection_is_a_lost_answer(
        self, make_transport: MakeTransport, fault: str
    ) -> None:
        """A cut connection raises `TransportError`: the request may have been executed."""
        async with _on_a_sandbox(make_transport) as (sandbox, transport):
            sandbox.faults.add(fault)
            body = orjson.dumps({"name": "Spring fair"})
            with pytest.raises(TransportError) as caught:
                await transport.send(Request("POST", "/contact_lists", "", body, JSON), _TOKEN)
        assert not isinstance(caught.value, ConnectionFailedError)

    async def test_a_failed_connection_sent_nothing(self, make_transport: MakeTransport) -> None:
        """A port without a listener raises `ConnectionFailedError`."""
        async with _on_a_sandbox(make_transport) as (_, reached):
            pass
        transport = make_transport("http://127.0.0.1:9/v3")
        with pytest.raises(ConnectionFailedError):
            await transport.send(Request("GET", "/contacts"), _TOKEN)
        await transport.aclose()
        await reached.aclose()


class CheckTokenSource:
    """Suite for token sources; the fixture `token_source` returns one with a valid token."""

    async def test_a_token_is_returned(self, token_source: TokenSource) -> None:
        """The token is plain text that fits into a header."""
        token = await token_source.token()
        assert token
        assert token.isascii()
        assert not any(char.isspace() for char in token)

    async def test_a_valid_token_stays_the_same(self, token_source: TokenSource) -> None:
        """A valid token is returned again at the next call."""
        assert await token_source.token() == await token_source.token()

    async def test_a_rejected_token_is_not_returned_again(self, token_source: TokenSource) -> None:
        """After a rejection comes another token, or an error with a hint."""
        rejected = await token_source.token()
        try:
            assert await token_source.token(rejected=rejected) != rejected
        except AuthError as error:
            assert error.hint

    async def test_the_token_is_kept_secret(self, token_source: TokenSource) -> None:
        """The token does not appear in the source's `repr`."""
        assert await token_source.token() not in repr(token_source)


@asynccontextmanager
async def _on_a_sandbox(
    make_transport: MakeTransport,
) -> AsyncIterator[tuple[Sandbox, Transport]]:
    sandbox = Sandbox(_FAST)
    async with sandbox.serve() as server:
        transport = make_transport(server.url)
        try:
            yield sandbox, transport
        finally:
            await transport.aclose()
