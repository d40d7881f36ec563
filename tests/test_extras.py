"""What a core install says of a feature that needs an extra: the error names what to install."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PETS = {
    "openapi": "3.1.0",
    "servers": [{"url": "http://127.0.0.1:9"}],
    "paths": {"/pets": {"get": {"operationId": "listPets", "security": [{"login": ["read"]}]}}},
    "components": {
        "securitySchemes": {
            "login": {
                "type": "oauth2",
                "flows": {"clientCredentials": {"tokenUrl": "http://127.0.0.1:9/token", "scopes": {"read": ""}}},
            }
        }
    },
}
OVERLAY = {
    "overlay": "1.0.0",
    "info": {"title": "Ours", "version": "1"},
    "actions": [{"target": "$.info", "update": {"title": "Ours"}}],
}
FETCH = "dynclient.Client(PETS, auth={'login': dynclient.OAuth2('id', 'secret')}, retries=0).listPets()"


@pytest.mark.parametrize(
    ("missing", "code", "error"),
    [
        (
            "anyio",
            "dynclient.AsyncClient",
            "ModuleNotFoundError: AsyncClient needs the library anyio: pip install 'dynclient[async]'",
        ),
        (
            "h11",
            "dynclient.AsyncClient",
            "ModuleNotFoundError: AsyncClient needs the library h11: pip install 'dynclient[async]'",
        ),
        (
            "oauthlib",
            FETCH,
            (
                "dynclient.errors.CallError: listPets: no token for login: OAuth2 needs the library oauthlib: "
                "pip install 'dynclient[oauth]'. Nothing was sent."
            ),
        ),
        (
            "jsonpath",
            f"dynclient.Client(PETS, overlays=[{OVERLAY!r}])",
            (
                "dynclient.errors.DocumentError: mapping: overlays need a JSONPath library: "
                "pip install 'dynclient[overlay]'"
            ),
        ),
        (
            "socks",
            "dynclient.Client(PETS, auth={'login': 'token'}, retries=0).listPets()",
            (
                "dynclient.errors.NoConnection: listPets: the proxy socks5://127.0.0.1:9 cannot be used without "
                "PySocks: pip install PySocks. Nothing was sent."
            ),
        ),
    ],
    ids=["async, anyio", "async, h11", "oauth", "overlay", "SOCKS"],
)
def test_a_missing_library(missing: str, code: str, error: str) -> None:
    """The last line of the traceback is the error, whole."""
    run = f"import sys; sys.modules[{missing!r}] = None; import dynclient; PETS = {PETS!r}; {code}"
    proxy = {"HTTP_PROXY": "socks5://127.0.0.1:9", "NO_PROXY": ""} if missing == "socks" else {}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", run], capture_output=True, text=True, env={**os.environ, **proxy}
    )

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == error


@pytest.mark.parametrize(
    ("missing", "words", "error"),
    [
        ("jmespath", ["-q", "data"], "error: --select needs jmespath: pip install 'dynclient[cli]'"),
        ("rich", ["-o", "table"], "error: a table needs rich: pip install 'dynclient[cli]'"),
        (
            "keyring",
            ["--auth", "ApiKeyAuth=keyring:api/me"],
            "error: --auth ApiKeyAuth: this needs keyring: pip install 'dynclient[keyring]'",
        ),
    ],
)
def test_a_missing_library_in_the_shell(missing: str, words: list[str], error: str) -> None:
    """One line, and the status of a call that was not made."""
    command = ["openai", "listModels", "--mock", *words]
    run = f"import sys; sys.modules[{missing!r}] = None; from dynclient.cli import main; sys.exit(main({command!r}))"
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True)

    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{error}\n")


def test_the_core_needs_none_of_them() -> None:
    """A call and the command line work without all of them."""
    names = [
        "anyio",
        "h11",
        "oauthlib",
        "jsonpath",
        "jmespath",
        "keyring",
        "rich",
        "tomlkit",
        "socks",
        "brotli",
        "brotlicffi",
        "backports.zstd",
    ]
    run = (
        f"import sys; sys.modules.update(dict.fromkeys({names!r}));"
        "from dynclient.cli import main; sys.exit(main(['openai', 'listModels', '--mock']))"
    )
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
