"""A source file is known by its place and content, and a job by its key."""

from __future__ import annotations

from pathlib import Path

from cc_async.jobs import job_key, read_source_file


async def test_a_file_is_known_by_its_content(tmp_path: Path) -> None:
    """The digest changes with the content, and the path is a full one."""
    path = tmp_path / "people.csv"
    path.write_text("email\na@example.com\n")
    first = await read_source_file(path)
    assert first == await read_source_file(path)
    assert Path(first.path).is_absolute()
    path.write_text("email\nb@example.com\n")
    assert (await read_source_file(path)).digest != first.digest


async def test_a_file_holds_no_more_addresses_than_signs(tmp_path: Path) -> None:
    """Each @ may be an address, in whatever format and encoding; this is an upper estimate."""
    path = tmp_path / "people"
    for text in ('[{"email":"a@b.co"},{"email":"c@d.co"}]', "email\na@b.co\nc@d.co\n"):
        for encoding in ("utf-8", "utf-16", "cp1252"):
            path.write_bytes(text.encode(encoding))
            assert (await read_source_file(path)).max_addresses == 2
    path.write_bytes(b"email,site\n" + b"a@b.co,me@example\n" * 100_000)
    assert (await read_source_file(path)).max_addresses == 200_000


def test_the_key_of_a_job_depends_on_kind_path_and_options() -> None:
    """The order of options does not count; each of their values does."""
    key = job_key("import", "/a.csv", lists=["A"], mapping={"x": "email", "y": ""})
    assert key == job_key("import", "/a.csv", mapping={"y": "", "x": "email"}, lists=["A"])
    others = {
        job_key("sign_up", "/a.csv", lists=["A"], mapping={"x": "email", "y": ""}),
        job_key("import", "/b.csv", lists=["A"], mapping={"x": "email", "y": ""}),
        job_key("import", "/a.csv", lists=["B"], mapping={"x": "email", "y": ""}),
        job_key("import", "/a.csv", lists=["A"], mapping={"x": "email"}),
    }
    assert len(others - {key}) == 4


def test_a_key_stays_what_it_is() -> None:
    """Keys are stored in the list of jobs, so another version must make the same."""
    assert job_key("import", "/a.csv", lists=["A"]) == "2e551a1f9bcf90a2e248bf6d8bbfaf31"
