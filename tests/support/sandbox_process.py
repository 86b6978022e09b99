"""A sandbox in a process of its own, for tests that measure or kill the client's process.

Run as a program it prints its address, answers until its input is closed, then prints what it
saw as one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import attrs

from cc_async.sandbox import Sandbox, SandboxSettings

__all__ = ["SandboxProcess", "sandbox_process"]


@attrs.define
class SandboxProcess:
    """A running sandbox; `stop` fills *seen* with its figures."""

    url: str
    _input: IO[bytes]
    _output: IO[bytes]
    seen: dict[str, Any] = attrs.field(factory=dict)

    def stop(self) -> dict[str, Any]:
        """Stop the sandbox and return its figures."""
        if not self._input.closed:
            self._input.close()
            self.seen = json.loads(self._output.readline())
        return self.seen


@contextmanager
def sandbox_process(**settings: object) -> Iterator[SandboxProcess]:
    """Run a sandbox with *settings* in another process while the block runs."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.sandbox_process", json.dumps(settings)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        server = SandboxProcess(
            process.stdout.readline().decode().strip(), process.stdin, process.stdout
        )
        try:
            yield server
        finally:
            server.stop()


async def main(settings: dict[str, Any]) -> None:
    sandbox = Sandbox(SandboxSettings(**settings))
    async with sandbox.serve() as server:
        print(server.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)
        seen = {
            "contacts": sandbox.contact_count,
            "received": sandbox.received.count,
            "refused": sandbox.refused_429,
            "activities": len(sandbox.activities),
            "looks": sum(
                entry.method == "GET" and entry.path.startswith("/v3/activities")
                for entry in sandbox.received
            ),
        }
    print(json.dumps(seen), flush=True)


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
