"""A failing service: exit code, message, and no second import."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cc_async.cli import _connect
from cc_async.imports import _full_queue, _scheduler
from cc_async.retries import RetryPolicy
from cc_async.sandbox import Sandbox, SandboxSettings
from tests.support.command import Ended, answering, call, point_to, serving

IMPORTS = "/activities/*"
SIGN_UPS = "/contacts/sign_up_form"


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = RetryPolicy(deadline=2.1, patience=2.1, wait_initial=0.01, wait_queue=0.05)
    monkeypatch.setattr(_connect, "RETRY_POLICY", policy)
    monkeypatch.setattr(_scheduler, "_SHORTEST", 0.05)
    monkeypatch.setattr(_scheduler, "_QUEUE_WAIT", 0.1)
    monkeypatch.setattr(_full_queue, "_FIRST_RETRY", 0.05)


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    settings = SandboxSettings(per_second=100, activity_seconds=0.1)
    with serving(settings, monkeypatch) as served:
        yield served


@pytest.fixture
def people(tmp_path: Path) -> str:
    file = tmp_path / "people.csv"
    file.write_text("Email\n" + "".join(f"p{number}@example.com\n" for number in range(3)))
    return str(file)


def assert_tidy(ended: Ended) -> None:
    assert "Traceback" not in ended.err
    assert "@example.com" not in ended.out + ended.err


LOOKUPS = {
    "500": (5, "ServerError", "500"),
    "500-html": (5, "ServerError", "500"),
    "500-empty": (5, "ServerError", "500"),
    "503": (5, "ServerError", "503"),
    "503-html": (5, "ServerError", "503"),
    "401": (3, "AuthError", "does not accept the access token"),
    "403": (3, "PermissionDeniedError", "403"),
    "429": (5, "RateLimitError", "429"),
    "429-day": (4, "DailyQuotaError", "daily quota"),
    "rubbish": (5, "UnexpectedResponseError", "200"),
    "hang": (5, "TransportTimeoutError", "in time"),
    "cut-before": (5, "TransportError", "broke off"),
    "half-body": (5, "TransportError", "broke off"),
}


@pytest.mark.parametrize("fault", LOOKUPS)
def test_a_lookup_says_what_went_wrong(fault: str, sandbox: Sandbox) -> None:
    """After each fault the command ends with the code and the message that fit."""
    sandbox.faults.add(fault)
    ended = call("lists", "--json", "--timeout", "0.2")
    code, kind, words = LOOKUPS[fault]
    error = ended.json["error"]
    assert (ended.code, error["type"]) == (code, kind)
    assert words in error["message"]
    assert error["hint"]
    assert_tidy(ended)


ANSWERS = {
    400: (2, "BadRequestError"),
    404: (2, "NotFoundError"),
    405: (2, "BadRequestError"),
    409: (2, "ConflictError"),
    415: (2, "BadRequestError"),
    418: (2, "BadRequestError"),
    502: (5, "ServerError"),
    504: (5, "ServerError"),
}


@pytest.mark.parametrize("status", ANSWERS)
def test_an_answer_of_any_status_is_reported(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused request ends with 2, trouble of the service with 5; no address is shown."""
    body = '[{"error_key":"k","error_message":"ann@example.com is wrong"}]'
    with answering(status, body, "application/json") as url:
        point_to(url, monkeypatch)
        ended = call("lists", "--json")
    code, kind = ANSWERS[status]
    assert (ended.code, ended.json["error"]["type"]) == (code, kind)
    assert ended.json["error"]["hint"]
    assert str(status) in ended.err
    assert_tidy(ended)


@pytest.mark.parametrize("body", ["", "[]", '{"lists": 3}', "null", '{"lists": [{"name": 1}]}'])
def test_rubbish_is_never_taken_for_lists(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A 200 that cannot be read as what was asked for ends with 5."""
    with answering(200, body, "application/json") as url:
        point_to(url, monkeypatch)
        ended = call("lists", "--json")
    assert (ended.code, ended.json["error"]["type"]) == (5, "UnexpectedResponseError")


def test_a_missing_service_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a service at the address the command ends with 5 and names the host."""
    point_to("http://127.0.0.1:9/v3", monkeypatch)
    ended = call("lists")
    assert ended.code == 5
    assert ended.err.startswith("cc-async: no connection to 127.0.0.1\n")
    assert ended.out == ""


@pytest.mark.parametrize("fault", ["429", "429-queue"])
def test_a_refusal_that_passes_is_waited_out(fault: str, sandbox: Sandbox, people: str) -> None:
    """An import that came too fast, or met a full queue, goes out again by itself."""
    sandbox.faults.add(fault, path=IMPORTS, method="POST", times=1)
    ended = call("import", people, "--list", "Newsletter", "--json")
    assert (ended.code, ended.json["person_count"]) == (0, 3), ended
    assert len(sandbox.activities) == 1


REFUSALS = {"429-day": 4, "401": 3, "403": 3}


@pytest.mark.parametrize("fault", REFUSALS)
def test_a_refused_import_says_so(fault: str, sandbox: Sandbox, people: str) -> None:
    """A refusal that stays ends the import with its code, and says how to go on."""
    sandbox.faults.add(fault, path=IMPORTS, method="POST")
    ended = call("import", people, "--list", "Newsletter", "--json")
    assert_tidy(ended)
    assert ended.code == REFUSALS[fault]
    assert (ended.json["state"], ended.json["contacts_sent"]) == ("running", 3)
    assert "Run the same import again" in ended.json["error"]["hint"]
    assert sandbox.activities == ()


@pytest.mark.parametrize("fault", ["500", "503-html", "rubbish", "hang", "cut-before"])
def test_an_import_that_never_arrived_is_sent_again(
    fault: str, sandbox: Sandbox, people: str
) -> None:
    """An answer lost before anything was done is looked for, then the import goes out again."""
    sandbox.faults.add(fault, path=IMPORTS, method="POST", times=1)
    ended = call("import", people, "--list", "Newsletter", "--json", "--timeout", "0.3")
    assert ended.code == 0, ended
    assert ended.json["person_count"] == 3
    assert len(sandbox.activities) == 1


@pytest.mark.parametrize("fault", ["hang-after", "cut-after", "half-body"])
def test_an_import_that_arrived_is_not_repeated(fault: str, sandbox: Sandbox, people: str) -> None:
    """An answer lost after the import was taken is found among the activities."""
    sandbox.faults.add(fault, path=IMPORTS, method="POST", times=1)
    ended = call("import", people, "--list", "Newsletter", "--json", "--timeout", "0.3")
    assert ended.code == 0, ended
    assert len(sandbox.activities) == 1
    assert sum(entry.method == "POST" for entry in sandbox.received) == 1


def test_an_import_that_cannot_be_looked_up_stays_uncertain(sandbox: Sandbox, people: str) -> None:
    """A chunk with a lost answer ends with 5, and the report says what to do."""
    sandbox.faults.add("cut-before", path=IMPORTS, method="POST")
    ended = call("import", people, "--list", "Newsletter", "--send-as", "json")
    assert ended.code == 5
    assert "uncertain whether it arrived" in ended.out
    assert "--resend-uncertain" in ended.out
    assert "3 contacts" in ended.out
    assert sum(entry.method == "POST" for entry in sandbox.received) == 1


def test_a_failed_activity_is_reported(sandbox: Sandbox, people: str) -> None:
    """An activity that the service gives up ends with 5, with its id."""
    sandbox.fail()
    ended = call("import", people, "--list", "Newsletter")
    assert ended.code == 5
    assert sandbox.activities[0].activity_id in ended.out
    assert "gave up 1 chunk" in ended.out


def test_sign_ups_without_a_usable_answer_are_named_by_line(sandbox: Sandbox, people: str) -> None:
    """People whose attempts all met a failing service are unknown, by line and reason; code 5."""
    sandbox.faults.add("500", path=SIGN_UPS)
    ended = call("sign-up", people, "--list", "Newsletter", "--consent", "explicit")
    assert ended.code == 5
    assert "Of 3 people it is unknown whether they are signed up:" in ended.out
    assert "line 3: 3 requests for this person stayed without an answer" in ended.out
    assert_tidy(ended)


def test_a_used_up_day_stops_a_sign_up(sandbox: Sandbox, people: str) -> None:
    """When the quota is gone the sign-up stops, and says how to go on."""
    sandbox.faults.add("429-day", path=SIGN_UPS)
    ended = call(
        "sign-up", people, "--list", "Newsletter", "--consent", "explicit", "--concurrency", "1",
        "--json",
    )  # fmt: skip
    assert ended.code == 4
    assert ended.json["contacts_read"] == ended.json["failed"] == 1
    assert "cc-async resume" in ended.json["error"]["hint"]


def test_the_unexpected_has_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of the command itself is one sentence and 5; CC_ASYNC_DEBUG shows the traceback."""

    def fail(*_: object) -> None:
        raise RuntimeError("ann@example.com")

    monkeypatch.setenv("CC_ASYNC_ACCESS_TOKEN", "t")
    monkeypatch.setattr(_connect, "settings_of", fail)
    ended = call("lists", "--json")
    assert ended.code == 5
    assert ended.json["error"]["type"] == "RuntimeError"
    assert_tidy(ended)
    monkeypatch.setenv("CC_ASYNC_DEBUG", "1")
    assert "Traceback" in call("lists").err
