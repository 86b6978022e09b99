"""Replies become models or errors, whatever the service or its gateway answers."""

from __future__ import annotations

import time

import pytest

from cc_async import errors
from cc_async.models import Contact, SignUpResult
from cc_async.wire import (
    Reply,
    problem_array,
    problem_object,
    read_error,
    read_reply,
)
from cc_async.wire._replies import read_problems
from tests.support.scripted import reply

IDS = {"x_amzn_requestid": "request", "x_eig_tracking_id": "tracking"}


@pytest.mark.parametrize(
    ("body", "key", "message"),
    [
        (b'[{"error_key":"a.b","error_message":"no"}]', "a.b", "no"),
        (
            b'{"error_key":"unauthorized","error_message":"Unauthorized"}',
            "unauthorized",
            "Unauthorized",
        ),
        (b'{"error":"invalid_grant","error_description":"gone"}', "invalid_grant", "gone"),
        (b'{"errorCode":"E1","errorSummary":"sum","errorCauses":[]}', "E1", "sum"),
        (b'{"message":"Missing Authentication Token"}', "", "Missing Authentication Token"),
        (b"<HTML><HEAD><TITLE>ERROR: No\n service</TITLE>", "", "ERROR: No service"),
        (b"upstream timed out", "", "upstream timed out"),
    ],
)
def test_every_known_error_body_is_read(body: bytes, key: str, message: str) -> None:
    """Each known form of an error body gives its problem."""
    assert read_problems(body) == (errors.Problem(key, message),)


@pytest.mark.parametrize("body", [b"", b"  \n"])
def test_an_empty_error_body_is_no_problem(body: bytes) -> None:
    """An error without a body becomes the error of its status."""
    assert read_problems(body) == ()
    assert isinstance(read_error(Reply(503, {}, body)), errors.ServerError)


def test_error_bodies_are_read_as_they_were_written() -> None:
    """Bodies written for the sandbox are read into the same problems."""
    problems = (errors.Problem("a.b", "no"), errors.Problem("c.d", "never"))
    assert read_problems(problem_array(*problems)) == problems
    assert read_problems(problem_object(problems[0])) == problems[:1]


def test_several_problems_are_all_kept() -> None:
    """An array of problems is read whole."""
    body = b'[{"error_key":"a","error_message":"1"},{"error_key":"b","error_message":"2"}]'
    assert [problem.error_key for problem in read_problems(body)] == ["a", "b"]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequestError),
        (401, errors.AuthenticationError),
        (403, errors.PermissionDeniedError),
        (404, errors.NotFoundError),
        (405, errors.BadRequestError),
        (406, errors.BadRequestError),
        (409, errors.ConflictError),
        (415, errors.BadRequestError),
        (418, errors.BadRequestError),
        (429, errors.RateLimitError),
        (500, errors.ServerError),
        (502, errors.ServerError),
        (504, errors.ServerError),
        (302, errors.UnexpectedResponseError),
    ],
)
def test_the_status_decides_the_error(status: int, kind: type[Exception]) -> None:
    """Each status becomes its own error, with the ids for the provider's support."""
    error = read_error(reply(status, "<html>", **IDS))
    assert type(error) is kind
    assert (error.request_id, error.tracking_id) == ("request", "tracking")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, {"error_key": "throttled", "error_message": "Too Many Requests"}, "throttled"),
        (429, {"error_key": "quota_exceeded", "error_message": "Limit Exceeded"}, "quota_exceeded"),
        (
            429,
            [{"error_key": "x", "error_message": "You exceeded 1,000 queued activities"}],
            "queue_full",
        ),
        (429, "<html>", "throttled"),
        (403, {"error_key": "mashery.not.authorized.over.qps", "error_message": "x"}, "throttled"),
        (
            403,
            {"error_key": "mashery.not.authorized.over.ratelimit", "error_message": "x"},
            "quota_exceeded",
        ),
    ],
)
def test_the_three_kinds_of_429_are_told_apart(status: int, body: object, kind: str) -> None:
    """Throttling, a used-up day and a full queue are different, in the retired wording too."""
    error = read_error(reply(status, body))
    assert isinstance(error, errors.RateLimitError)
    assert error.kind == kind


def test_retry_after_is_kept() -> None:
    """A Retry-After header is kept on the error."""
    error = read_error(reply(429, None, retry_after="7"))
    assert isinstance(error, errors.RateLimitError)
    assert error.retry_after == 7.0


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "an empty body"),
        (b"<html>ok</html>", "not JSON"),
        (b'{"contact_id":"x"}', "required field missing @ $.action"),
        (b"[]", "expected an object"),
        (b'{"contact_id":7.5,"action":{}}', "$.action"),
    ],
)
def test_an_unreadable_success_is_described(body: bytes, words: str) -> None:
    """The error for an unreadable 200 names the fault and its place in the JSON."""
    with pytest.raises(errors.UnexpectedResponseError) as caught:
        read_reply(Reply(200, {"content-type": "text/html"}, body), SignUpResult)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [b"<h1>" * 10_000, b"<h1" * 15_000, b"<title>" + b" " * 40_000, b"[1" + b",1" * 40_000 + b"]"],
)
def test_a_long_error_body_is_read_within_milliseconds(body: bytes) -> None:
    """A page or an array of any length becomes a few short problems."""
    begun = time.perf_counter()
    problems = read_problems(body)
    assert time.perf_counter() - begun < 0.05
    assert len(problems) <= 20
    assert all(len(problem.error_message) <= 4_000 for problem in problems)


@pytest.mark.parametrize("body", [b"x" * 3_000_000, b"\xff " * 1_000_000, b"<p>" * 1_000_000])
def test_a_long_text_without_a_title_is_one_short_problem(body: bytes) -> None:
    """The first 200 characters tell enough of an answer that is neither JSON nor a page."""
    begun = time.perf_counter()
    (problem,) = read_problems(body)
    assert time.perf_counter() - begun < 0.05
    assert 0 < len(problem.error_message) <= 200


def test_a_title_behind_a_megabyte_is_not_looked_for() -> None:
    """The beginning of a long answer is searched, and no more."""
    (problem,) = read_problems(b"upstream" + b" " * 1_000_000 + b"<title>late</title>")
    assert problem.error_message == "upstream"


def test_an_unreadable_reply_names_five_places_at_most() -> None:
    """A reply that is wrong in a hundred places has a short error."""
    body = {"taggings": [{}] * 100, "contact_id": 1, "list_memberships": 7}
    with pytest.raises(errors.UnexpectedResponseError) as caught:
        read_reply(reply(200, {"contacts_count": 1, "phone_numbers": [5] * 100, **body}), Contact)
    assert 1 <= str(caught.value).count("$.") <= 5


@pytest.mark.parametrize("value", ["²", "-1", "1.5", "soon", ""])
def test_a_retry_after_that_is_no_number_of_seconds_is_absent(value: str) -> None:
    """An odd header leaves the wait to this package."""
    error = read_error(Reply(429, {"retry-after": value}))
    assert isinstance(error, errors.RateLimitError)
    assert error.retry_after is None
