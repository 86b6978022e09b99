"""Paths of the authorization server."""

from __future__ import annotations

from collections.abc import Mapping

from cc_async.sandbox._call import Call, Operation
from cc_async.sandbox.http import (
    AUTHORIZATION_PREFIX,
    IncomingRequest,
    refuse_foreign_pages,
    unknown_path,
)
from cc_async.sandbox.oauth._authorization import decide_consent, show_consent
from cc_async.sandbox.oauth._device_activation import (
    authorize_device,
    decide_activation,
    show_activation,
)
from cc_async.sandbox.oauth._token_endpoint import exchange
from cc_async.sandbox.storage import AccountState
from cc_async.wire import Reply

SIGN_IN_ROUTES: Mapping[tuple[str, str], Operation] = {
    ("GET", f"{AUTHORIZATION_PREFIX}/authorize"): show_consent,
    ("POST", f"{AUTHORIZATION_PREFIX}/authorize"): decide_consent,
    ("POST", f"{AUTHORIZATION_PREFIX}/token"): exchange,
    ("POST", f"{AUTHORIZATION_PREFIX}/device/authorize"): authorize_device,
    ("GET", "/activate"): show_activation,
    ("POST", "/activate"): decide_activation,
}


def sign_in(state: AccountState, request: IncomingRequest) -> Reply:
    """Answer a request to the authorization server.

    Raises:
        ErrorReply: The request is invalid, or comes from a foreign web page.
    """
    operation = SIGN_IN_ROUTES.get((request.method, request.path))
    if operation is None:
        raise unknown_path()
    if operation in {decide_consent, decide_activation}:
        refuse_foreign_pages(request, state.settings.host_names)
    return operation(Call(state, request, request.path))
