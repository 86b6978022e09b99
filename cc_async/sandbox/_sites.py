"""What the sandbox answers beside the API: its page, its controls, and signing in."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING

from cc_async.sandbox import _oauth
from cc_async.sandbox._answers import Refusal, unknown_path
from cc_async.sandbox._call import Call, Incoming
from cc_async.sandbox._control import CONTROLS, Control
from cc_async.sandbox._guard import refuse_strangers
from cc_async.sandbox._state import State
from cc_async.wire import Reply

if TYPE_CHECKING:
    from cc_async.sandbox._sandbox import Sandbox

_PAGE_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; connect-src 'self'; img-src data:; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'",
}

SIGN_IN: Mapping[tuple[str, str], _oauth.Handler] = {
    ("GET", f"{_oauth.AUTHORIZATION_PREFIX}/authorize"): _oauth.authorize,
    ("POST", f"{_oauth.AUTHORIZATION_PREFIX}/authorize"): _oauth.allow_authorization,
    ("POST", f"{_oauth.AUTHORIZATION_PREFIX}/token"): _oauth.exchange,
    ("POST", f"{_oauth.AUTHORIZATION_PREFIX}/device/authorize"): _oauth.authorize_device,
    ("GET", "/activate"): _oauth.activate,
    ("POST", "/activate"): _oauth.allow_activation,
}


def show_page(sandbox: Sandbox, call: Call) -> Reply:
    """The page to look at."""
    return Reply(200, _PAGE_HEADERS, files("cc_async.sandbox").joinpath("_page.html").read_bytes())


SITE: Mapping[tuple[str, str], Control] = {("GET", "/"): show_page, **CONTROLS}


def answer_site(sandbox: Sandbox, request: Incoming) -> Reply:
    """Answer for the sandbox itself."""
    try:
        refuse_strangers(request, sandbox.settings.host_names)
        control = SITE.get((request.method, request.path))
        if control is None:
            raise unknown_path()
        return control(sandbox, Call(sandbox.state, request, request.path))
    except Refusal as refusal:
        return refusal.reply


def sign_in(state: State, request: Incoming) -> Reply:
    """Answer for the authorization server.

    Raises:
        Refusal: The request is wrong, or a stranger's.
    """
    handler = SIGN_IN.get((request.method, request.path))
    if handler is None:
        raise unknown_path()
    if handler in {_oauth.allow_authorization, _oauth.allow_activation}:
        refuse_strangers(request, state.settings.host_names)
    return handler(Call(state, request, request.path))
