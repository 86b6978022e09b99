"""Bad files and bad arguments: exit 2, one message with place and remedy, nothing sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cc_async.sandbox import Sandbox, SandboxSettings
from tests.support.command import call, serving

GOOD = "Email,First Name\nann@example.com,Ann\n"
FILES: dict[str, tuple[bytes | None, str]] = {
    "missing": (None, "there is no such file"),
    "empty": (b"", "empty"),
    "blank": (b"\n\n  \n", "heading"),
    "binary": (bytes(range(256)) * 40, "UTF-8"),
    "zip": (b"PK\x03\x04\x14\x00\x06\x00" + bytes(200), "spreadsheet"),
    "html": (b"<!DOCTYPE html>\n<html><body>Please log in</body></html>\n", "web page"),
    "no header": (b"ann@example.com,Ann\nbob@example.com,Bob\n", "not a heading"),
    "header without email": (b"First Name,Last Name\nAnn,Lee\n", "no heading names the e-mail"),
    "same header twice": (b"Email,City,Email\na@example.com,A,b@example.com\n", "there twice"),
    "same column twice": (b"Email,City,E-mail\na@example.com,A,b@example.com\n", "same column"),
    "open quote": (GOOD.encode() + b'bob@example.com,"Bob\n' * 3, "quote"),
    "unknown heading": (b"Email,Shoe size\na@example.com,40\n", "--map 'Shoe size='"),
    "unknown custom field": (b"Email,cf:Shoe\na@example.com,40\n", "no such custom field"),
    "utf-16": (("\ufeff" + GOOD).encode("utf-16-le"), "utf-16"),
    "utf-16 without a mark": (GOOD.encode("utf-16-le"), "utf-16"),
    "nul bytes": (GOOD.encode() + b"bob@example.com,B\x00b\n", "NUL"),
    "latin-1": (GOOD.encode() + "bob@example.com,Bj\xf6rn\n".encode("latin-1"), "--encoding"),
    "broken json": (b'{"email": "ann@example.com"\n', "line"),
}
FLAGS = {
    "header without email": "--map HEADING=COLUMN",
    "same column twice": "--map E-mail=",
    "unknown heading": "--map 'Shoe size=COLUMN'",
    "unknown custom field": "--map cf:Shoe=COLUMN",
    "utf-16": "--encoding NAME",
    "utf-16 without a mark": "--encoding NAME",
    "nul bytes": "--encoding NAME",
    "latin-1": "--encoding NAME",
    "broken json": "--read-as csv",
}
"""The flags that help, where one does."""

COMMANDS = {
    "import": ("import",),
    "sign-up": ("sign-up", "--consent", "explicit"),
    "dry run": ("import", "--dry-run"),
}


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with serving(SandboxSettings(per_second=100), monkeypatch) as served:
        yield served


def assert_nothing_sent(sandbox: Sandbox) -> None:
    assert {entry.method for entry in sandbox.received} <= {"GET"}
    assert sandbox.contact_count == 0


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", FILES)
def test_a_bad_file_is_refused(command: str, kind: str, sandbox: Sandbox, tmp_path: Path) -> None:
    """A file without readable contacts ends with 2 and says where and what to do."""
    content, words = FILES[kind]
    file = tmp_path / "people.csv"
    if content is not None:
        file.write_bytes(content)
    name, *options = COMMANDS[command]
    ended = call(name, str(file), "--list", "Newsletter", *options, "--json")
    assert ended.code == 2, ended
    error = ended.json["error"]
    assert list(ended.json) == ["error"]
    assert str(file) in error["message"]
    assert words.lower() in (error["message"] + error["hint"]).lower()
    assert error["hint"]
    assert FLAGS.get(kind, "") in error["hint"]
    assert "@" not in error["message"] + error["hint"]
    assert ended.err.count("cc-async:") == 1
    assert "Traceback" not in ended.err
    assert_nothing_sent(sandbox)


WORDS: dict[str, tuple[tuple[str, ...], str]] = {
    "unknown list": (("import", "F", "--list", "Newsleter"), "Did you mean 'Newsletter'?"),
    "unknown list of a sign-up": (
        ("sign-up", "F", "--consent", "explicit", "--list", "Nobody"),
        "no list 'Nobody'",
    ),
    "no list": (("import", "F"), "--list"),
    "no file": (("import", "--list", "Newsletter"), "FILE"),
    "two files": (("import", "F", "F", "--list", "Newsletter"), "unexpected argument"),
    "wrong option": (("import", "F", "--list", "Newsletter", "--lists", "A"), "--lists"),
    "wrong command": (("inport", "F", "--list", "Newsletter"), "inport"),
    "wrong format": (("import", "F", "--list", "Newsletter", "--send-as", "xls"), "xls"),
    "wrong number": (
        ("sign-up", "F", "--list", "A", "--consent", "explicit", "--concurrency", "0"),
        "--concurrency",
    ),
    "wrong timeout": (("lists", "--timeout", "soon"), "--timeout"),
    "no consent": (("sign-up", "F", "--list", "Newsletter"), "--consent explicit"),
    "wrong consent": (
        ("sign-up", "F", "--list", "Newsletter", "--consent", "implicit"),
        "--consent explicit",
    ),
    "contradiction": (
        (
            *("sign-up", "F", "--list", "Newsletter", "--consent", "explicit"),
            *("--protect", "none", "--protect", "deleted"),
        ),
        "contradicts",
    ),
    "mapping without a sign": (
        ("import", "F", "--list", "Newsletter", "--map", "email"),
        "HEADING=COLUMN",
    ),
    "mapping of nothing": (
        ("import", "F", "--list", "Newsletter", "--map", "Mail=email"),
        "no heading 'Mail'",
    ),
    "unknown encoding": (
        ("import", "F", "--list", "Newsletter", "--encoding", "utf-99"),
        "utf-99",
    ),
    "rejects into nowhere": (
        ("import", "F", "--list", "Newsletter", "--rejects", "/nowhere/at/all.csv"),
        "--rejects",
    ),
    "report into a folder": (("import", "F", "--list", "Newsletter", "--report", "/"), "--report"),
    "rejects of a sign-up into nowhere": (
        ("sign-up", "F", "--list", "A", "--consent", "explicit", "--rejects", "/nowhere/a.csv"),
        "--rejects",
    ),
    "no such fault": (("sandbox", "--fault", "rain=1"), "rain"),
    "no such base URL": (("lists", "--base-url", "ftp://example.com"), "base URL"),
}


@pytest.mark.parametrize("kind", WORDS)
def test_a_bad_command_line_is_refused(kind: str, sandbox: Sandbox, tmp_path: Path) -> None:
    """Bad arguments end with 2 and one message; nothing is sent."""
    words, expected = WORDS[kind]
    file = tmp_path / "people.csv"
    file.write_text(GOOD)
    ended = call(*(str(file) if word == "F" else word for word in words), "--json")
    assert ended.code == 2, ended
    error = ended.json["error"]
    assert list(ended.json) == ["error"]
    assert expected in error["message"] + error["hint"]
    assert error["hint"]
    assert ended.err.count("cc-async:") == 1
    assert_nothing_sent(sandbox)


def test_a_bad_variable_is_refused(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable without a valid value ends with 2 and is named."""
    monkeypatch.setenv("CC_ASYNC_PER_SECOND", "fast")
    ended = call("lists")
    assert ended.code == 2
    assert "CC_ASYNC_PER_SECOND" in ended.err
    assert ended.out == ""
    monkeypatch.setenv("CC_ASYNC_PER_SECOND", "4")
    monkeypatch.setenv("CC_ASYNC_STORE", "floppy:a")
    ended = call("lists")
    assert ended.code == 2
    assert "no known kind of store" in ended.err
