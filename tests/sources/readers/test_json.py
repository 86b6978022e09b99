"""Contacts from JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from cc_async.sources import Rejection, Row
from tests.support.sources import (
    NAMES,
    SlowFile,
    error_of,
    read,
    values,
)

SETTINGS = settings(deadline=None)  # other work on the machine is no failure


async def test_json_lines_arrays_and_import_bodies_give_the_same_rows() -> None:
    """All three forms of JSON are recognized by their beginning."""
    one, two = '{"email": "a@example.com"}', '{"email": "b@example.com", "city": "Rome"}'
    for text, lines in (
        (f"{one}\n\n{two}", [1, 3]),
        (f"[{one},\n{two}]", [1, 2]),
        (f'{{"import_data": [\n{one}, {two}], "list_ids": []}}', [2, 2]),
    ):
        rows = await read(text.encode())
        assert [row.line for row in rows] == lines
        assert [row.identity for row in rows if isinstance(row, Row)] == [
            "a@example.com",
            "b@example.com",
        ]


@SETTINGS
@given(
    st.lists(st.dictionaries(st.sampled_from(NAMES), values | st.integers(), max_size=3)),
    st.integers(1, 9),
)
async def test_json_lines_arrays_and_iterables_give_the_same_rows(
    items: list[dict[str, Any]], step: int
) -> None:
    """The form of the contacts makes no difference to the values sent."""
    expected = [row.identity if isinstance(row, Row) else row.reason for row in await read(items)]
    for text in (
        "\n".join(json.dumps(item) for item in items) or "\n",
        json.dumps(items, ensure_ascii=False, indent=1),
        json.dumps({"import_data": items}),
    ):
        if text.strip():
            found = await read(SlowFile(text.encode(), step))
            assert [
                row.identity if isinstance(row, Row) else row.reason for row in found
            ] == expected


async def test_numbers_in_a_long_array_are_not_torn_in_two() -> None:
    """Each item of an array is one item, even a number at the border of two pieces."""
    text = json.dumps([{"email": "a@example.com"}, *[1_234_567] * 60_000])
    assert len(await read(text.encode())) == 60_001


ONE = b'[{"email": "a@example.com"}]'
BODY = b'{"import_data": ' + ONE
BAD_FILES = [
    pytest.param(b'{"email": "a@example.com"}\n{"email"\n', 2, "", "9", "a line", id="json line"),
    pytest.param(b'[{"email": "a@example.com"},\n x]', 2, "", "character 2", "array", id="array"),
    pytest.param(b'[{"email": "a@example.com"},', 1, "", "ends before", "cut off", id="cut array"),
    pytest.param(ONE + b"\n" + ONE, 2, "", "follows", "one array", id="two arrays"),
    pytest.param(ONE + ONE, 1, "", "follows", "one array", id="two arrays in a line"),
    pytest.param(ONE + b'\n\n{"email": "b@x.org"}', 3, "", "follows", "a line", id="array, lines"),
    pytest.param(ONE + b" \n rubbish", 2, "", "follows", "one array", id="array, rubbish"),
    pytest.param(ONE + b"\n]", 2, "", "follows", "one array", id="array, bracket"),
    pytest.param(BODY + b"}\n" + BODY + b"}", 2, "", "follows", "one array", id="two bodies"),
    pytest.param(BODY + b',\n"list_ids": ["1"]}', 2, "list_ids", "lost", "Lists", id="lists"),
    pytest.param(BODY + b',\n"import_data": [1]}', 2, "import_data", "lost", "out", id="data twice"),
    pytest.param(BODY + b",\nrubbish}", 2, "", "character 1 ", "array", id="body, rubbish"),
    pytest.param(BODY + b"; 1}", 1, "", "character 45 ", "array", id="body, semicolon"),
    pytest.param(BODY + b"\n", 2, "", "no JSON", "array", id="body without its end"),
    pytest.param(ONE + b"\n" * 1_100_000 + ONE, 1, "", "no JSON", "array", id="far away"),
    pytest.param(b"[" * 100_000, 1, "", "no JSON", "array", id="nested far too deeply"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "line", "column", "message", "remedy"), BAD_FILES)
async def test_broken_json_is_one_error_with_its_line(
    data: bytes, line: int, column: str, message: str, remedy: str
) -> None:
    """The error names the line, and the character where that helps."""
    error = await error_of(data, name="people.csv")
    assert (error.source, error.line, error.column) == ("people.csv", line, column)
    assert message in error.message
    assert remedy in error.hint
    assert "@" not in str(error) + error.hint


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ('[["a@example.com", "Ann"], ["b@example.com", "Bob"]]', "a list"),
        ('\n["a@example.com",\n"b@example.com"]', "a text"),
        ('{"import_data": [7, null]}', "a number"),
        (json.dumps([["a@example.com"]] * 20_000), "a list"),
    ],
)
async def test_an_array_without_any_object_is_one_error(text: str, first: str) -> None:
    """The file has another form than contacts have; that is no fault of each row."""
    error = await error_of(text.encode(), name="people.json")
    assert error.source == "people.json"
    assert f"the first is {first}" in error.message
    assert '{"email"' in error.hint


@pytest.mark.parametrize("form", ["{}\n", "[{}]", '{{"import_data": [{}]}}'])
async def test_a_number_of_thousands_of_digits_rejects_its_row(form: str) -> None:
    """Python reads no more than 4,300 digits."""
    item = '{"email": "a@example.com", "cf:field_1": ' + "9" * 5_000 + "}"
    if form == "{}\n":
        assert "no JSON" in (await error_of(form.format(item).encode())).message
        return
    (row,) = await read(form.format(item).encode())
    assert isinstance(row, Rejection)
    assert row.column == "cf:field_1"


@pytest.mark.parametrize("form", ["{}\n", "[{}]", '{{"import_data": [{}]}}'])
@pytest.mark.parametrize(
    ("item", "column"),
    [
        ('{"email": "a@example.com", "city": "Rome", "city": "Oslo"}', "city"),
        ('{"email": "a@example.com", "email": "a@example.com"}', "email"),
        ('{"email": "a@example.com", "custom_fields": {"field_1": 1, "field_1": 2}}', "field_1"),
        ('{"email": "a@example.com", "street": "a:b", "city": "x", "city": ""}', "city"),
    ],
)
async def test_a_name_that_comes_twice_rejects_its_row(form: str, item: str, column: str) -> None:
    """One of its two values would be lost."""
    (row,) = await read(form.format(item).encode())
    assert isinstance(row, Rejection)
    assert (row.column, "twice" in row.reason) == (column, True)


async def test_colons_and_groups_of_values_are_no_doubled_names() -> None:
    """They stand in texts, and names may come again inside of others."""
    text = '{"email": "a@example.com", "street": "a: b:c", "custom_fields": {"field_1": "x: y"}}'
    for form in ("{}\n", "[{}]"):
        (row,) = await read(form.format(text).encode())
        assert isinstance(row, Row)
        assert row.values["cf:field_1"] == "x: y"


@pytest.mark.parametrize("step", [1, 7, 100_000])
async def test_blanks_and_empty_settings_after_an_array_do_no_harm(step: int) -> None:
    """Only what would be lost ends the reading."""
    for text in (ONE + b" \r\n\n", BODY + b', "list_ids": [], "sms_permission_to_send": null}\n'):
        assert len(await read(SlowFile(text, step))) == 1
