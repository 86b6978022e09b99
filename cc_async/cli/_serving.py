"""`cc-async sandbox`: a local Constant Contact on a port, until somebody stops it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import anyio
import attrs
from rich.console import RenderableType

from cc_async.cli._exit_codes import ExitCode
from cc_async.cli._options import read_shares
from cc_async.cli._run import Run
from cc_async.errors import InvalidRequestError
from cc_async.sandbox import FAULTS, Sandbox, SandboxSettings

__all__ = ["run_sandbox"]


async def run_sandbox(
    settings: SandboxSettings, *, port: int, faults: Sequence[str], run: Run
) -> None:
    """Serve a sandbox on *port*."""
    sandbox = Sandbox(settings)
    for name, share in read_shares(faults).items():
        if name not in FAULTS:
            raise InvalidRequestError(
                f"the sandbox knows no fault {name!r}", f"There are {', '.join(FAULTS)}."
            )
        sandbox.faults.add(name, share=share)
    try:
        async with sandbox.serve(port=port) as server:
            run.tell_now(ServingResult(server.url, settings.token or ""))
            await anyio.sleep_forever()
    except OSError as error:
        raise InvalidRequestError(
            f"port {port} cannot be used: {error.strerror or error}",
            "Name another one with --port; --port 0 takes any that is free.",
        ) from None


@attrs.frozen
class ServingResult:
    """Where the sandbox is, and what opens it."""

    url: str
    token: str
    exit_code: ExitCode = ExitCode.DONE
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"url": self.url, "token": self.token}

    def to_text(self) -> RenderableType:
        return (
            f"The sandbox listens at {self.url} until you press ctrl-C.\n"
            f"To use it, in another window:\n"
            f"  export CC_ASYNC_BASE_URL={self.url} CC_ASYNC_ACCESS_TOKEN={self.token}"
        )
