"""The plain pages of a sign-in: consent, and a message of one sentence."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from html import escape

from cc_async.wire import Reply

_STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem;"
    "color:#1b1f24;background:#fff}button{font:inherit;padding:.6rem 1.4rem;margin:0 .6rem .6rem 0;"
    "border:1px solid #57606a;border-radius:.4rem;background:#f6f8fa;cursor:pointer}"
    "button.main{background:#0b57d0;border-color:#0b57d0;color:#fff}"
    "button:focus-visible{outline:3px solid #f5a623;outline-offset:2px}"
)


def _page(status: int, title: str, content: str) -> Reply:
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}'
        f'</title><meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"</head><body><main><h1>{escape(title)}</h1>{content}</main></body></html>"
    )
    headers = {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; "
        "frame-ancestors 'none'",
    }
    return Reply(status, headers, text.encode())


def consent_page(scopes: Iterable[str], client_id: str, logins: Collection[str]) -> Reply:
    """Return the page that asks whether an application may have *scopes*, and of which user."""
    items = "".join(f"<li><code>{escape(scope)}</code></li>" for scope in sorted(scopes))
    content = (
        f"<p>The application <code>{escape(client_id)}</code> asks for:</p><ul>{items}</ul>"
        f'<form method="post">{_choice_of(logins)}<button class="main" name="decision" value="allow">Allow</button>'
        '<button name="decision" value="deny">Deny</button></form>'
        "<p>This is a sandbox: nothing here reaches a real account.</p>"
    )
    return _page(200, "Allow access?", content)


def _choice_of(logins: Collection[str]) -> str:
    """Return a choice of users, if there is one."""
    if len(logins) < 2:
        return ""
    options = "".join(f"<option>{escape(login)}</option>" for login in logins)
    return f'<p><label>Sign in as <select name="login">{options}</select></label></p>'


def message_page(status: int, text: str) -> Reply:
    """Return a page with one sentence."""
    return _page(status, "Constant Contact sandbox", f"<p>{escape(text)}</p>")
