"""`cc-async sandbox`: a local Constant Contact on a port, until somebody stops it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import anyio
import attrs
from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import RenderableType

from cc_async.cli._exit_codes import ExitCode
from cc_async.cli._local_sandbox import TOKEN
from cc_async.cli._options import read_shares
from cc_async.cli._run import Run
from cc_async.errors import InvalidRequestError

if TYPE_CHECKING:  # most commands need no sandbox, and it takes long to load
    from cc_async.sandbox import Sandbox

FAULTS = (
    "500", "500-html", "500-empty", "503", "503-html", "503-empty", "401", "403", "429", "429-day",
    "429-queue", "rubbish", "latency", "slow-read", "hang", "hang-after", "cut-before", "cut-after",
    "half-body",
)  # fmt: skip
"""The names of the sandbox's faults, for the help to tell without loading it."""


@Parameter(name="*")
@attrs.frozen
class SandboxWish:
    """What the command line asks for."""

    port: Annotated[
        int, Parameter(help="0 takes any that is free.", validator=Number(gte=0, lte=65_535))
    ] = 8765
    lists: Annotated[
        list[str] | None,
        Parameter(
            name="--list",
            metavar="NAME",
            help="A list it has; say it once for each [default: Newsletter]",
            negative="",
        ),
    ] = None
    fields: Annotated[
        list[str] | None,
        Parameter(
            name="--field",
            metavar="NAME",
            help="A custom field it has; say it once for each.",
            negative="",
        ),
    ] = None
    token: Annotated[str, Parameter(metavar="TOKEN", help="The access token it takes.")] = TOKEN
    activity_seconds: Annotated[
        float,
        Parameter(metavar="SECONDS", help="How long an import takes.", validator=Number(gte=0)),
    ] = 1.0
    rate: Annotated[
        int, Parameter(help="Requests it lets through in a second.", validator=Number(gte=1))
    ] = 4
    per_day: Annotated[
        int, Parameter(help="Requests it lets through in a day.", validator=Number(gte=1))
    ] = 10_000
    state: Annotated[
        Path | None,
        Parameter(metavar="FILE", help="Keep the account in this file across restarts."),
    ] = None
    host: Annotated[
        str, Parameter(help="The address to listen at; this machine alone unless given.")
    ] = "127.0.0.1"
    faults: Annotated[
        list[str] | None,
        Parameter(
            name="--fault",
            metavar="NAME=SHARE",
            help="What goes wrong, with which share of requests, from 0 to 1. Names: "
            f"{', '.join(FAULTS)}.",
            negative="",
        ),
    ] = None
    json: Annotated[
        bool,
        Parameter(
            help="Print the address and token as one JSON object.",
            negative="",
            show_default=False,
        ),
    ] = False

    def open(self) -> Sandbox:
        """Return the sandbox that is wanted."""
        from cc_async.sandbox import Sandbox, SandboxSettings

        settings = SandboxSettings(
            token=self.token,
            lists=tuple(self.lists or ("Newsletter",)),
            custom_fields=tuple(self.fields or ()),
            activity_seconds=self.activity_seconds,
            per_second=self.rate,
            per_day=self.per_day,
        )
        return Sandbox(settings, state_file=self.state)


async def run_sandbox(wish: SandboxWish, run: Run) -> None:
    """Serve a sandbox until the process is told to stop."""
    with closing(wish.open()) as sandbox:
        await _serve(sandbox, wish, run)


async def _serve(sandbox: Sandbox, wish: SandboxWish, run: Run) -> None:
    for name, share in read_shares(wish.faults).items():
        if name not in FAULTS:
            raise InvalidRequestError(
                f"the sandbox knows no fault {name!r}", f"There are {', '.join(FAULTS)}."
            )
        sandbox.faults.add(name, share=share)
    try:
        async with sandbox.serve(wish.host, wish.port) as server:
            settings = sandbox.settings
            run.tell_now(
                ServingResult(
                    server.url,
                    server.origin,
                    wish.token,
                    server.authorization_url,
                    settings.client_id,
                )
            )
            await anyio.sleep_forever()
    except OSError as error:
        raise InvalidRequestError(
            f"port {wish.port} cannot be used: {error.strerror or error}",
            "Name another one with --port; --port 0 takes any that is free.",
        ) from None


@attrs.frozen
class ServingResult:
    """Where the sandbox is, and what opens it."""

    url: str
    page: str
    token: str
    auth_url: str
    client_id: str
    exit_code: ExitCode = ExitCode.DONE
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        keys = ("url", "token", "page", "auth_url", "client_id")
        return {key: getattr(self, key) for key in keys}

    def to_text(self) -> RenderableType:
        return (
            f"The sandbox listens at {self.url} until you press ctrl-C.\n"
            f"Look inside with a browser: {self.page}\n"
            f"To use it, in another window:\n"
            f"  export CC_ASYNC_BASE_URL={self.url} CC_ASYNC_ACCESS_TOKEN={self.token}\n"
            f"To try signing in, in place of the token:\n"
            f"  export CC_ASYNC_AUTH_URL={self.auth_url} CC_ASYNC_CLIENT_ID={self.client_id}"
        )
