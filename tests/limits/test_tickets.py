"""The queue between processes."""

from __future__ import annotations

from cc_async.limits import Lane
from cc_async.limits._tickets import Ticket, count_ahead, rank, with_latest, without


def ticket(
    lane: Lane = Lane.BULK, account: str = "", since: float = 0.0, back_at: float = 100.0
) -> Ticket:
    return Ticket(lane=int(lane), account=account, since=since, back_at=back_at, queue_lengths=[])


def test_waiters_are_ranked_by_lane_then_account_then_arrival() -> None:
    """The lane counts first, then the account with the oldest permit, then the arrival."""
    served = {"busy": 50.0}
    ranks = [
        rank(Lane.INTERACTIVE, "busy", 9.0, "d", served),
        rank(Lane.BULK, "new", 8.0, "c", served),
        rank(Lane.BULK, "busy", 1.0, "a", served),
        rank(Lane.BULK, "busy", 2.0, "b", served),
    ]
    assert ranks == sorted(ranks)


def test_processes_ahead_are_counted() -> None:
    """Only better tickets of other processes count, not the process's own."""
    tickets = {"a": ticket(since=1.0), "b": ticket(since=3.0), "me": ticket(since=0.0)}
    mine = rank(Lane.BULK, "", 2.0, "me", {})
    assert count_ahead(tickets, mine, {}, late=50.0) == (1, 50.0)


def test_a_late_process_has_lost_its_place() -> None:
    """A process that should have been back before now is not ahead any more."""
    mine = rank(Lane.BULK, "", 2.0, "me", {})
    count, _ = count_ahead({"a": ticket(since=1.0, back_at=49.0)}, mine, {}, late=50.0)
    assert count == 0


def test_the_next_look_is_never_at_once() -> None:
    """A waiter looks again after a hundredth of a second at the earliest."""
    mine = rank(Lane.BULK, "", 2.0, "me", {})
    assert count_ahead({"a": ticket(since=1.0, back_at=50.0)}, mine, {}, late=50.0) == (1, 0.01)


def test_the_latest_account_stands_last_and_the_oldest_is_forgotten() -> None:
    """Sixty-four accounts are remembered, in the order of their latest permits."""
    served: dict[str, float] = {}
    for number in range(70):
        served = with_latest(served, f"account {number}", float(number))
    served = with_latest(served, "account 10", 70.0)
    assert len(served) == 64
    assert list(served)[-1] == "account 10"
    assert "account 5" not in served


def test_entries_are_left_out_by_name() -> None:
    """An entry is left out of a copy; the original keeps it."""
    entries = {"a": 1, "b": 2}
    assert without(entries, "a") == {"b": 2}
    assert without(entries, "c") == entries == {"a": 1, "b": 2}
