"""One request on its way through the sandbox, with everything a handler may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

import attrs
import orjson

from cc_async.sandbox._answers import invalid, wrong_media_type
from cc_async.sandbox._cursors import Paging
from cc_async.sandbox._settings import SandboxSettings
from cc_async.sandbox._state import State
from cc_async.wire import JSON


@attrs.frozen
class Incoming:
    """A request as it arrived; *headers* have lower-case names."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = attrs.field(repr=False)
    at: float

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def parse_query(query: str) -> dict[str, str]:
    """Return a query's values by name; one that comes twice counts as a comma list."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


@attrs.define(slots=False)
class Call:
    """A request that found its route. *ids* are the variable parts of its path."""

    state: State
    request: Incoming
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

    def paging(self, *, most: int, default: int = 50) -> Paging:
        return self.state.cursors.read(self.path, self.params, default=default, most=most)

    def json_object(self) -> dict[str, Any]:
        """Return the body without its nulls, which mean the same as absence.

        Raises:
            Refusal: 415 for another content type, 400 for a body that is no JSON object.
        """
        if self.request.media_type != JSON:
            raise wrong_media_type()
        try:
            said = orjson.loads(self.request.body)
        except orjson.JSONDecodeError:
            raise invalid("JSON is malformed") from None
        if not isinstance(said, dict):
            raise invalid("JSON is malformed")
        return {key: value for key, value in said.items() if value is not None}
