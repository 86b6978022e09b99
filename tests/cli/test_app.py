"""Help and documentation of every command."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cc_async.cli._app import app
from tests.support.command import call

ROOT = Path(__file__).parents[2]
COMMANDS = (
    *("import", "resume", "jobs", "sign-up", "lists", "activities", "quota", "sandbox"),
    *("login", "logout", "whoami", "keepalive"),
)
ALIASES = {"upsert": "sign-up"}


def options_of(command: str) -> list[str]:
    found = app[command].assemble_argument_collection()
    spoken = [argument for argument in found if argument.parse]
    return [name for argument in spoken for name in argument.names if name.startswith("--")]


def test_there_are_no_other_commands() -> None:
    """The tests here know all commands and their aliases."""
    assert sorted([*COMMANDS, *ALIASES]) == sorted(n for n in app if not n.startswith("-"))


@pytest.mark.parametrize("command", [*COMMANDS, *ALIASES])
def test_every_command_has_help(command: str) -> None:
    """Each command, and each option of it, says what it does, and ends with 0."""
    ended = call(command, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert re.search(rf"Usage: cc-async {command}", ended.out)
    for argument in app[command].assemble_argument_collection():
        if argument.parse and argument.show:
            assert argument.parameter.help, argument.name


@pytest.mark.parametrize("alias", ALIASES)
def test_the_help_names_the_alias(alias: str) -> None:
    """An alias is the same command, and the list of commands names it."""
    assert app[alias] is app[ALIASES[alias]]
    assert f"{ALIASES[alias]} ({alias})" in call("--help").out


def test_the_page_shows_the_commands_of_today() -> None:
    """`docs/command.md` has the commands and options of the command itself.

    `python docs/_command.py` writes them.
    """
    script = [sys.executable, str(ROOT / "docs" / "_command.py"), "--check"]
    assert subprocess.run(script, env={**os.environ, "PYTHONPATH": str(ROOT)}).returncode == 0
    page = (ROOT / "docs" / "command.md").read_text(encoding="utf-8")
    for command in COMMANDS:
        assert f"### cc-async {command}\n" in page
        for option in options_of(command):
            assert option in page, option


def test_help_alone_and_the_version() -> None:
    """Without arguments the command shows its help, and it knows its version."""
    assert "import" in call().out
    assert call("--version").code == 0
