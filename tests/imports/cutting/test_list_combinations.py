"""Each row has its lists, and rows of one contact put it on the lists of all of them."""

from __future__ import annotations

from hypothesis import given, strategies as st

from cc_async.imports.cutting._list_combinations import ListCombinations

ROWS = st.lists(
    st.tuples(st.integers(0, 5), st.sets(st.sampled_from("abcd")).map(sorted).map(tuple)),
    max_size=40,
)


@given(ROWS)
def test_the_last_row_of_a_contact_has_the_lists_of_all(
    rows: list[tuple[int, tuple[str, ...]]],
) -> None:
    """Combinations that only replaced rows had are forgotten."""
    combinations = ListCombinations()
    lists: dict[int, set[str]] = {}
    last: dict[int, int] = {}
    for number, (person, names) in enumerate(rows):
        combinations.add(names, has_address=True)
        lists.setdefault(person, set()).update(names or ("call",))
        last[person] = number
    before: dict[int, int] = {}
    for number, (person, _) in enumerate(rows):
        if person in before:
            combinations.unite(before[person], number)
        before[person] = number
    found = {
        person: set(combinations[combinations.number_of(number)].resolved(("call",)).lists)
        for person, number in last.items()
    }
    assert found == lists
    assert len(list(combinations)) == len(
        {combinations.number_of(number) for number in last.values()}
    )


def test_the_lists_of_the_call_may_be_named_by_a_row_as_well() -> None:
    """A row that names them belongs to the same combination."""
    combinations = ListCombinations()
    combinations.add((), has_address=True, rows=2)
    combinations.add(("l1", "l2"), has_address=True)
    found = {combinations[number].resolved(("l2", "l1")) for number in combinations}
    assert {one.lists for one in found} == {("l1", "l2")}
