"""The sandbox's page in a real browser: an import watched to its end, a fault seen to bite.

Skipped where playwright or a Chromium is not installed. With CC_ASYNC_SCREENSHOT set to a path,
a picture of the page is left there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from cc_async.sandbox import Sandbox, SandboxServer, SandboxSettings
from tests.support.sandbox_calls import AUTH

playwright = pytest.importorskip("playwright.async_api")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
SCREENSHOT = os.environ.get("CC_ASYNC_SCREENSHOT")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed"),
]


@pytest.fixture
async def sandbox() -> Sandbox:
    """An account with a few contacts and slow imports."""
    made = Sandbox(SandboxSettings(lists=["Newsletter", "Spring fair"], activity_seconds=4))
    newsletter, fair = (one.list_id for one in made.contact_lists)
    made.add_contact("ana@example.com", lists=(newsletter,), first_name="Ana", last_name="Lima")
    made.add_contact("ben@example.com", lists=(newsletter, fair), permission="explicit")
    made.add_contact("cleo@example.com", permission="unsubscribed", first_name="Cleo")
    return made


@pytest.fixture
async def server(sandbox: Sandbox) -> AsyncIterator[SandboxServer]:
    """The sandbox on a port."""
    async with sandbox.serve() as running:
        yield running


@pytest.fixture
async def page(server: SandboxServer) -> AsyncIterator[Any]:
    """The sandbox's page in a browser, with all errors of its script collected."""
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = await browser.new_page(viewport={"width": 1280, "height": 1100})
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        await opened.goto(server.origin)
        yield opened
        await browser.close()
        assert errors == []


async def send_import(server: SandboxServer, list_id: str) -> None:
    """Import a thousand contacts, one of them invalid."""
    rows = [{"email": f"person-{n}@example.com"} for n in range(999)] + [{"email": "nobody"}]
    async with (
        aiohttp.ClientSession(headers=AUTH) as http,
        http.post(
            f"{server.url}/activities/contacts_json_import",
            json={"import_data": rows, "list_ids": [list_id]},
        ) as reply,
    ):
        assert reply.status == 201


async def test_the_page_follows_an_import_to_its_end(
    sandbox: Sandbox, server: SandboxServer, page: Any
) -> None:
    """The page updates itself: progress, then counters, then contacts."""
    expect = playwright.expect
    await send_import(server, sandbox.contact_lists[0].list_id)
    activities = page.locator("#activities")
    await expect(activities.get_by_text("processing")).to_be_visible(timeout=10_000)
    await expect(activities.get_by_text("completed")).to_be_visible(timeout=10_000)
    await expect(activities.get_by_text("1,000 contacts, 1 to correct")).to_be_visible()
    await expect(page.locator("#people")).to_have_text("1,002")
    await page.get_by_label("Search").fill("person-99")
    await expect(page.locator("#contacts tbody tr")).to_have_count(10)
    await expect(page.locator("#contacts")).to_contain_text("Newsletter")
    if SCREENSHOT:
        await page.screenshot(path=SCREENSHOT)


async def test_a_fault_is_switched_on_by_keyboard(server: SandboxServer, page: Any) -> None:
    """The request, its reply and the fault show in the list."""
    expect = playwright.expect
    button = page.get_by_role("button", name="503-html")
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(button).to_have_attribute("aria-pressed", "true")
    await expect(button).to_be_focused()
    async with aiohttp.ClientSession(headers=AUTH) as http:
        async with http.get(f"{server.url}/contacts?limit=1") as reply:
            assert reply.status == 503
        async with http.get(f"{server.url}/contacts?limit=1") as reply:
            assert reply.status == 200
    await expect(button).to_have_attribute("aria-pressed", "false")
    entry = page.locator("#received details").nth(1)
    await expect(entry).to_contain_text("503-html")
    await entry.locator("summary").click()
    await expect(entry).to_contain_text("The request could not be satisfied")
    await page.wait_for_timeout(1_500)
    await expect(entry).to_have_attribute("open", "")
    assert "sandbox-token" not in await page.content()


async def test_the_page_fits_a_phone(page: Any) -> None:
    """Nothing is wider than the screen."""
    await page.set_viewport_size({"width": 360, "height": 700})
    await playwright.expect(page.locator("#lists")).to_contain_text("Newsletter")
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360
