"""Schemathesis with the provider's contract finds no answer that the contract does not allow.

The contract is not part of this package: the test looks for it where CC_ASYNC_CONTRACT says,
or beside the repository, and is skipped where it is not.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
import urllib3
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import checks
from schemathesis.specs.openapi.checks import (
    response_headers_conformance,
    response_schema_conformance,
)

from cc_async.sandbox import Sandbox
from tests.support.sandbox_calls import AUTH, make_caller

ROOT = Path(__file__).parents[2]
CONTRACT = Path(
    os.environ.get("CC_ASYNC_CONTRACT", ROOT / "../shared/api/openapi/contacts-slice.yml")
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CONTRACT.exists(), reason="the provider's contract is not here"),
]

UNDECLARED = {
    "GET /contact_lists/{list_id}": {400},  # a wrong query value is refused everywhere
    "PUT /contact_lists/{list_id}": {409, 415},  # names stay unique when they change
    "PUT /contact_custom_fields/{custom_field_id}": {409, 415},  # as labels do
}
"""What the sandbox answers beyond the contract, each with its reason."""


class InProcess(requests.adapters.HTTPAdapter):
    """Hands requests to the sandbox's core, without a network."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self._sandbox = sandbox

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        path, _, query = request.path_url.partition("?")
        body = request.body or b""
        data = body.encode() if isinstance(body, str) else body
        headers = {name: str(value) for name, value in request.headers.items()}
        reply = self._sandbox.answer(request.method or "", path, query, headers, data)
        raw = urllib3.HTTPResponse(
            io.BytesIO(reply.body), reply.headers, reply.status, preload_content=False
        )
        return self.build_response(request, raw)


def make_account() -> tuple[Sandbox, dict[str, str]]:
    """Return an account with one thing of each kind, and their ids by name."""
    caller = make_caller(custom_fields=("Vehicle",), attempts_per_day=None, activity_seconds=0)
    sandbox = caller.sandbox
    tag = sandbox.add_tag("gold").tag_id
    contact = sandbox.add_contact("dlang@example.com", lists=(caller.list_id,)).contact_id or ""
    activity = caller.import_rows([{"email": "ana@example.com"}])
    export = caller.call("POST", "/activities/contact_exports", {})[1]["activity_id"]
    done = caller.finished(export)
    return sandbox, {
        "contact": contact,
        "list": caller.list_id,
        "tag": tag,
        "custom_field": sandbox.custom_fields[0].custom_field_id,
        "activity": activity,
        "file_export": done["_links"]["results"]["href"].rsplit("/", 1)[1],
    }


def with_known_ids(value: Any, ids: dict[str, str], name: str = "") -> Any:
    """Put known ids in the place of invented ones."""
    if isinstance(value, dict):
        return {key: with_known_ids(item, ids, key) for key, item in value.items()}
    if isinstance(value, list):
        return [with_known_ids(item, ids, name) for item in value]
    known = {"list_memberships": "list", "taggings": "tag"}.get(
        name, name.removesuffix("s").removesuffix("_id")
    )
    return ids.get(known, value) if isinstance(value, str) and len(value) == 36 else value


def operations() -> list[Any]:
    """Return every operation of the contract."""
    if not CONTRACT.exists():
        return []
    schema = schemathesis.openapi.from_path(str(CONTRACT))
    return [found.ok() for found in schema.get_all_operations()]


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.label)
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("is_known", [True, False], ids=["known", "unknown"])
def test_no_reply_breaks_the_contract(
    operation: Any, mode: schemathesis.GenerationMode, is_known: bool
) -> None:
    """Valid and invalid requests, with known and unknown ids, never get a 500."""
    sandbox, ids = make_account()
    session = requests.Session()
    session.mount("http://", InProcess(sandbox))
    declared = {int(status) for status in operation.definition.raw["responses"]}

    @settings(
        max_examples=20, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def fuzz(case: schemathesis.Case) -> None:
        if is_known:
            case.body = with_known_ids(case.body, ids)
            for name in case.path_parameters or {}:
                case.path_parameters[name] = ids[name.removesuffix("_id")]
        response = case.call(base_url="http://sandbox/v3", session=session, headers=dict(AUTH))
        case.validate_response(response, checks=[checks.not_a_server_error])
        if response.status_code in {403, 405}:
            return  # a path without its id is another path, or none
        allowed = declared | UNDECLARED.get(operation.label, set())
        assert response.status_code in allowed, response.text
        if response.status_code < 300:
            case.validate_response(
                response, checks=[response_schema_conformance, response_headers_conformance]
            )

    try:
        fuzz()
    except Unsatisfiable:
        pytest.skip("the operation takes nothing that could be wrong")
