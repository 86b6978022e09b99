"""Invented contacts of 150 bytes, one in a hundred with quoted commas or a line break."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

__all__ = ["HEADING", "people", "write_file"]

HEADING = (
    "Email Address,First Name,Last Name,Company,Job Title,Phone,Street,City,State,Zip Code,"
    "Country,Anniversary\r\n"
)
_AT_ONCE = 10_000


def people(count: int) -> Iterator[dict[str, str]]:
    """Yield *count* contacts as a program would hold them."""
    for n in range(count):
        yield {
            "email": f"contact.{n:07d}@example{n % 50}.com",
            "first_name": "Alexandra",
            "last_name": f"Featherstone{n % 1000}",
            "job_title": "Purchasing Manager",
            "company_name": f"Northwind Traders {n % 300}",
            "phone": f"781-555-{n % 10000:04d}",
            "street": f"{n % 9999} Long Meadow Road",
            "city": "Springfield",
            "state": "MA",
            "zip": f"{n % 100000:05d}",
            "country": "US",
        }


def write_file(path: Path, count: int) -> Path:
    """Write *count* contacts to *path* as CSV, and return it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADING)
        for start in range(0, count, _AT_ONCE):
            file.write("".join(map(_line, range(start, min(start + _AT_ONCE, count)))))
    return path


def _line(n: int) -> str:
    street = f"{n % 9999} Long Meadow Road"
    if n % 100 == 0:
        street = f'"{street}, Building ""{n % 7}"""'
    if n % 200 == 0:
        street = street[:-1] + '\nFlat 4"'
    return (
        f"contact.{n:07d}@example{n % 50}.com,Alexandra,Featherstone{n % 1000},"
        f"Northwind Traders {n % 300},Purchasing Manager,781-555-{n % 10000:04d},{street},"
        f"Springfield,MA,{n % 100000:05d},US,20{n % 25:02d}-0{n % 9 + 1}-1{n % 10}\r\n"
    )
