"""What this package offers to other people's tests."""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from cc_async import ConstantContact, SignUp
from cc_async.auth import AccessToken
from cc_async.sandbox import Sandbox
from cc_async.testing.checks import CheckTokenSource, CheckTransport
from cc_async.transport import AiohttpTransport

ROOT = Path(__file__).parents[2]


class TestAiohttpTransport(CheckTransport):
    """The transport of this package passes its own checks."""

    @pytest.fixture
    def make_transport(self) -> Callable[[str], AiohttpTransport]:
        return AiohttpTransport


class TestAccessToken(CheckTokenSource):
    """The plain token passes the checks of token sources."""

    @pytest.fixture
    def token_source(self) -> AccessToken:
        return AccessToken("a-token")


async def test_the_fixtures_stand_on_one_sandbox(
    cc_sandbox: Sandbox, cc_client: ConstantContact
) -> None:
    """What the client does is seen in the sandbox, and nothing has to be opened or closed."""
    lists = [cc_sandbox.contact_lists[0].list_id]
    await cc_client.contacts.sign_up(SignUp("a@example.com", lists))
    assert cc_sandbox.find_contact("a@example.com") is not None


@pytest.mark.looptime
@pytest.mark.cc_sandbox(lists=["One", "Two"], per_second=4, activity_seconds=3600)
async def test_a_mark_changes_the_sandbox_and_time_can_be_virtual(
    cc_sandbox: Sandbox, cc_client: ConstantContact
) -> None:
    """An activity of an hour, at four requests a second, is waited for in no time."""
    report = await cc_client.bulk.import_contacts([{"email": "a@example.com"}], lists=["Two"])
    assert report.is_all_accepted
    assert [entry.name for entry in cc_sandbox.contact_lists] == ["One", "Two"]


def test_the_sandbox_has_an_address_for_programs_of_any_kind(
    cc_sandbox: Sandbox, cc_sandbox_url: str
) -> None:
    """The fixture with a port serves the very sandbox that the test looks into."""
    import urllib.request

    asked = urllib.request.Request(  # noqa: S310 - the address is ours
        cc_sandbox_url + "/contact_lists", headers={"Authorization": "Bearer sandbox-token"}
    )
    with urllib.request.urlopen(asked) as reply:  # noqa: S310
        assert b"Newsletter" in reply.read()
    assert len(cc_sandbox.received) == 1


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_fresh_project_gets_the_fixtures_by_installing_the_package(tmp_path: Path) -> None:
    """In an environment of its own, with nothing but the package, the README's test runs."""
    shown = (ROOT / "README.md").read_text().split("## Test your own program")[1]
    example = shown.split("```python\n")[1].split("```")[0]
    (tmp_path / "test_shop.py").write_text(example)
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    packages = [str(ROOT), "pytest", "pytest-asyncio"]
    subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True, cwd=tmp_path)
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout
    assert sys.prefix not in done.stdout
