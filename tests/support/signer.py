"""Signs some people up on a shared state folder, and prints the sum as one line of JSON."""

from __future__ import annotations

import asyncio
import json
import sys

import attrs

from cc_async import ConstantContact, Network, SignUpOptions


async def main(url: str, name: str, count: int) -> None:
    people = ({"email": f"{name}.{number}@example.com"} for number in range(count))
    async with (
        ConstantContact("sandbox-token", network=Network(base_url=url)) as cc,
        cc.bulk.sign_up(
            people, lists=["Newsletter"], consent="explicit", options=SignUpOptions(protect=())
        ) as outcomes,
    ):
        async for _ in outcomes:
            pass
    print(json.dumps(attrs.asdict(outcomes.report)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
