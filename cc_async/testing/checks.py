"""What every store, transport and token source must do, as suites to run on your own.

Subclass a suite in your tests and give it the fixture that it asks for::

    class TestMyTransport(CheckTransport):
        @pytest.fixture
        def make_transport(self):
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
from cc_async.testing._check_store import CheckStore
from cc_async.transport import Transport
from cc_async.wire import JSON, Request, make_query

__all__ = ["CheckStore", "CheckTokenSource", "CheckTransport"]

MakeTransport = Callable[[str], Transport]
_TOKEN = {"Authorization": "Bearer sandbox-token"}
_FAST = SandboxSettings(per_second=10_000)


class CheckTransport:
    """Needs the fixture `make_transport`: it takes a base URL and returns a transport."""

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

    async def test_any_answer_is_an_answer(self, make_transport: MakeTransport) -> None:
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
    async def test_a_cut_may_have_been_carried_out(
        self, make_transport: MakeTransport, fault: str
    ) -> None:
        """A connection that breaks off is a lost answer, not a failed connection."""
        async with _on_a_sandbox(make_transport) as (sandbox, transport):
            sandbox.faults.add(fault)
            body = orjson.dumps({"name": "Spring fair"})
            with pytest.raises(TransportError) as caught:
                await transport.send(Request("POST", "/contact_lists", "", body, JSON), _TOKEN)
        assert not isinstance(caught.value, ConnectionFailedError)

    async def test_no_connection_sent_nothing(self, make_transport: MakeTransport) -> None:
        """Where nobody listens, nothing left this machine."""
        async with _on_a_sandbox(make_transport) as (_, reached):
            pass
        transport = make_transport("http://127.0.0.1:9/v3")
        with pytest.raises(ConnectionFailedError):
            await transport.send(Request("GET", "/contacts"), _TOKEN)
        await transport.aclose()
        await reached.aclose()


class CheckTokenSource:
    """Needs the fixture `token_source`, with a token that is good."""

    async def test_it_names_a_token(self, token_source: TokenSource) -> None:
        """A token is plain text that fits into a header."""
        token = await token_source.token()
        assert token
        assert token.isascii()
        assert not any(char.isspace() for char in token)

    async def test_it_is_asked_often(self, token_source: TokenSource) -> None:
        """While the token is good, the same one is named every time."""
        assert await token_source.token() == await token_source.token()

    async def test_a_refused_token_is_not_named_again(self, token_source: TokenSource) -> None:
        """After a refusal there is another token, or an error that asks for a sign-in."""
        refused = await token_source.token()
        try:
            assert await token_source.token(rejected=refused) != refused
        except AuthError as error:
            assert error.hint

    async def test_it_keeps_its_secret(self, token_source: TokenSource) -> None:
        """The token is not in the source's `repr`."""
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
