"""A server in a process of its own that does next to nothing: its answers stand ready.

It knows one list and no custom field, and takes every sign-up. Run as a program it prints its
address and answers until its input is closed.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

LIST_ID = "9b2f6a10-7a11-11ef-b7a4-fa163ecf3a1d"
_CREATED = b'{"contact_id":"af73e650-96f0-11ef-b2a0-fa163eafb85e","action":"created"}'
LISTS = b'{"lists":[{"list_id":"%b","name":"Newsletter"}]}' % LIST_ID.encode()
FIELDS = b'{"custom_fields":[]}'


def _answer(body: bytes, status: bytes = b"200 OK") -> bytes:
    head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % (status, len(body)) + body


_ANSWERS = {
    b"POST /v3/contacts/sign_up_form": _answer(_CREATED, b"201 Created"),
    b"GET /v3/contact_lists": _answer(LISTS),
    b"GET /v3/contact_custom_fields": _answer(FIELDS),
    b"GET /v3/contacts": _answer(b'{"contacts":[],"contacts_count":0}'),
}


class _Connection(asyncio.Protocol):
    """Cuts requests apart by their Content-Length, and answers each."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._write = transport.write  # type: ignore[attr-defined] # uvloop has a class of its own
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while (end := self._rest.find(b"\r\n\r\n")) >= 0:
            head = self._rest[:end]
            whole = end + 4 + _body_length(head)
            if len(self._rest) < whole:
                return
            self._rest = self._rest[whole:]
            asked = b" ".join(head.split(b" ", 2)[:2]).partition(b"?")[0]
            self._write(_ANSWERS[asked])


def _body_length(head: bytes) -> int:
    start = head.lower().find(b"content-length:")
    return int(head[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0


@contextmanager
def static_server() -> Iterator[str]:
    """Run the server in another process while the block runs, and yield the API's address.

    Where the system lets one choose, the server has a core of its own and the client another.
    """
    command = [sys.executable, "-m", "benchmarks._server"]
    with _core_apart() as core, _running([*command, *core]) as url:
        yield url


@contextmanager
def _core_apart() -> Iterator[list[str]]:
    """Leave the last core to the server while the block runs, and yield its number."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) < 2:
        yield []
        return
    os.sched_setaffinity(0, cores[:-1])
    try:
        yield [str(cores[-1])]
    finally:
        os.sched_setaffinity(0, cores)


@contextmanager
def _running(command: list[str]) -> Iterator[str]:
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().decode().strip()
        finally:
            process.stdin.close()


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        print(f"http://127.0.0.1:{port}/v3", flush=True)
        await asyncio.to_thread(sys.stdin.read)


def _main() -> None:
    if sys.argv[1:]:
        os.sched_setaffinity(0, [int(sys.argv[1])])
    try:
        import uvloop  # a server that is not what is measured
    except ImportError:
        asyncio.run(_serve())
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve())


if __name__ == "__main__":
    _main()
