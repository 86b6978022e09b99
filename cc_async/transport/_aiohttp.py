"""The transport, one method wide, and its implementation by aiohttp.

Every failure of a network has one of three names: `ConnectionFailedError`,
`TransportTimeoutError` and `TransportError`.
"""

from __future__ import annotations

import asyncio
import io
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from ipaddress import ip_address
from typing import Protocol
from urllib.request import getproxies, proxy_bypass

import aiohttp
import attrs
from yarl import URL

from cc_async.errors import (
    ConnectionFailedError,
    InvalidRequestError,
    TransportError,
    TransportTimeoutError,
    UnexpectedResponseError,
)
from cc_async.wire import Reply, Request, Sink

_SLOWEST_UPLOAD = 40_000
"""Bytes a second that the slowest line carries: a large body gets that much longer.

0.3 Mbit/s, the upload of a slow DSL line; a body of 4 MB then has 100 seconds more.
"""

_SLOWEST_DOWNLOAD = 4_000
"""Bytes a second that a file brings at least, after its first timeout: a thirtieth of a slow DSL
line. A file that drips in for days is no file."""

MAX_REPLY = 10_485_760
"""Bytes of a reply, unpacked: the most that the API gateway in front of the service passes on,
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
"""

MAX_FILE = 4 * 1024**3
"""Bytes of an exported file: 4 GiB, some ten million contacts with a dozen columns."""

_STREAMED = 1 << 16
"""Bytes from which a body is streamed: 64 KiB, one piece of a stream of aiohttp.

aiohttp writes a body of bytes in a single piece, and warns of those above 1 MiB.
"""


class Transport(Protocol):
    """Carries one request to the service and its reply back.

    The client needs no more of a network, so tests and the sandbox replace it by such an object.
    """

    async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
        """Return the reply to *request*, of any status.

        *headers*, the token among them, are added to those of the request. If the request has a
        sink, the body of a success goes there, piece by piece.

        Raises:
            ConnectionFailedError: The request did not leave this machine.
            TransportTimeoutError: No answer came in time; the service may have acted on it.
            TransportError: No answer came, for another reason; the service may have acted on it.

        Cancellation:
            The connection is dropped; the service may have acted on the request.
        """
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


class AiohttpTransport:
    """Sends requests with aiohttp.

    Args:
        base_url: Address of the API, such as `https://api.cc.email/v3`.
        allow_http: Send tokens unencrypted, too: `http://` to another host than this machine.
        timeout: Seconds from the start of a request to the end of its reply. A large body gets
            longer: a second for every 40,000 bytes.
        connect_timeout: Seconds until a connection is made.
        proxy: Address of an HTTP proxy.
        ssl_context: Certificates to trust, or to show, in place of the system's.
        trust_env: Take proxies and their passwords from the environment and `~/.netrc`.
        max_reply: Bytes of a reply, unpacked, at most.
        max_file: Bytes of an exported file, unpacked, at most.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout: float = 60.0,
        connect_timeout: float = 10.0,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        trust_env: bool = False,
        max_reply: int = MAX_REPLY,
        max_file: int = MAX_FILE,
        allow_http: bool = False,
    ) -> None:
        base = _read_base(base_url, allow_http=allow_http)
        _check_proxies(proxy, base, trust_env=trust_env)
        self._base = str(base).rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=connect_timeout)
        self._proxy = proxy
        self._ssl: ssl.SSLContext | bool = ssl_context if ssl_context is not None else True
        self._trust_env = trust_env
        self._max_reply, self._max_file = max_reply, max_file
        self._client: aiohttp.ClientSession | None = None

    async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
        """See `Transport.send`."""
        client = self._client or self._open()
        try:
            async with client.request(
                request.method,
                self._url(request),
                data=_payload(request.body),
                headers=_headers(request, headers),
                timeout=self._timeout_for(request),
                allow_redirects=False,
            ) as response:
                body = await self._read(response, request.sink)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise ConnectionFailedError(_connection_text(error, client_url=self._base)) from None
        except TransportTimeoutError:  # of a file that drips; it is a TimeoutError, too
            raise
        except TimeoutError:
            raise TransportTimeoutError("Constant Contact did not answer in time") from None
        except (aiohttp.ClientError, OSError) as error:
            raise TransportError(
                f"the connection to Constant Contact broke off ({type(error).__name__})"
            ) from None
        return Reply(response.status, response.headers, body)

    async def aclose(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    def _open(self) -> aiohttp.ClientSession:
        self._client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300, ssl=self._ssl),
            cookie_jar=aiohttp.DummyCookieJar(),
            proxy=self._proxy,
            trust_env=self._trust_env,
            headers={"User-Agent": "cc-async"},
            requote_redirect_url=False,
        )
        return self._client

    def _url(self, request: Request) -> URL:
        if not request.path.startswith("/"):  # the slash ends the host and the port
            raise InvalidRequestError(
                "a path that leads to another host, which must not get the token"
            )
        text = self._base + request.path
        return URL(f"{text}?{request.query}" if request.query else text, encoded=True)

    async def _read(self, response: aiohttp.ClientResponse, sink: Sink | None) -> bytes:
        """Return the body, or write the body of a success to *sink*."""
        if sink is None or not response.ok:
            pieces = [piece async for piece in _pieces(response, self._max_reply, "reply")]
            return b"".join(pieces)
        sink.begin()
        loop = asyncio.get_running_loop()
        patience, started, received = self._timeout.total, loop.time(), 0
        async for piece in _pieces(response, self._max_file, "file"):
            received += len(piece)
            sink.write(piece)
            late = loop.time() - started - received / _SLOWEST_DOWNLOAD
            if patience is not None and late > patience:
                raise TransportTimeoutError(
                    f"the file came too slowly: {received:,} bytes in {loop.time() - started:.0f} s"
                )
        return b""

    def _timeout_for(self, request: Request) -> aiohttp.ClientTimeout:
        body = request.body
        if request.sink is not None:  # of unknown length: only silence is late
            return attrs.evolve(self._timeout, total=None, sock_read=self._timeout.total)
        if body is None or len(body) < _STREAMED or self._timeout.total is None:
            return self._timeout
        return attrs.evolve(self._timeout, total=self._timeout.total + len(body) / _SLOWEST_UPLOAD)


def _read_base(base_url: str, *, allow_http: bool) -> URL:
    """Return *base_url* as a URL, its host as it is sent: in small letters of ASCII.

    Raises:
        InvalidRequestError: It is no base URL, or it is unencrypted and leads to another machine.
    """
    remedy = "Use an address such as https://api.cc.email/v3."
    url = _read_url(base_url)
    if url is None or url.query_string or url.fragment:  # a password may be in it: not shown
        raise InvalidRequestError("the base URL cannot be read", remedy)
    if url.user is not None or url.password is not None:
        raise InvalidRequestError("the base URL holds a user or a password", remedy)
    if url.scheme == "http" and not allow_http and not _is_this_machine(url.host or ""):
        raise InvalidRequestError(
            f"http://{url.host} is not encrypted: others on the way could read the token",
            "Use https://, or set CC_ASYNC_ALLOW_HTTP to 1 in a network that you trust.",
        )
    return url


def _read_url(address: str) -> URL | None:
    """Return *address* if it is a whole `http` or `https` URL."""
    with suppress(ValueError):  # its text, and its chain, may hold parts of a password
        url = URL(address)
        is_cut_short = "@" in url.path + url.query_string + url.fragment  # by a / in a password
        if url.scheme in ("http", "https") and url.host and url.port and not is_cut_short:
            return url
    return None


def _check_proxies(proxy: str | None, base: URL, *, trust_env: bool) -> None:
    """Refuse proxies that cannot be read, of the caller and of the environment."""
    proxies = [] if proxy is None else [proxy]
    if trust_env and not proxy_bypass(base.host or ""):
        found = getproxies()
        proxies += [found[name] for name in ("http", "https", "ws", "wss") if name in found]
    if not all(map(_read_url, proxies)):
        raise InvalidRequestError(
            "the address of the proxy cannot be read",
            "Use http://user:password@host:port, and in a password %2F for /, %40 for @.",
        )


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


async def _pieces(
    response: aiohttp.ClientResponse, max_bytes: int, kind: str
) -> AsyncIterator[bytes]:
    """Yield the body, unpacked, piece by piece.

    Raises:
        UnexpectedResponseError: It is longer than *max_bytes*.
    """
    received = 0
    async for piece in response.content.iter_any():
        received += len(piece)
        if received > max_bytes:
            raise UnexpectedResponseError(
                response.status, f"a {kind} of more than {max_bytes:,} bytes"
            )
        yield piece


def _headers(request: Request, headers: Mapping[str, str]) -> dict[str, str]:
    all_headers = {"Accept": request.accept, **headers}
    if request.content_type is not None:
        all_headers["Content-Type"] = request.content_type
    return all_headers


def _payload(body: bytes | None) -> bytes | io.BytesIO | None:
    return io.BytesIO(body) if body is not None and len(body) >= _STREAMED else body


def _connection_text(error: Exception, *, client_url: str) -> str:
    host = URL(client_url).host
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"the certificate of {host} is not trusted here"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"the name {host} cannot be found"
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return f"{host} did not take the connection in time"
    return f"no connection to {host}"
