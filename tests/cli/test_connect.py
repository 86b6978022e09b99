"""The account that a command works on."""

from pathlib import Path

import pytest

from cc_async.cli._connect import custom_fields_in, custom_fields_of, read_duration, settings_of
from cc_async.cli._options import AccountOptions
from cc_async.errors import InvalidRequestError
from tests.support.command import call, written


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Email,cf:Colour,cf:Shoe size\na@example.com,cf:no,1", ["Colour", "Shoe size"]),
        ('\ufeffEmail;"cf:Colour"\r\n', ["Colour"]),
        ('{"email":"a@example.com","cf:Colour":"red"}\n{"cf:size":"1"}', ["Colour", "size"]),
        ("Email,First Name\n", []),
    ],
)
def test_custom_fields_of_a_file_are_found(text: str, names: list[str]) -> None:
    """A sandbox gets the custom fields that a heading or JSON keys name."""
    assert custom_fields_in(text) == names


def test_custom_fields_of_a_mapping_are_found() -> None:
    """A column named by --map counts too; a field named twice is one."""
    mapping = {"A": "cf:Size", "B": "CF:size", "C": "email"}
    assert custom_fields_of("-", mapping) == ("size",)


def test_options_take_precedence_over_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """An option replaces its variable, and a profile goes before an access token."""
    monkeypatch.setenv("CC_ASYNC_BASE_URL", "https://one.example.com")
    monkeypatch.setenv("CC_ASYNC_ACCESS_TOKEN", "token")
    options = AccountOptions(base_url="https://two.example.com", profile="acme", home=Path("/h"))
    settings = settings_of(options)
    assert settings.base_url == "https://two.example.com"
    assert (settings.profile, settings.access_token, settings.home) == ("acme", None, Path("/h"))
    assert settings_of(AccountOptions()).base_url == "https://one.example.com"
    monkeypatch.setenv("CC_ASYNC_ACCOUNT", "one")
    assert settings_of(AccountOptions(profile="acme")).account == ""
    assert settings_of(AccountOptions(profile="acme", account="two")).account == "two"


@pytest.mark.parametrize(
    "words",
    [
        ("import", "F", "--list", "News", "--list", "More"),
        ("import", "F", "--list", "News", "--dry-run"),
        ("sign-up", "F", "--list", "News", "--consent", "explicit"),
        ("lists",),
        ("activities",),
        ("quota",),
    ],
)
def test_every_command_works_in_a_sandbox(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --sandbox each command works without an account and leaves no state behind."""
    monkeypatch.setenv("CC_ASYNC_HOME", str(tmp_path / "home"))
    file = written(tmp_path, "Email,cf:Shoe size,cf:Colour\nann@example.com,40,red\n")
    ended = call(*(file if word == "F" else word for word in words), "--sandbox", "--json")
    assert ended.code == 0, ended
    assert "This is a sandbox" in ended.err
    assert sorted(tmp_path.iterdir()) == [Path(file)]


def test_without_a_token_the_variable_is_named() -> None:
    """Without a token the command ends with 3 and names the variable."""
    ended = call("lists", "--json")
    assert ended.code == 3
    assert "CC_ASYNC_ACCESS_TOKEN" in ended.json["error"]["hint"]


def test_a_duration_may_have_a_unit() -> None:
    """Seconds need none; m, h and d are minutes, hours and days; anything else names the flag."""
    texts = ("90", "90s", "30m", "2h", "1.5 H", "1d")
    assert [read_duration(text, "--patience") for text in texts] == [
        90, 90, 1_800, 7_200, 5_400, 86_400,
    ]  # fmt: skip
    for text in ("", "h", "two", "-1h", "0", "inf", "nan"):
        with pytest.raises(InvalidRequestError, match="--patience"):
            read_duration(text, "--patience")
