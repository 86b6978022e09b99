"""Places of contacts in their source."""

from __future__ import annotations

from pathlib import Path

from cc_async.sign_ups._places import PlaceSet, read_in_places
from cc_async.sources import Rejection, Rules, open_source

RULES = Rules(target="sign_up")


def test_a_set_of_places_grows() -> None:
    """A place far beyond the last one is absent."""
    places = PlaceSet()
    assert (places.last, 5 in places) == (0, False)
    places.add(5)
    places.add(3)
    assert (places.last, 3 in places, 4 in places, 600 in places) == (5, True, False, False)


async def test_contacts_of_one_line_have_places_of_their_own(tmp_path: Path) -> None:
    """Every contact has the next place, rejected ones too, in every reading."""
    path = tmp_path / "people.json"
    path.write_text('[{"email": "a@example.com"}, {"email": "no"}, {"email": "c@example.com"}]')
    source = open_source(path)
    for max_rows in (500, 1):
        found = [
            (each.place, each.item.line, isinstance(each.item, Rejection))
            async for batch in read_in_places(source, RULES, max_rows=max_rows)
            for each in batch
        ]
        assert found == [(1, 1, False), (2, 1, True), (3, 1, False)]
