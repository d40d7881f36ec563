"""How large a document may be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """
    The largest document that is read; each file that a reference leads to has the same limits.

    Attributes:
        size: bytes of the text, compressed or not. The largest published documents have about 13 MB.
        depth: how deep objects and arrays may nest. Published documents reach about 40.
        values: how many values it may have, including those that aliases repeat. Published documents have 20 000 per
            megabyte.
    """

    size: int = 32 << 20
    depth: int = 200
    values: int = 1_000_000

    def exceeded(self) -> str:
        """Return what is wrong with a text larger than `size`."""
        size = f"{self.size >> 20} MiB" if self.size >= 1 << 20 else f"{self.size} bytes"
        return f"is larger than {size}; max_document_size= permits more"


LIMITS = Limits()
