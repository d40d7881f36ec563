"""
The environment variables that people already have: those that a vendor's own tool or SDK reads, by the vendor's server.

A document cannot choose one of them, because the server that the call goes to does; see `variables_for`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dynclient.openapi import SecurityScheme


@dataclass(frozen=True, slots=True)
class Vendor:
    """
    How a vendor's server takes the key that its environment variables hold.

    Attributes:
        variables: the variables; the first that is set counts.
        kinds: the kinds of security schemes that the key is for: "bearer", "basic", or the name of a header, in lower
            case.
    """

    variables: tuple[str, ...]
    kinds: tuple[str, ...] = ("bearer",)


# A line needs a variable that the vendor's own tool or SDK reads by itself.
WELL_KNOWN: Mapping[str, Vendor] = {
    "https://api.anthropic.com": Vendor(("ANTHROPIC_API_KEY",), ("x-api-key",)),
    "https://api.cloudflare.com": Vendor(("CLOUDFLARE_API_TOKEN",)),
    "https://api.cohere.com": Vendor(("CO_API_KEY",)),
    "https://api.digitalocean.com": Vendor(("DIGITALOCEAN_ACCESS_TOKEN", "DIGITALOCEAN_TOKEN")),
    "https://api.github.com": Vendor(("GITHUB_TOKEN", "GH_TOKEN")),
    "https://api.groq.com": Vendor(("GROQ_API_KEY",)),
    "https://api.mistral.ai": Vendor(("MISTRAL_API_KEY",)),
    "https://api.openai.com": Vendor(("OPENAI_API_KEY",)),
    "https://api.resend.com": Vendor(("RESEND_API_KEY",)),
    "https://api.sendgrid.com": Vendor(("SENDGRID_API_KEY",)),
    "https://api.stripe.com": Vendor(("STRIPE_API_KEY",), ("basic", "bearer")),
    "https://console.neon.tech": Vendor(("NEON_API_KEY",)),
    "https://gitlab.com": Vendor(("GITLAB_TOKEN",), ("bearer", "private-token")),
    "https://huggingface.co": Vendor(("HF_TOKEN",)),
    "https://openrouter.ai": Vendor(("OPENROUTER_API_KEY",)),
}
"""The vendors by the origin of their server, as a URL in a document spells it."""

# Nothing but letters, digits, dots and hyphens between // and the path: no user name, no backslash, no other port.
_PLAIN = re.compile(r"(https://[a-z0-9.-]+)(?::443)?(?:[/?].*)?", re.DOTALL)


def variables_for(base_url: str, scheme: SecurityScheme) -> tuple[str, ...]:
    """
    Return the variables that may hold a scheme's credential in a call to this URL, the first to be tried first.

    The URL must be of https and name exactly the vendor's host, as the table spells it, at its usual port. Neither the
    document's title nor its file name counts.

    >>> key = SecurityScheme("any", "http", scheme="bearer")
    >>> variables_for("https://api.openai.com/v1", key), variables_for("https://api.openai.com.test/v1", key)
    (('OPENAI_API_KEY',), ())
    """
    found = _PLAIN.fullmatch(base_url)
    vendor = WELL_KNOWN.get(found[1]) if found else None
    return vendor.variables if vendor and _kind(scheme) in vendor.kinds else ()


def credential_of(scheme: SecurityScheme, text: str) -> str | tuple[str, str]:
    """Return what a variable holds as the credential of a scheme: with http basic, a key is the user."""
    return (text, "") if _kind(scheme) == "basic" else text


def _kind(scheme: SecurityScheme) -> str:
    """The kind of a scheme, as `Vendor.kinds` names it; "" for those that no key is for, such as one in a query."""
    if scheme.type == "apiKey":
        return scheme.parameter.lower() if scheme.location == "header" else ""
    if scheme.type in ("oauth2", "openIdConnect"):
        return "bearer"
    return scheme.scheme if scheme.type == "http" and scheme.scheme in ("basic", "bearer") else ""
