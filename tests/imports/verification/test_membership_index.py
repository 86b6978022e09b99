"""The index knows which of the contacts that were sent are on their lists."""

from __future__ import annotations

from hypothesis import given, strategies as st

from cc_async.imports.verification._membership_index import MembershipIndex


@given(
    st.dictionaries(st.text(), st.integers(0, 2), max_size=40),
    st.lists(st.tuples(st.text(), st.integers(0, 2), st.integers(0, 9)), max_size=60),
)
def test_a_contact_is_found_on_all_of_its_lists(
    people: dict[str, int], seen: list[tuple[str, int, int]]
) -> None:
    """Other members, other lists and lists read twice change nothing."""
    groups = [{0}, {1, 2}, {0, 1, 2}]
    index = MembershipIndex(groups)
    for person, group in people.items():
        index.add_sent(person, group)
    list(index.seal())
    seen += [(person, 0, 5) for person in people]
    seen.sort(key=lambda each: each[1])
    for person, number, updated in seen:
        index.add_member(person, number, updated)
    for person, group in people.items():
        wanted = [each for each in seen if each[0] == person and each[1] in groups[group]]
        is_there = {number for _, number, _ in wanted} == groups[group]
        updated = max((each[2] for each in wanted), default=0)
        assert index.find(person) == (is_there, updated)


def test_a_contact_of_several_chunks_belongs_on_the_lists_of_all() -> None:
    """It is there once each of its chunks has put it on a list."""
    index = MembershipIndex([{0}, {1}, {2}])
    for group in (0, 2):
        index.add_sent("p@example.com", group)
    list(index.seal())
    assert index.lists_of("p@example.com") == {0, 2}
    index.add_member("p@example.com", 0, 5)
    index.add_member("p@example.com", 1, 9)
    assert index.find("p@example.com") == (False, 5)
    index.add_member("p@example.com", 2, 6)
    assert index.find("p@example.com") == (True, 6)
