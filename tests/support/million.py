"""Imports a file into a sandbox elsewhere and prints what it took, as one line of JSON."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time

from cc_async import ConstantContact


async def main(url: str, path: str, verify: bool) -> None:
    started = time.perf_counter()
    async with ConstantContact("sandbox-token", base_url=url, store="memory:") as cc:
        report = await cc.bulk.import_contacts(path, lists=["Newsletter"], verify=verify or None)
    figures = {
        "seconds": time.perf_counter() - started,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "is_all_accepted": report.is_all_accepted,
        "person_count": report.person_count,
        "requests": report.requests,
        "bodies": len(report.activities),
        "bytes": sum(each.bytes for each in report.activities),
        "missing": report.missing,
        "unconfirmed": report.unconfirmed,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], "verify" in sys.argv))
