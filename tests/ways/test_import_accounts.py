"""Every count of every import's report adds up, whatever comes in and whatever the service does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from cc_async import ConstantContactError, ImportOptions, ImportReport, NamedContact
from cc_async.imports.cutting import _chunker
from cc_async.imports.verification import _list_members
from cc_async.sandbox import Sandbox
from tests.support.people import client_of, open_sandbox

LISTS = ("One", "Two")


@pytest.fixture(autouse=True, scope="module")
def _small_bodies() -> Iterator[None]:
    """Bodies of five people, so that an import has several."""
    with pytest.MonkeyPatch.context() as patch:
        defaults = list(_chunker.Chunker.__init__.__defaults__ or ())
        patch.setattr(_chunker.Chunker.__init__, "__defaults__", (900, 5, *defaults[2:]))
        yield


EMAILS = st.one_of(
    st.integers(0, 14).map(lambda number: f"p{number}@example.com"),
    st.integers(0, 14).map(lambda number: f" P{number}@Example.COM "),
    st.sampled_from(
        ["", "nobody", "a@b", "gone@example.com", "left@example.com", "x" * 90 + "@e.com"]
    ),
)
ROW = st.fixed_dictionaries(
    {"email": EMAILS},
    optional={
        "first_name": st.text(max_size=60),
        "sms_number": st.sampled_from(["", "781-555-0123", "12"]),
        "lists": st.sampled_from(["", "One", "Two", "One;Two", "Nowhere"]),
        "birthday": st.sampled_from(["", "02/30", "11/15", "x"]),
        "mobile_phone": st.sampled_from(["", "555-0100"]),
    },
) | st.sampled_from([{}, {"email": None}, {"email": 17}, {"email": ["a@example.com"]}])
ROWS = st.lists(ROW, min_size=12, max_size=30) | st.lists(ROW, max_size=4)
SANDBOXES = st.fixed_dictionaries(
    {},
    optional={
        "max_lines": st.sampled_from([2, 4]),
        "max_bytes": st.sampled_from([600, 750]),
        "duplicates": st.sampled_from(["last", "first", "refused"]),
        "person_count": st.sampled_from(["read", "stored"]),
        "source_file_name": st.sampled_from(["echoed", "mangled", "missing"]),
        "list_delay": st.sampled_from([0.0, 90.0]),
        "member_delay": st.sampled_from([0.0, 5.0, 90.0]),
    },
)
FAULTS = st.dictionaries(
    st.sampled_from(["503-html", "cut-before", "cut-after", "half-body", "429", "500", "rubbish"]),
    st.sampled_from([0.05, 0.2]),
    max_size=3,
)
FATES = st.lists(st.sampled_from(["", "", "lose", "fail", "time_out", "cancel"]), max_size=4)
WISHES = st.fixed_dictionaries(
    {
        "verify": st.sampled_from([True, None, False]),
        "protect": st.sampled_from([(), ("unsubscribed",), ("unsubscribed", "deleted")]),
        "send_as": st.sampled_from(["auto", "json"]),
    }
)
SUPPRESSED = st.sampled_from([(), ("p3@example.com", "P4@example.com")])


def hostile(options: dict[str, Any], faults: dict[str, float], fates: list[str]) -> Sandbox:
    sandbox = open_sandbox(lists=LISTS, seed=1, **options)
    one = sandbox.contact_lists[0].list_id
    sandbox.add_contact("gone@example.com", permission="unsubscribed")
    sandbox.add_contact("left@example.com", is_deleted=True)
    for number in (1, 2, 3):
        sandbox.add_contact(f"p{number}@example.com", lists=(one,))
    sandbox.clock.advance(3_600)
    for name, share in faults.items():
        sandbox.faults.add(name, share=share)
    for fate in fates:
        if fate:
            getattr(sandbox, fate)()
        else:
            sandbox.state.activities.start_hooks.append(lambda record, at: None)
    return sandbox


def check(report: ImportReport, read: int) -> None:
    assert report.contacts_read == read
    assert read == (
        report.contacts_rejected
        + report.contacts_merged
        + report.contacts_suppressed
        + report.contacts_sent
    )
    assert report.contacts_sent == sum(each.contacts for each in report.activities)
    assert len(report.rejections) == report.contacts_rejected
    assert len(report.suppressed) == report.contacts_suppressed
    if report.verification is None:
        assert report.missing is report.not_changed is None
        assert report.not_arrived == ()
        return
    assert report.missing is not None
    assert report.not_changed is not None
    assert len(report.not_arrived) == report.missing
    assert len(report.unchanged) == report.not_changed
    assert len(report.kept_off) == report.verification.kept_off
    of_those = report.missing + report.not_changed + report.verification.kept_off
    assert of_those <= report.verification.contacts <= report.contacts_sent
    assert not (of_those > report.not_changed and report.is_all_accepted)


def named_in(report: ImportReport) -> tuple[NamedContact, ...]:
    return (*report.not_arrived, *report.kept_off, *report.unchanged)


def told(report: ImportReport) -> object:
    """Return what any process can tell of a job: everything but what stood in the rows."""
    named = named_in(report)
    people = [(person.line, person.status, person.list_ids) for person in named]
    rejected = [(row.line, row.column, row.reason) for row in report.rejections]
    bare = attrs.evolve(
        report,
        requests=0,
        not_arrived=(),
        kept_off=(),
        unchanged=(),
        rejections=(),
        activities=(),
    )
    return bare, sorted(people), rejected


def check_names(report: ImportReport, sandbox: Sandbox, rows: list[dict[str, Any]]) -> None:
    """A missing contact is not on all of its lists; a contact that was not changed is."""
    lines = [person.line for person in named_in(report)]
    assert len(lines) == len(set(lines))
    for person in named_in(report):
        email = person.email_address
        assert not email or rows[person.line - 1]["email"].strip() == email
        members = [email.lower() in map(str.lower, sandbox.members(one)) for one in person.list_ids]
        if email:
            assert all(members) is (person.status == "not_changed")


@pytest.mark.looptime
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ROWS, SANDBOXES, FAULTS, FATES, WISHES, SUPPRESSED, st.sampled_from([0, 8]))
async def test_every_count_of_every_report_adds_up(
    rows: list[dict[str, Any]],
    options: dict[str, Any],
    faults: dict[str, float],
    fates: list[str],
    wish: dict[str, Any],
    suppress: tuple[str, ...],
    export_cost: int,
) -> None:
    """Read = rejected + merged + suppressed + sent, and no contact that arrived is named."""
    sandbox = hostile(options, faults, fates)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_list_members, "_EXPORT_COST", export_cost)
        async with client_of(sandbox) as cc:
            try:
                job = await cc.bulk.submit_import(
                    rows,
                    lists=["One"],
                    suppress=suppress,
                    options=ImportOptions(sms_permission="not_set", **wish),
                )
            except ConstantContactError:
                return
            check(job.report, len(rows))
            try:
                await job
            except ConstantContactError:
                pass
            finally:
                await job.aclose()
            sandbox.faults.clear()
            elsewhere = (await cc.bulk.resume(job.id)).report
    check(job.report, len(rows))
    check(elsewhere, len(rows))
    assert told(elsewhere) == told(job.report)
    check_names(job.report, sandbox, rows)
