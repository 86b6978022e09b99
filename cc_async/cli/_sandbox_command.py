"""`cc-async sandbox`: a local Constant Contact on a port, until ctrl-C."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import anyio
import attrs
from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import RenderableType

from cc_async.cli._command_run import CommandRun
from cc_async.cli._connect import SANDBOX_TOKEN
from cc_async.cli._exit_codes import ExitCode
from cc_async.cli._options import switch
from cc_async.errors import InvalidRequestError

if TYPE_CHECKING:  # slow to load; most commands need none
    from cc_async.sandbox import Sandbox

FAULTS = (
    "500", "500-html", "500-empty", "503", "503-html", "503-empty", "401", "403", "429", "429-day",
    "429-queue", "rubbish", "latency", "slow-read", "hang", "hang-after", "cut-before", "cut-after",
    "half-body",
)  # fmt: skip
"""The names of the sandbox's faults, so that the help can list them without loading the sandbox."""


@Parameter(name="*")
@attrs.frozen
class SandboxOptions:
    """Address, contents and behaviour of the sandbox."""

    port: Annotated[
        int,
        Parameter(help="The port; 0 takes any free one.", validator=Number(gte=0, lte=65_535)),
    ] = 8765
    lists: Annotated[
        list[str] | None,
        Parameter(
            name="--list",
            metavar="NAME",
            help="A list it has; give it once for each.",
            negative="",
            show_default="Newsletter",
        ),
    ] = None
    fields: Annotated[
        list[str] | None,
        Parameter(
            name="--field",
            metavar="NAME",
            help="A custom field it has; give it once for each.",
            negative="",
        ),
    ] = None
    token: Annotated[str, Parameter(metavar="TOKEN", help="The access token it accepts.")] = (
        SANDBOX_TOKEN
    )
    activity_seconds: Annotated[
        float,
        Parameter(metavar="SECONDS", help="How long an import takes.", validator=Number(gte=0)),
    ] = 1.0
    rate: Annotated[
        int, Parameter(help="Requests it accepts in a second.", validator=Number(gte=1))
    ] = 4
    per_day: Annotated[
        int, Parameter(help="Requests it accepts in a day.", validator=Number(gte=1))
    ] = 10_000
    state: Annotated[
        Path | None,
        Parameter(metavar="FILE", help="Keep the account in this file across restarts."),
    ] = None
    host: Annotated[
        str, Parameter(help="The address to listen at; the default is reached from here alone.")
    ] = "127.0.0.1"
    faults: Annotated[
        list[str] | None,
        Parameter(
            name="--fault",
            metavar="NAME=SHARE",
            help="A fault, and the share of requests that meet it, from 0 to 1; give it once for "
            f"each. Names: {', '.join(FAULTS)}.",
            negative="",
        ),
    ] = None
    json: Annotated[
        bool,
        switch("Print the address and token as one JSON object."),
    ] = False

    def open(self) -> Sandbox:
        """Return the sandbox."""
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


async def run_sandbox(options: SandboxOptions, run: CommandRun) -> None:
    """Serve a sandbox until the process is told to stop."""
    with closing(options.open()) as sandbox:
        await _serve(sandbox, options, run)


async def _serve(sandbox: Sandbox, options: SandboxOptions, run: CommandRun) -> None:
    for name, share in read_shares(options.faults).items():
        if name not in FAULTS:
            raise InvalidRequestError(
                f"the sandbox has no fault {name!r}", f"Its faults are {', '.join(FAULTS)}."
            )
        sandbox.faults.add(name, share=share)
    try:
        async with sandbox.serve(options.host, options.port) as server:
            run.write_now(
                SandboxResult(
                    server.url,
                    server.origin,
                    options.token,
                    server.authorization_url,
                    sandbox.settings.client_id,
                )
            )
            await anyio.sleep_forever()
    except OSError as error:
        raise InvalidRequestError(
            f"port {options.port} cannot be used: {error.strerror or error}",
            "Name another one with --port; --port 0 takes any free one.",
        ) from None


@attrs.frozen
class SandboxResult:
    """The addresses of a running sandbox, and its access token."""

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


def read_shares(texts: Sequence[str] | None) -> dict[str, float]:
    """Return faults with their share of all requests, from texts such as `500=0.1`.

    Raises:
        InvalidRequestError: A share is missing or is not from 0 to 1.
    """
    shares: dict[str, float] = {}
    for text in texts or ():
        name, _, share = text.partition("=")
        try:
            shares[name] = float(share)
        except ValueError:
            shares[name] = -1.0
        if not 0 <= shares[name] <= 1:
            raise InvalidRequestError(
                f"--fault {text!r} is not of the form NAME=SHARE",
                "Write --fault 500=0.1 for every tenth request; a share is from 0 to 1.",
            )
    return shares
