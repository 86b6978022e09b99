"""One request on its way through the sandbox, together with the account it is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import attrs
import orjson

from cc_async.sandbox._settings import SandboxSettings
from cc_async.sandbox.http import (
    IncomingRequest,
    Paging,
    bad_request,
    parse_query,
    unsupported_media_type,
)
from cc_async.sandbox.storage import AccountState
from cc_async.wire import JSON, Reply


@attrs.define(slots=False)
class Call:
    """A request with its route. *ids* are the variable parts of its path."""

    state: AccountState
    request: IncomingRequest
    path: str
    ids: tuple[str, ...] = ()

    @property
    def now(self) -> float:
        return self.request.at

    @property
    def settings(self) -> SandboxSettings:
        return self.state.settings

    @property
    def id(self) -> str:
        """The one id in the path."""
        return self.ids[0]

    @cached_property
    def params(self) -> Mapping[str, str]:
        return parse_query(self.request.query)

    def paging(self, *, max_limit: int, default: int = 50) -> Paging:
        return self.state.cursors.read(self.path, self.params, default=default, max_limit=max_limit)

    def json_object(self) -> dict[str, Any]:
        """Return the body without its nulls: a null means the same as an absent property.

        Raises:
            ErrorReply: 415 for another content type, 400 for a body that is no JSON object.
        """
        if self.request.media_type != JSON:
            raise unsupported_media_type()
        try:
            body = orjson.loads(self.request.body)
        except orjson.JSONDecodeError:
            raise bad_request("JSON is malformed") from None
        if not isinstance(body, dict):
            raise bad_request("JSON is malformed")
        return {key: value for key, value in body.items() if value is not None}


Operation = Callable[[Call], Reply]
"""Carries a call out and returns the reply, or raises an `ErrorReply`."""
