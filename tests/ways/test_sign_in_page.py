"""The examples of docs/sign-in.md run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from cc_async.stores import default_home, default_store_url, open_store
from cc_async.transport import AiohttpTransport
from tests.support.granted import granted

PAGE = (Path(__file__).parents[2] / "docs" / "sign-in.md").read_text(encoding="utf-8")


def shown() -> dict[str, Any]:
    """Return the names that the Python of the page defines."""
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        exec(compile(block, "sign-in.md", "exec"), names)  # noqa: S102 - the page is ours
    return names


async def test_the_web_application_of_the_page_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user is redirected, comes back, and is a profile for a client."""
    code = shown()
    store = open_store(default_store_url(default_home()))
    async with granted() as service:
        settings = service.sandbox.settings
        monkeypatch.setenv("CC_ASYNC_BASE_URL", service.url)
        monkeypatch.setenv("CC_ASYNC_AUTH_URL", service.auth_url)
        monkeypatch.setenv("CC_ASYNC_CLIENT_ID", settings.client_id)
        monkeypatch.setenv("CC_ASYNC_CLIENT_SECRET", settings.client_secret)
        transport = AiohttpTransport(service.auth_url)
        flow = code["make_flow"](
            settings.client_id, settings.client_secret, store, transport, service.auth_url
        )
        session: dict[str, Any] = {}
        url = code["start_sign_in"](flow, session)
        async with (
            aiohttp.ClientSession() as browser,
            browser.get(url, allow_redirects=False) as reply,
        ):
            address = reply.headers["Location"]
        status = await code["finish_sign_in"](flow, session, address, "acme")
        assert status.profile == "acme"
        assert await code["names_of_lists"]("acme") == ["Newsletter"]
        await transport.aclose()
    await store.aclose()
