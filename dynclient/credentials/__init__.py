"""
Which credentials a call needs, where they come from, and what must never be shown.

In come security schemes and the caller's credentials; out come the headers, query parameters and cookies that carry
them, OAuth 2.0 tokens, and masks for everything that is printed: `masking` finds the secrets in values, `secrets`
replaces them in texts. May import `openapi` and below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynclient.support.lazy_names import lazy

if TYPE_CHECKING:
    from dynclient.credentials.authenticator import Authenticator
    from dynclient.credentials.kinds import NETRC, Credential
    from dynclient.credentials.masking import Mask
    from dynclient.credentials.oauth import OAuth2, TokenError
    from dynclient.credentials.places import AUTHORIZATION, CERTIFICATE, Credentials, Place, Site
    from dynclient.credentials.secret_names import is_cursor_name, is_secret_place_name
    from dynclient.credentials.secrets import MASK, NO_SECRETS, Secrets

__getattr__, __dir__ = lazy(
    __name__,
    """
    authenticator: Authenticator
    kinds: Credential NETRC
    masking: Mask
    oauth: OAuth2 TokenError
    places: AUTHORIZATION CERTIFICATE Credentials Place Site
    secret_names: is_cursor_name is_secret_place_name
    secrets: MASK NO_SECRETS Secrets
    """,
)
