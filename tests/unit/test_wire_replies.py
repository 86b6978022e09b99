"""Replies become values or the right errors, whatever the edge answers with."""

from __future__ import annotations

import datetime as dt

import pytest

from cc_async import errors
from cc_async.models import Activity, Contact, SignUpResult
from cc_async.wire import Reply, read_error, read_page, read_problems, read_reply, read_time
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
    """Each shape of error body that the service or its edge writes gives its problem."""
    assert read_problems(body) == (errors.Problem(key, message),)


@pytest.mark.parametrize("body", [b"", b"  \n"])
def test_an_empty_error_body_is_no_problem(body: bytes) -> None:
    """An error without a body is still the error its status says."""
    assert read_problems(body) == ()
    assert isinstance(read_error(Reply(503, {}, body)), errors.ServerError)


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
def test_the_status_tells_the_error(status: int, kind: type[Exception]) -> None:
    """Each status becomes its own error, with the ids that the provider's support asks for."""
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
    """Too fast, the day used up, and a full queue are different, also in the retired wording."""
    error = read_error(reply(status, body))
    assert isinstance(error, errors.RateLimitError)
    assert error.kind == kind


def test_retry_after_is_honoured_should_it_ever_come() -> None:
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
def test_a_success_that_cannot_be_read_says_what_it_was(body: bytes, words: str) -> None:
    """A 200 with rubbish names what was wrong with it, and where in the JSON."""
    with pytest.raises(errors.UnexpectedResponseError) as caught:
        read_reply(Reply(200, {"content-type": "text/html"}, body), SignUpResult)
    assert words in str(caught.value)


def test_unknown_properties_and_words_are_tolerated() -> None:
    """What the service adds one day neither breaks a reply nor gets lost as a word."""
    contact = read_reply(
        reply(
            200,
            {
                "contact_id": "c",
                "brand_new": {"x": 1},
                "email_address": {"address": "a@b.example", "permission_to_send": "telepathic"},
                "first_name": None,
                "deleted_at": "2026-09-24",
                "custom_fields": [{"custom_field_id": "f", "choice_ids": [7, "8"]}],
                "taggings": [],
            },
        ),
        Contact,
    )
    assert contact.email_address is not None
    assert contact.email_address.permission_to_send == "telepathic"
    assert contact.first_name is None
    assert contact.deleted_at == dt.date(2026, 9, 24)
    assert contact.custom_fields is not None
    assert contact.custom_fields[0].choice_ids == ("7", "8")
    assert contact.taggings == ()
    assert contact.list_memberships is None


def test_an_activity_is_read_in_every_spelling() -> None:
    """Both spellings of timed out, both shapes of an error, missing counters, the results link."""
    activity = read_reply(
        reply(
            200,
            {
                "activity_id": "a",
                "state": "time_out",
                "activity_errors": ["one", {"message": "two"}],
                "status": None,
                "_links": {
                    "self": {"href": "/wrong"},
                    "results": {"href": "/v3/contact_exports/x"},
                },
            },
        ),
        Activity,
    )
    assert (activity.state, activity.is_terminal) == ("timed_out", True)
    assert activity.activity_errors == ("one", "two")
    assert activity.status.person_count is None
    assert activity.results_href == "/v3/contact_exports/x"


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-29T18:38:06Z",
        "2026-09-29T18:38:06.000Z",
        "2026-09-29T13:38:06-05:00",
        "2026-09-29T18:38:06.000+00:00",
        "2026-09-29 11:38:06 -0700",
    ],
)
def test_every_way_of_writing_a_time_is_read(text: str) -> None:
    """All the service's spellings of one moment mean that moment."""
    assert read_time(text) == dt.datetime(2026, 9, 29, 18, 38, 6, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "links", [{}, {"_links": {}}, {"_links": None}, {"_links": {"next": None}}]
)
def test_a_last_page_has_no_next_link(links: dict[str, object]) -> None:
    """The last page may lack the links altogether or only the next one."""
    page = read_page(reply(200, {"contacts": [], **links}), "contacts", Contact)
    assert (page.items, page.next_href, page.is_ready) == ((), None, True)


def test_a_segment_still_being_computed_is_not_ready() -> None:
    """A 202 without contacts means: ask again."""
    page = read_page(reply(202, {"status": "Processing"}), "contacts", Contact)
    assert not page.is_ready
