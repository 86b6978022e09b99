"""Every choice the sandbox has to make where the provider is silent, as a switch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import attrs

DAY = 86_400.0


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(texts)


@attrs.frozen(kw_only=True)
class SandboxSettings:
    """How the sandbox behaves. The defaults are what is documented or observed.

    Args:
        token: The one bearer token that is taken; `None` takes any.
        lists: Names of the lists the account starts with.
        custom_fields: Labels of the text fields the account starts with.
        activity_seconds: How long a bulk activity takes.
        per_second: Requests that are let through in one second.
        per_day: Requests that are let through until 00:00 UTC.
        window: Whether seconds are counted from the full second or from each request back.
        counts_refused: Whether a refused request uses up budget too.
        max_queued: Bulk activities that may wait or run at once.
        max_bytes: How much of an import's body is read; the rest is dropped without a word.
        max_request_bytes: The largest body that the gateway takes in at all.
        max_lines: How many lines of an import are read, a CSV's heading counted.
        activity_life: How long an activity can be looked up.
        source_file_name: What becomes of an uploaded file's name in the activity.
        list_delay: How long a new activity stays out of the list of activities.
        member_delay: How long whoever was changed stays out of what is read of a list.
        doubles: Which row of one import wins where an address comes twice.
        blank_cells: Whether a blank cell of a CSV leaves the stored value or erases it.
        unknown_headings: Whether a heading nobody knows is passed over or fails the import.
        person_count: Whether an import counts the people it read or the ones it stored.
        removed_exports: Whom an export of a list with the status `removed` holds: everybody who
            was on it and is not any more, those of them alone who were deleted, or nobody, since
            the word is refused.
        has_wrong_self_links: Whether activities carry the misleading links that were observed.
        expands_addresses: Whether `IL` and `US` are written out.
        confirmed_opt_in: Whether new sign-ups wait for a confirmation.
        existing_opt_in: What a sign-up makes of a known person while *confirmed_opt_in* is on.
        tries_per_day: How often an address may sign up in 24 hours before it is blocked.
        block_seconds: How long it stays blocked.
        put_needs_email: Whether a `PUT` of a contact without its address is refused.
        may_lower_permission: Whether `explicit` may be lowered to `implicit`.
        latency: Seconds every answer takes.
        latency_jitter: Seconds added to it at random, at most.
        client_id: The application's API key.
        client_secret: Its secret, for those that have one.
        redirect_uris: Where a browser may be sent back to; none means anywhere.
        consent: Whether a person is asked, or what everybody says.
        refresh_tokens: The kind of refresh token the application has.
        access_token_seconds: How long an access token is good for.
        refresh_token_seconds: How long a refresh token is good for unused.
        code_seconds: How long the code of a sign-in is good for.
        device_seconds: How long a person may take to enter a device's code.
        device_interval: How often a device may ask.
        token_calls_per_second: Calls of the token endpoint that are let through in a second.
        seed: Makes what is random repeatable.
        host_names: Names beside `localhost` under which its page may be opened.
        kept_requests: How many received requests are remembered.
        kept_bytes: How many bytes of their bodies and answers; 0 keeps none.
    """

    token: str | None = attrs.field(default="sandbox-token", repr=lambda _: "'***'")
    lists: tuple[str, ...] = attrs.field(default=("Newsletter",), converter=_texts)
    custom_fields: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    activity_seconds: float = 1.0
    per_second: int = 4
    per_day: int = 10_000
    window: Literal["fixed", "sliding"] = "fixed"
    counts_refused: bool = False
    max_queued: int = 1_000
    max_bytes: int = 4_000_000
    max_request_bytes: int = 10_485_760
    max_lines: int = 40_000
    activity_life: float = 10 * DAY
    source_file_name: Literal["echoed", "mangled", "missing"] = "echoed"
    list_delay: float = 0.0
    member_delay: float = 0.0
    doubles: Literal["last", "first", "refused"] = "last"
    blank_cells: Literal["kept", "erased"] = "kept"
    unknown_headings: Literal["ignored", "failed"] = "ignored"
    person_count: Literal["read", "stored"] = "read"
    removed_exports: Literal["left", "deleted", "refused"] = "left"
    has_wrong_self_links: bool = True
    expands_addresses: bool = True
    confirmed_opt_in: bool = False
    existing_opt_in: Literal["explicit", "pending_confirmation", "unchanged"] = "explicit"
    tries_per_day: int | None = 5
    block_seconds: float = 2 * DAY
    put_needs_email: bool = False
    may_lower_permission: bool = False
    latency: float = 0.0
    latency_jitter: float = 0.0
    client_id: str = "sandbox-client"
    client_secret: str = attrs.field(default="sandbox-secret", repr=lambda _: "'***'")
    redirect_uris: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    consent: Literal["asked", "allowed", "denied"] = "asked"
    refresh_tokens: Literal["rotating", "long_lived"] = "rotating"
    access_token_seconds: float = DAY
    refresh_token_seconds: float = 180 * DAY
    code_seconds: float = 300.0
    device_seconds: float = 600.0
    device_interval: float = 5.0
    token_calls_per_second: int = 1
    seed: int | None = None
    host_names: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    kept_requests: int = 2_000
    kept_bytes: int = 32_000_000
