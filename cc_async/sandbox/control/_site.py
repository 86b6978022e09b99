"""The sandbox's own site: its page, and the controls behind it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from cc_async.sandbox._call import Call
from cc_async.sandbox.control._account_control import AccountControl
from cc_async.sandbox.control._control_api import CONTROLS, ControlHandler
from cc_async.sandbox.http import ErrorReply, IncomingRequest, refuse_foreign_pages, unknown_path
from cc_async.wire import Reply

_PAGE_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; connect-src 'self'; img-src data:; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'",
}


def show_page(control: AccountControl, call: Call) -> Reply:
    """Return the page for a browser."""
    page = files("cc_async.sandbox.control").joinpath("_page.html").read_bytes()
    return Reply(200, _PAGE_HEADERS, page)


SITE: Mapping[tuple[str, str], ControlHandler] = {("GET", "/"): show_page, **CONTROLS}


def answer_site(control: AccountControl, request: IncomingRequest) -> Reply:
    """Answer a request to the sandbox's own site."""
    try:
        refuse_foreign_pages(request, control.settings.host_names)
        handler = SITE.get((request.method, request.path))
        if handler is None:
            raise unknown_path()
        return handler(control, Call(control.state, request, request.path))
    except ErrorReply as refusal:
        return refusal.reply
