"""How large a document may be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """
    The largest document that is read. A file that a reference leads to has the same limits.

    Attributes:
        size: bytes of the text, compressed or not. The largest published documents have about 13 MB.
        depth: how many levels of objects and arrays stand inside each other. Published documents reach about 40.
        values: how many values there are, those that aliases repeat included. Published documents hold 20 000 a
            megabyte.
    """

    size: int = 32 << 20
    depth: int = 200
    values: int = 1_000_000

    def exceeded(self) -> str:
        """What a text is that is larger than `size`."""
        size = f"{self.size >> 20} MiB" if self.size >= 1 << 20 else f"{self.size} bytes"
        return f"is larger than {size}; max_document_size= permits more"


LIMITS = Limits()
