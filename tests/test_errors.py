"""Errors are plain data that travel between processes and tell no secrets."""

from __future__ import annotations

import copy
import datetime as dt
import gc
import pickle
import time

import pytest

from cc_async import errors
from cc_async.errors import ConstantContactError, Problem, redact

ADDRESS, TOKEN = "jo.doe+news@example.com", "Bearer abc.def.ghi"
SECRETIVE = f"{ADDRESS} said {TOKEN}"
PROBLEMS = (Problem("contacts.api.validation.error", f"{ADDRESS} is invalid"),)
MIDNIGHT = dt.datetime(2026, 9, 22, tzinfo=dt.UTC)

SAMPLES: dict[type[ConstantContactError], ConstantContactError] = {
    type(sample): sample
    for sample in (
        errors.ConstantContactError(),
        errors.InvalidRequestError(SECRETIVE, "do this"),
        errors.InputError(SECRETIVE, "do this", "a.csv", 3, "email"),
        errors.InputChangedError(SECRETIVE, "do this", "a.csv", job_id="job"),
        errors.ConsentRequiredError(SECRETIVE),
        errors.UnknownNameError(SECRETIVE, "", "list", "News"),
        errors.TooManyAttemptsError(SECRETIVE),
        errors.JobNotFoundError(SECRETIVE),
        errors.JobBusyError("job"),
        errors.JobCancelledError("job"),
        errors.ClientStateError("closed"),
        errors.AuthError(SECRETIVE),
        errors.OtherAccountError(SECRETIVE),
        errors.UnknownAccountError(SECRETIVE),
        errors.TransportError(SECRETIVE),
        errors.ConnectionFailedError(SECRETIVE),
        errors.TransportTimeoutError(SECRETIVE),
        errors.DeadlineError(SECRETIVE, was_sent=False),
        errors.ApiError(418, PROBLEMS, "request", "tracking"),
        errors.BadRequestError(400, PROBLEMS),
        errors.AddressRefusedError(400, PROBLEMS),
        errors.AuthenticationError(401, PROBLEMS),
        errors.PermissionDeniedError(403, PROBLEMS),
        errors.NotFoundError(404, PROBLEMS),
        errors.ConflictError(409, PROBLEMS),
        errors.RateLimitError(429, PROBLEMS, "r", "t", "queue_full", 2.0),
        errors.ServerError(503, PROBLEMS),
        errors.UnexpectedResponseError(200, SECRETIVE),
        errors.DailyQuotaError(MIDNIGHT),
        errors.ActivityOverdueError("job", 90_000.0),
        errors.StoreError(SECRETIVE),
        errors.StoreCorruptError(SECRETIVE),
        errors.StoredFormatError(SECRETIVE),
        errors.StoreLockedError(SECRETIVE),
    )
}


def every_error() -> list[type[ConstantContactError]]:
    gc.collect()  # a class with slots leaves its draft behind for a while
    found, waiting = [], [ConstantContactError]
    while waiting:
        found.append(waiting.pop())
        waiting.extend(found[-1].__subclasses__())
    return found


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_every_error_pickles_copies_and_chains(kind: type[ConstantContactError]) -> None:
    """Every error comes back from a pickle and a copy as it was, and can be raised from another."""
    error = SAMPLES[kind]
    for twin in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert type(twin) is kind
        assert (str(twin), twin.hint, twin.args) == (str(error), error.hint, error.args)
    with pytest.raises(kind) as caught:
        raise copy.copy(error) from ValueError("cause")
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_no_error_shows_an_address_or_a_token(kind: type[ConstantContactError]) -> None:
    """Neither text, hint, repr nor arguments of any error hold an address or a token."""
    error = SAMPLES[kind]
    shown = f"{error} {error.hint} {error!r} {error.args!r}"
    assert "example.com" not in shown
    assert "abc.def" not in shown


def test_every_error_is_drawn_in_the_tree() -> None:
    """The drawing at the top of the module names every error there is."""
    assert errors.__doc__ is not None
    drawn = errors.__doc__.split("Errors are plain data")[0]
    for kind in every_error():
        assert kind.__name__ in drawn


@pytest.mark.parametrize(
    "text",
    [
        "Validation failed: Email already exists for contact 9B2F6A10-7a11-11ef-b7a4-fa163ecf3a1d",
        "Email already exists for contact 9b2f6a10-7a11-11ef-b7a4-fa163ecf3a1d",
    ],
)
def test_a_conflict_tells_the_existing_contact(text: str) -> None:
    """The id in the text of a conflict is read, whichever way the text is worded."""
    error = errors.ConflictError(409, (Problem("contacts.api.conflict", text),))
    assert error.existing_id == "9b2f6a10-7a11-11ef-b7a4-fa163ecf3a1d"


def test_a_conflict_says_what_to_do() -> None:
    """The contact that has the address is named; anything else is to be found and used."""
    text = "Email already exists for contact 9b2f6a10-7a11-11ef-b7a4-fa163ecf3a1d"
    error = errors.ConflictError(409, (Problem("contacts.api.conflict", text),))
    assert "Update contact 9b2f6a10-7a11-11ef-b7a4-fa163ecf3a1d" in error.hint
    error = errors.ConflictError(409, (Problem("contacts.api.conflict", "Name exists."),))
    assert "find it" in error.hint


def test_a_conflict_without_an_id_tells_none() -> None:
    """A conflict over a list's name has no contact to tell."""
    problem = Problem("contacts.api.conflict", "List name already exists.")
    assert errors.ConflictError(409, (problem,)).existing_id is None


@pytest.mark.parametrize(
    "text",
    ["a@b.example", "x=jo%40example.com&y", "<jo@example.com>", "'o''brien@example.ie'"],
)
def test_addresses_are_masked_in_any_dress(text: str) -> None:
    """An address is masked whether it stands bare, in brackets, in quotes or in a query."""
    assert "example" not in redact(text)


LONG = {
    "letters": "a" * 40_000,
    "addresses without an end": "a@" * 20_000,
    "signs in code": "%40" * 13_000,
    "tokens": "eyJ-" * 10_000,
    "bearers": "bearer " * 6_000,
    "blanks": "bearer" + " " * 40_000,
    "dots": "eyJabcdefgh" + "." * 40_000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_long_text_is_masked_within_milliseconds(text: str) -> None:
    """No text from outside holds the event loop, however it is made."""
    begun = time.perf_counter()
    shown = str(errors.InputError(text, text, text, 1, text))
    assert time.perf_counter() - begun < 0.05
    assert len(shown) < 13_000


@pytest.mark.parametrize("length", range(3_980, 4_001))
def test_no_cut_leaves_a_part_of_an_address_or_a_token(length: int) -> None:
    """What begins before the cut is masked as a whole."""
    for secret in ("jo.doe@example.com", "Bearer abcdefgh", "eyJabcdefghijk.lmnop"):
        shown = redact("x " * (length // 2) + secret + " y" * 4_000)
        assert len(shown) <= 4_000
        assert not [part for part in ("jo.doe", "abcdefgh", "eyJ") if part in shown]
        assert redact(shown) == shown


def test_an_at_sign_alone_is_no_address() -> None:
    """A message may speak of an @."""
    assert redact("there is no @ in it") == "there is no @ in it"
