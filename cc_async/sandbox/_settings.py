"""The settings of a sandbox: a switch for every choice that the provider does not document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, get_args, get_origin, get_type_hints

import attrs

from cc_async.errors import InvalidRequestError

DAY = 86_400.0
"""Seconds."""

KNOWN_TOKEN = "sandbox-token"  # noqa: S105 - the default, which is no secret


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(texts)


@attrs.frozen(kw_only=True)
class SandboxSettings:
    """How the sandbox behaves. The defaults follow the documentation, or else observation.

    Args:
        token: The one bearer token that is accepted; `None` accepts any.
        accounts: Further accounts of the same application: a bearer token for each, and the login
            of its user, such as `{"second-token": "tim@example.com"}`. All share the limits.
        lists: Names of the lists the account starts with.
        custom_fields: Labels of the text fields the account starts with.
        activity_seconds: How long a bulk activity takes.
        per_second: Requests allowed in one second.
        per_day: Requests allowed until 00:00 UTC.
        window: Whether a second starts at the full second or at each request.
        counts_refused: Whether a refused request uses up budget too.
        max_queued: Bulk activities that may wait or run at once.
        max_bytes: How much of an import's body is read; the rest is dropped silently.
        max_request_bytes: The largest request body that the gateway accepts.
        max_lines: How many lines of an import are read, the heading of a CSV included.
        activity_life: Seconds for which an activity can be looked up.
        source_file_name: Whether an activity returns the uploaded file's name, another, or none.
        list_delay: Seconds until a new activity appears in the list of activities.
        member_delay: Seconds until a changed contact appears when a list is read.
        duplicates: The row that wins where an address comes twice in one import.
        blank_cells: Whether a blank cell of a CSV keeps or erases the stored value.
        unknown_headings: Whether an unknown heading is ignored or fails the import.
        person_count: Whether an import counts the contacts it read or the ones it stored.
        removed_exports: The contacts in an export of a list with the status `removed`: all that
            left the list, only the deleted ones among them, or none because the status is refused.
        has_wrong_self_links: Whether activities carry the misleading links that were observed.
        expands_addresses: Whether `IL` and `US` are stored as `Illinois` and `United States`.
        confirmed_opt_in: Whether new sign-ups wait for a confirmation.
        existing_opt_in: The permission that a sign-up gives a known contact while
            *confirmed_opt_in* is on.
        attempts_per_day: Sign-ups of one address in 24 hours before it is blocked.
        block_seconds: How long it stays blocked.
        put_needs_email: Whether a `PUT` of a contact without its address is refused.
        may_lower_permission: Whether `explicit` may be lowered to `implicit`.
        latency: Seconds that every reply takes.
        latency_jitter: Random seconds added to it, at most.
        client_id: The application's API key.
        client_secret: The secret of a confidential application.
        redirect_uris: Addresses the browser may be sent back to; none means any.
        consent: Whether the browser shows a page with Allow and Deny, or the reply is fixed.
        refresh_tokens: The kind of refresh token the application has.
        access_token_seconds: Lifetime of an access token.
        refresh_token_seconds: Lifetime of an unused refresh token.
        code_seconds: Lifetime of an authorization code.
        device_seconds: Lifetime of a device code.
        device_interval: Seconds between two polls of a device.
        token_calls_per_second: Calls of the token endpoint allowed in a second.
        seed: Makes random values repeatable.
        host_names: Names, beside `localhost`, under which the page and, with the default token,
            the API are reached.
        kept_requests: How many received requests are remembered.
        kept_bytes: How many bytes of their bodies and replies are kept; 0 keeps none.

    Raises:
        InvalidRequestError: A setting has none of its words.
    """

    token: str | None = attrs.field(default=KNOWN_TOKEN, repr=lambda _: "'***'")
    accounts: Mapping[str, str] = attrs.field(factory=dict, repr=lambda found: f"<{len(found)}>")
    lists: tuple[str, ...] = attrs.field(default=("Newsletter",), converter=_texts)
    custom_fields: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    activity_seconds: float = 1.0
    # https://developer.constantcontact.com/api_guide/rate_limits.html
    per_second: int = 4
    per_day: int = 10_000
    window: Literal["fixed", "sliding"] = "fixed"
    counts_refused: bool = False
    # https://developer.constantcontact.com/api_guide/bulk_activities.html
    max_queued: int = 1_000
    # https://developer.constantcontact.com/api_guide/import_contacts.html
    max_bytes: int = 4_000_000
    max_request_bytes: int = 10_485_760
    max_lines: int = 40_000
    # https://developer.constantcontact.com/api_guide/activity_status.html
    activity_life: float = 10 * DAY
    source_file_name: Literal["echoed", "mangled", "missing"] = "echoed"
    list_delay: float = 0.0
    member_delay: float = 0.0
    duplicates: Literal["last", "first", "refused"] = "last"
    blank_cells: Literal["kept", "erased"] = "kept"
    unknown_headings: Literal["ignored", "failed"] = "ignored"
    person_count: Literal["read", "stored"] = "read"
    removed_exports: Literal["left", "deleted", "refused"] = "left"
    has_wrong_self_links: bool = True
    expands_addresses: bool = True
    confirmed_opt_in: bool = False
    existing_opt_in: Literal["explicit", "pending_confirmation", "unchanged"] = "explicit"
    # https://developer.constantcontact.com/api_guide/contacts_create_or_update.html
    attempts_per_day: int | None = 5
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
    # https://developer.constantcontact.com/api_guide/server_flow.html
    access_token_seconds: float = DAY
    refresh_token_seconds: float = 180 * DAY
    code_seconds: float = 300.0
    # https://developer.constantcontact.com/api_guide/device_flow.html
    device_seconds: float = 600.0
    device_interval: float = 5.0
    token_calls_per_second: int = 1
    seed: int | None = None
    host_names: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    kept_requests: int = 2_000
    kept_bytes: int = 32_000_000

    def __attrs_post_init__(self) -> None:
        for name, kind in get_type_hints(type(self)).items():
            words = get_args(kind) if get_origin(kind) is Literal else ()
            if words and getattr(self, name) not in words:
                raise InvalidRequestError(
                    f"{name} has no value {getattr(self, name)!r}",
                    f"Take one of {', '.join(map(repr, words))}.",
                    name,
                )

    @property
    def has_known_token(self) -> bool:
        """Whether a foreign program can know the token, or needs none."""
        return self.token in (None, KNOWN_TOKEN)
