"""A dry run of an import in a process that may have few files open."""

from __future__ import annotations

import asyncio
import resource
import sys
from itertools import combinations

from cc_async import ImportOptions
from cc_async.errors import StoreError
from tests.support.people import client_of, open_sandbox

LISTS = [f"L{number}" for number in range(65)]


def people() -> list[dict[str, str]]:
    """Return 2,080 people with as many combinations of lists."""
    return [
        {"email": f"p{number}@example.com", "lists": ";".join(pair)}
        for number, pair in enumerate(combinations(LISTS, 2))
    ]


async def main(files: int) -> int:
    async with client_of(open_sandbox(lists=LISTS)) as cc:
        await cc.bulk.dry_run_import([{"email": "a@example.com"}], lists=LISTS[:1])
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
        try:
            found = await cc.bulk.dry_run_import(
                people(), lists=LISTS[:1], options=ImportOptions(send_as="json")
            )
        except StoreError as error:
            print(error, "|", error.hint)
            return 5
    print(found.report.contacts_sent, len(found.report.activities))
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(int(sys.argv[1]))))
