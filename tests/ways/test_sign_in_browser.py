"""`cc-async login` in both forms, with a real browser.

Skipped where playwright or a Chromium is not installed.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from cc_async.sandbox import Sandbox, SandboxServer, SandboxSettings
from tests.support.ports import free_port

playwright = pytest.importorskip("playwright.async_api")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed"),
]


@pytest.fixture
async def sandbox() -> Sandbox:
    return Sandbox(SandboxSettings(device_interval=1.0, token_calls_per_second=100))


@pytest.fixture
async def server(sandbox: Sandbox) -> AsyncIterator[SandboxServer]:
    async with sandbox.serve() as running:
        yield running


@pytest.fixture
async def page() -> AsyncIterator[Any]:
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield await browser.new_page()
        await browser.close()


async def start(server: SandboxServer, *words: str) -> asyncio.subprocess.Process:
    """Start the command in a process, with a debug log."""
    variables = {
        "CC_ASYNC_BASE_URL": server.url,
        "CC_ASYNC_AUTH_URL": server.authorization_url,
        "CC_ASYNC_CLIENT_ID": "sandbox-client",
        "CC_ASYNC_DEBUG": "1",
        "BROWSER": shutil.which("true") or "",
    }
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cc_async", *words, "--json"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **variables},
    )


async def address_in(process: asyncio.subprocess.Process) -> str:
    """Return the address that the command shows."""
    assert process.stderr is not None
    while True:
        line = (await process.stderr.readline()).decode()
        if "To sign in, open" in line:
            found = re.search(r"http://\S+", line)
            assert found is not None
            return found.group()


def secrets_of(sandbox: Sandbox) -> list[str]:
    """Return everything the sandbox has handed out."""
    grants = sandbox.state.grants
    return [*grants.access_tokens, *grants.refresh_tokens]


async def check_end(process: asyncio.subprocess.Process, sandbox: Sandbox) -> None:
    """Check that the sign-in succeeded, and that no secret was shown."""
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    status = orjson.loads(out)
    assert status["scopes"] == ["account_read", "contact_data", "offline_access"]
    assert len(secrets_of(sandbox)) == 2
    for secret in secrets_of(sandbox):
        assert secret not in (out + err).decode()


async def test_a_browser_on_this_machine_signs_in(
    sandbox: Sandbox, server: SandboxServer, page: Any
) -> None:
    """The browser goes to the consent page and back, and its address holds no code at the end."""
    redirect_uri = f"http://localhost:{free_port()}/callback"
    process = await start(server, "login", "--browser", "--redirect-uri", redirect_uri)
    await page.goto(await address_in(process))
    await page.get_by_role("button", name="Allow").click()
    await page.get_by_text("Thank you").wait_for()
    assert "code" not in page.url
    words = Path(f"/proc/{process.pid}/cmdline")
    shown = words.read_text() if words.exists() else ""
    await check_end(process, sandbox)
    assert not any(secret in shown for secret in secrets_of(sandbox))
    process = await start(server, "whoami")
    out, _ = await process.communicate()
    assert orjson.loads(out)["missing"] == []


async def test_a_declined_sign_in_ends_the_command(server: SandboxServer, page: Any) -> None:
    """The button Deny ends the command with code 3 and one sentence."""
    redirect_uri = f"http://127.0.0.1:{free_port()}/"
    process = await start(server, "login", "--browser", "--redirect-uri", redirect_uri)
    await page.goto(await address_in(process))
    await page.get_by_role("button", name="Deny").click()
    out, _ = await process.communicate()
    assert process.returncode == 3
    assert "declined" in orjson.loads(out)["error"]["message"]


async def test_a_browser_on_another_device_signs_in(
    sandbox: Sandbox, server: SandboxServer, page: Any
) -> None:
    """The command waits until the user has opened its address and consented."""
    process = await start(server, "login")
    await page.goto(await address_in(process))
    await asyncio.sleep(2.5)  # the command asks a few times in vain
    await page.get_by_role("button", name="Allow").click()
    await page.get_by_text("You can go back to your device").wait_for()
    await check_end(process, sandbox)
    waited = [entry.status for entry in sandbox.received if b"device_code" in entry.body]
    assert waited[-1] == 200
    assert 400 in waited
