"""`cc-async login`, `logout`, `whoami` and `keepalive` against a sandbox on a port."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import attrs
import orjson
import pytest

from cc_async.sandbox import Sandbox, SandboxSettings
from tests.support.command import call, serving
from tests.support.ports import free_port

SETTINGS = SandboxSettings(
    per_second=100, consent="allowed", device_interval=0.05, token_calls_per_second=100
)


@contextlib.contextmanager
def signing_in(settings: SandboxSettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Serve a sandbox that asks for a sign-in; state is on disk."""
    with serving(settings, monkeypatch) as sandbox:
        base = os.environ["CC_ASYNC_BASE_URL"]
        monkeypatch.setenv("CC_ASYNC_AUTH_URL", base.replace("/v3", "/oauth2/default/v1"))
        monkeypatch.setenv("CC_ASYNC_CLIENT_ID", settings.client_id)
        monkeypatch.delenv("CC_ASYNC_ACCESS_TOKEN")
        monkeypatch.delenv("CC_ASYNC_STORE")
        yield sandbox


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with signing_in(SETTINGS, monkeypatch) as sandbox:
        yield sandbox


def test_after_login_every_command_works(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """After `login` every command works, and knows its application."""
    before = call("lists")
    assert before.code == 3
    assert "cc-async login" in before.err
    ended = call("login")
    assert ended.code == 0
    assert re.search(r"open http://\S+/activate\?user_code=(\w+) .*\n.* code \1", ended.err)
    assert "You are signed in." in ended.out
    monkeypatch.delenv("CC_ASYNC_CLIENT_ID")
    assert "Newsletter" in call("lists").out


def test_whoami_shows_the_sign_in(sandbox: Sandbox) -> None:
    """Account, scopes, privileges and both ends are shown, and no token."""
    call("login")
    status = call("whoami", "--json").json
    assert status["organization_name"]
    assert status["scopes"] == ["account_read", "contact_data", "offline_access"]
    assert "contacts:write" in status["privileges"]
    assert status["missing"] == []
    assert status["token_expires_at"] < status["grant_expires_at"]
    assert "Signed in" in call("whoami").out


def test_whoami_names_what_is_missing(sandbox: Sandbox) -> None:
    """A missing scope and a missing privilege are named."""
    login = call("login", "--scope", "offline_access")
    assert login.code == 0
    sandbox.rights.privileges.remove("contacts:write")
    status = call("whoami", "--json").json
    assert status["missing"] == ["scope contact_data", "privilege contacts:write"]
    assert status["organization_name"] is None
    text = call("whoami").out
    assert "lacks the scope account_read" in text
    assert "Missing for imports: the privilege contacts:write." in text


def test_login_without_offline_access_shows_its_end(sandbox: Sandbox) -> None:
    """A sign-in that cannot be renewed is announced at once."""
    ended = call("login", "--scope", "contact_data")
    assert ended.code == 0
    assert "offline_access was not granted" in ended.out


def test_a_sign_in_that_cannot_be_renewed_says_so_from_the_start(sandbox: Sandbox) -> None:
    """In text and JSON of login, whoami and keepalive; keepalive ends with 3."""
    assert call("login", "--json").json["is_renewable"] is True
    assert call("whoami", "--json").json["is_renewable"] is True
    assert call("keepalive", "--json").json["profiles"][0]["is_renewable"] is True
    assert call("login", "--scope", "contact_data", "--json").json["is_renewable"] is False
    assert call("whoami", "--json").json["is_renewable"] is False
    assert "cannot be renewed. It ends at 20" in call("whoami").out
    ended = call("keepalive", "--json")
    assert ended.code == 3
    (profile,) = ended.json["profiles"]
    assert profile["is_renewable"] is False
    assert "cannot be renewed" in profile["error"]
    assert "has ended" not in profile["error"]
    assert "cannot be renewed" in " ".join(call("keepalive").out.split())


def test_a_denied_command_names_the_missing_privilege(sandbox: Sandbox) -> None:
    """A denied command names the privilege it takes, and ends with 3."""
    call("login")
    sandbox.rights.privileges.remove("contacts:lists:read")
    ended = call("lists")
    assert ended.code == 3
    assert "lacks the privilege contacts:lists:read" in ended.err


def test_keepalive_renews(sandbox: Sandbox) -> None:
    """Each named profile is renewed; a profile without a sign-in ends with 3."""
    for profile in ("acme", "globex"):
        assert call("login", "--profile", profile).code == 0
    ended = call("keepalive", "acme", "globex", "--json")
    assert ended.code == 0
    assert [each["profile"] for each in ended.json["profiles"]] == ["acme", "globex"]
    ended = call("keepalive", "acme", "unknown")
    assert ended.code == 3
    assert "There is no sign-in for profile 'unknown'" in ended.out
    renewed = [entry for entry in sandbox.received if b"refresh_token" in entry.body]
    assert len(renewed) == 3


def test_logout_forgets(sandbox: Sandbox, tmp_path: Path) -> None:
    """After `logout` there is no sign-in any more."""
    call("login")
    assert call("logout", "--json").json == {"profile": "default", "was_signed_in": True}
    assert call("logout", "--json").json == {"profile": "default", "was_signed_in": False}
    assert call("lists").code == 3


def test_a_refused_sign_in_names_the_command(sandbox: Sandbox) -> None:
    """After the end of a refresh token the error names the command, in one sentence."""
    call("login", "--profile", "acme")
    sandbox.reset()
    ended = call("lists", "--profile", "acme", "--json")
    assert ended.code == 3
    assert ended.json["error"]["type"] == "AuthError"
    assert "`cc-async login --profile acme`" in ended.json["error"]["message"]


def test_a_declined_login_ends_with_3(monkeypatch: pytest.MonkeyPatch) -> None:
    """A declined sign-in ends with 3 and stores nothing."""
    with signing_in(attrs.evolve(SETTINGS, consent="denied"), monkeypatch):
        ended = call("login")
        assert ended.code == 3
        assert "declined" in ended.err
        assert call("whoami").code == 3


def test_login_names_a_wrong_application(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong API key is an error of its own; a missing one is bad usage."""
    ended = call("login", "--client-id", "nonsense")
    assert ended.code == 3
    assert "does not accept the application" in ended.err
    monkeypatch.delenv("CC_ASYNC_CLIENT_ID")
    assert call("login").code == 2


def test_a_sign_in_in_memory_is_refused(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """`login` refuses to store a sign-in that would vanish with the command."""
    monkeypatch.setenv("CC_ASYNC_STORE", "memory:")
    ended = call("login")
    assert ended.code == 2
    assert "CC_ASYNC_TOKEN_STORE" in ended.err


def test_login_with_a_browser_works(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `--browser` the callback reaches this machine; no argument and no log holds a secret."""
    redirect_uri = f"http://127.0.0.1:{free_port()}/callback"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "cc_async", "login", "--browser", "--json"),
            *("--redirect-uri", redirect_uri),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "BROWSER": "/bin/false", "CC_ASYNC_DEBUG": "1"},
    )
    assert process.stderr is not None
    line = ""
    while "To sign in" not in line:
        line = process.stderr.readline()
    address = re.search(r"http://\S+", line)
    assert address is not None
    with urllib.request.urlopen(address.group()) as page:  # noqa: S310 - our own
        assert "Thank you" in page.read().decode()
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert orjson.loads(out)["profile"] == "default"
    assert "code=" not in err
    assert call("lists").code == 0


@pytest.mark.parametrize("words", [("login",), ("whoami",), ("keepalive",), ("logout",)])
def test_a_sandbox_of_its_own_keeps_nothing(words: tuple[str], tmp_path: Path) -> None:
    """With `--sandbox` each command works without an account, and leaves no file."""
    ended = call(*words, "--sandbox", "--json")
    assert ended.code == 0, ended.err
    assert ended.json
    assert not list((tmp_path / "home").glob("*"))
