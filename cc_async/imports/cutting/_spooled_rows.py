"""The rows of an import when everything is read: sorted by the lists of their contacts, and weighed."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from cc_async.imports.cutting._body_plan import Combination, Load, SplitLoad
from cc_async.imports.cutting._list_combinations import ListCombination, ListCombinations
from cc_async.imports.cutting._row_file import Block, RowFile, address_row
from cc_async.sources import MergedRows
from cc_async.wire import ImportFormat, json_row

_CSV_SEPARATOR, _JSON_SEPARATOR = 2, 1  # bytes between two rows: a line end, a comma


@attrs.define
class Weight:
    """The rows of one combination, with their bytes in every form that they may be sent in."""

    lists: ListCombination
    csv_contacts: int = 0
    csv_size: int = 0
    json_contacts: int = 0
    json_size: int = 0
    all_as_json: int = 0
    csv_addresses: int = 0
    json_addresses: int = 0

    def combination(self, formats: Sequence[ImportFormat]) -> Combination:
        """Return them for the plan; *formats* are those that single bodies may have."""
        split: dict[ImportFormat, SplitLoad] = {}
        contacts = self.csv_contacts + self.json_contacts
        csv = Load(self.csv_contacts, self.csv_size)
        if self.lists.has_address and "csv" in formats and not self.json_contacts:
            split["csv"] = SplitLoad(csv, Load(contacts, self.csv_addresses))
        if self.lists.has_address and "json" in formats:
            addresses = Load(contacts, self.json_addresses)
            split["json"] = SplitLoad(Load(contacts, self.all_as_json), addresses)
        whole = (csv, Load(self.json_contacts, self.json_size))
        return Combination(self.lists.lists, whole, split)


class SpooledRows:
    """The rows to send, and the place of each contact's combination of lists."""

    def __init__(
        self,
        files: Sequence[RowFile],
        merged: MergedRows,
        combinations: ListCombinations,
        list_ids: tuple[str, ...],
    ) -> None:
        self.files = files
        self.merged = merged
        self._numbers = combinations
        places: dict[ListCombination, int] = {}
        self._place_of = {
            number: places.setdefault(combinations[number].resolved(list_ids), len(places))
            for number in combinations
        }
        self.combinations = list(places)

    def place_of(self, number: int) -> int:
        """Return the place of the combination of a row."""
        return self._place_of[self._numbers.number_of(number)]

    def weigh(self, file: RowFile, block: Block, weights: Sequence[Weight]) -> None:
        """Add the rows of a block to the weights of their combinations."""
        every = file.values(block.rows)
        for number, row, values in zip(block.numbers, block.rows, every, strict=True):
            weight = weights[self.place_of(number)]
            as_json = len(json_row(values)) + _JSON_SEPARATOR
            weight.all_as_json += as_json
            if file.send_as == "json":
                weight.json_contacts += 1
                weight.json_size += as_json
            else:
                weight.csv_contacts += 1
                weight.csv_size += len(row) + _CSV_SEPARATOR
            if weight.lists.has_address:
                weight.csv_addresses += len(address_row(values, "csv")) + _CSV_SEPARATOR
                weight.json_addresses += len(address_row(values, "json")) + _JSON_SEPARATOR
