"""The ways to a server, what goes wrong on them, and of whom the errors speak."""

from __future__ import annotations

import socket
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from dynclient.errors import BrokenAnswer, CallError, InsecureConnection, NoConnection, SendError
from tests.certificates import signed_by_itself
from tests.drivers import _driver, generate as pytest_generate_tests, made, only  # noqa: F401
from tests.faultserver import Fault, FaultServer, Line, closing, resetting, saying, silent, unread
from tests.network.test_faults import client
from tests.proxyserver import ProxyServer, Refusal, reset

SECRET = "sk-SECRET-0123456789"

FAULTS = {"reset": resetting, "close": closing, "silence": silent}

# The proxy and the scheme of the server.
WAYS = {
    "none": ("", "http"),
    "none, TLS": ("", "https"),
    "http": ("http", "http"),
    "CONNECT": ("http", "https"),
    "https proxy": ("https", "http"),
    "https proxy, CONNECT": ("https", "https"),
    "SOCKS": ("socks5", "http"),
    "SOCKS, TLS": ("socks5", "https"),
}


@contextmanager
def way(
    name: str, server: FaultServer, certificate: Path, monkeypatch: pytest.MonkeyPatch, refusal: Refusal | None = None
) -> Iterator[ProxyServer | None]:
    """The environment says so."""
    proxy, scheme = WAYS[name]
    monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
    if not proxy:
        yield None
        return
    kind, tls = ("http", certificate) if proxy == "https" else (proxy, None)
    with ProxyServer(kind, refusal=refusal, tls=tls) as found:
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", found.url)
        yield found


def for_this_client(name: str) -> None:
    """AsyncClient refuses SOCKS."""
    if WAYS[name][0] == "socks5" and type(made({"openapi": "3.1.0", "paths": {}})).__name__ == "Waiting":
        pytest.skip("a SOCKS proxy is for Client alone")


# ------------------------------------------------------------------------------------- how often, and what became of it


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", WAYS)
def test_what_ends_after_a_post(name: str, fault: str, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server has it once, by whatever way; it may have carried it out, and there was a connection."""
    for_this_client(name)
    tls = certificate if WAYS[name][1] == "https" else None
    with FaultServer(FAULTS[fault], tls=tls) as server, way(name, server, certificate, monkeypatch) as proxy:
        with pytest.raises(SendError) as caught:
            client(server.url, timeout=(5, 0.2)).create(body={"pay": 1})

        found = (server.work, caught.value.sent, caught.value.attempts, isinstance(caught.value, NoConnection))
        assert found == (1, "unknown", 1, False)
        is_forwarded = bool(proxy) and WAYS[name][1] == "http" and WAYS[name][0] != "socks5"
        assert ((proxy.url if proxy and is_forwarded else server.url) in str(caught.value)) is True


def end_hard(connected: socket.socket) -> None:
    connected.recv(1)
    reset(connected)


def say_nothing(connected: socket.socket) -> None:
    while connected.recv(1 << 16):
        pass


REFUSALS: dict[str, Refusal] = {"reset": end_hard, "close": lambda c: c.recv(1 << 16), "silence": say_nothing}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", [name for name in WAYS if WAYS[name][0]])
def test_proxies_that_end_before_a_post(
    name: str, fault: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Nothing was sent where the way was not open yet, so that it is tried again; a proxy for http gets the POST at once.
    The server has nothing, and the error speaks of the proxy.
    """
    for_this_client(name)
    is_open = WAYS[name][1] == "http" and WAYS[name][0] != "socks5"
    tls = certificate if WAYS[name][1] == "https" else None
    with (
        FaultServer(tls=tls) as server,
        way(name, server, certificate, monkeypatch, REFUSALS[fault]) as proxy,
        pytest.raises(SendError) as caught,
    ):
        client(server.url, timeout=(0.2, 0.2), retries=1).create(body={"pay": 1})

    assert proxy is not None
    assert (server.work, caught.value.sent, caught.value.attempts) == (0, *(("unknown", 1) if is_open else ("no", 2)))
    assert f"the proxy {proxy.url}" in str(caught.value)
    assert "Is the server running?" not in str(caught.value)


def after_a_byte(fault: Fault) -> Fault:
    def play(line: Line) -> None:
        line.socket.recv(1)
        fault(line)

    return unread(play)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_servers_that_end_before_a_post(
    scheme: str, fault: str, monkeypatch: pytest.MonkeyPatch, certificate: Path
) -> None:
    """Plain http is written at once, and who knows; over TLS the handshake comes first."""
    monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
    with FaultServer(before=[after_a_byte(FAULTS[fault])] * 2) as server:
        url = server.url.replace("http:", f"{scheme}:")
        with pytest.raises(SendError) as caught:
            client(url, timeout=(0.2, 0.2), retries=1).create(body={"pay": 1})

        found = (server.work, caught.value.sent, caught.value.attempts)
        assert found == (0, *(("unknown", 1) if scheme == "http" else ("no", 2)))


@pytest.mark.parametrize("name", WAYS)
def test_all_ways_lead_to_the_server(name: str, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And connections are kept on them."""
    for_this_client(name)
    tls = certificate if WAYS[name][1] == "https" else None
    with FaultServer(tls=tls) as server, way(name, server, certificate, monkeypatch) as proxy:
        c = client(server.url)
        assert [c.create(body={"pay": 1}).data for _ in range(2)] == [{"ok": True}] * 2
        assert (server.work, server.connections) == (2, 1)
        assert proxy is None or len(proxy.asked) == 1


@only("Client")
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", ["none", "http", "SOCKS"])
def test_adapters_that_nobody_watches(
    name: str, fault: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of a session of the caller: a POST is sent once as well."""
    with FaultServer(FAULTS[fault]) as server, way(name, server, certificate, monkeypatch):
        with requests.Session() as session, pytest.raises(SendError) as caught:
            client(server.url, timeout=(5, 0.2), session=session).create(body={"pay": 1})

        assert (server.work, caught.value.sent, caught.value.attempts) == (1, "unknown", 1)


@only("Client")
def test_names_that_a_socks_proxy_looks_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """By `socks5h` it gets the name; by `socks5` the first address that it can reach."""
    with FaultServer() as server, ProxyServer("socks5") as proxy:
        port = server.url.rpartition(":")[2]
        for scheme in ("socks5h", "socks5"):
            monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("socks5", scheme))
            client(f"http://localhost:{port}").create()

    assert proxy.asked[0] == f"localhost:{port}"
    assert proxy.asked[-1] == f"127.0.0.1:{port}"


# ------------------------------------------------------------------------------------------------- whose fault it is


def message(url: str, **options: Any) -> str:
    with pytest.raises(SendError) as caught:
        client(url, **{"retries": 0, **options}).create()
    assert caught.value.sent == "no"
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    return caught.value.message


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("kind", ["http", "https", "socks5"])
def test_a_proxy_that_is_not_there(kind: str, scheme: str, nowhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the proxy that does not run; its password is not shown."""
    for_this_client({"socks5": "SOCKS"}.get(kind, "http"))
    host = nowhere.partition("//")[2]
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"{kind}://me:{SECRET}@{host}")

    assert message(f"{scheme}://127.0.0.1:9") == f"no connection to the proxy {kind}://{host}. Is the proxy running?"


@pytest.mark.parametrize(
    ("proxy", "name", "why"),
    [
        (f"http://me:{SECRET}@127.0.0.1:99999", "http://127.0.0.1:99999", "there can be no such address"),
        (f"me:{SECRET}@127.0.0.1:x", "http://127.0.0.1:x", "there can be no such address"),
        (f"http://me:{SECRET}@", "http://", "there can be no such address"),
        (
            f"ftp://me:{SECRET}@127.0.0.1:1",
            "ftp://127.0.0.1:1",
            "its scheme isn't one of http, https, socks4, socks4a, ",
        ),
        (f"socks9://me:{SECRET}@h.test", "socks9://h.test", "its scheme isn't one of http, https, socks4, socks4a, "),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_cannot_be(proxy: str, name: str, why: str, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says which and why, and not its password; it is not tried again."""
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", proxy)

    assert message(f"{scheme}://api.test").startswith(f"the proxy {name} cannot be used: {why}")
    with pytest.raises(NoConnection) as caught:
        client(f"{scheme}://api.test").create()
    assert caught.value.attempts == 1


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
@pytest.mark.parametrize(
    ("answer", "said", "attempts"),
    [
        ("407 Who?", "407 Proxy Authentication Required. It asks for a user and password: http://user:pass", 1),
        ("403 No", "403 Forbidden", 1),
        ("502 No", "502 Bad Gateway", 2),
        ("599 No", "599", 2),
    ],
)
def test_a_tunnel_that_is_refused(
    answer: str, said: str, attempts: int, tls: bool, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the status of the proxy's answer; it is tried again where that may pass."""
    with answering_proxy(f"HTTP/1.1 {answer}\r\n\r\n".encode(), certificate if tls else None) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", f"//me:{SECRET}@"))
        monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
        found = message("https://api.test")
        with pytest.raises(NoConnection) as caught:
            client("https://api.test", retries=1).create()

    assert found.startswith(f"the proxy {proxy.url} refused a connection to https://api.test: {said}")
    assert caught.value.attempts == attempts


def test_a_tunnel_answered_by_no_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a server of another protocol does, on the port that was given for the proxy's."""
    with answering_proxy(b"SSH-2.0-OpenSSH_9.6\r\n") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)

        assert message("https://api.test").startswith(f"the answer of the proxy {proxy.url} cannot be read: ")


def test_a_proxy_for_https_that_speaks_plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual mistake: HTTPS_PROXY names the scheme of the servers, and not that of the proxy."""
    with answering_proxy(b"HTTP/1.1 400 Bad\r\n\r\n") as proxy:
        url = proxy.url.replace("http:", "https:")
        monkeypatch.setenv("HTTPS_PROXY", url)

        said = f"no secure connection to the proxy {url}: it does not speak TLS. Is http:// meant?"
        assert message("https://api.test") == said


@contextmanager
def answering_proxy(answer: bytes, tls: Path | None = None) -> Iterator[ProxyServer]:
    def refuse(connected: socket.socket) -> None:
        connected.recv(1 << 16)
        connected.sendall(answer)
        connected.shutdown(socket.SHUT_WR)
        while connected.recv(1 << 16):
            pass

    with ProxyServer(refusal=refuse, tls=tls) as proxy:
        yield proxy


@only("Client")
def test_a_socks_proxy_that_cannot_reach_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so itself (RFC 1928 §6)."""

    def refuse(connected: socket.socket) -> None:
        connected.recv(3)
        connected.sendall(b"\x05\x00")
        connected.recv(1 << 16)
        connected.sendall(b"\x05\x05\x00\x01" + bytes(6))

    with ProxyServer("socks5", refusal=refuse) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        said = f"the proxy {proxy.url} made no connection to http://127.0.0.1:9: 0x05: Connection refused"
        assert message("http://127.0.0.1:9") == said


@only("Client")
def test_socks_without_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to install."""
    monkeypatch.setattr("dynclient.network.transport.find_spec", lambda name: None)
    monkeypatch.setenv("HTTP_PROXY", f"socks5://me:{SECRET}@127.0.0.1:9")

    said = "the proxy socks5://127.0.0.1:9 cannot be used without PySocks: pip install PySocks"
    assert message("http://api.test") == said


@only("AsyncClient")
def test_socks_for_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused before anything is sent."""
    monkeypatch.setenv("HTTP_PROXY", f"socks5://me:{SECRET}@127.0.0.1:9")
    with pytest.raises(CallError, match="AsyncClient cannot use the proxy socks5://127") as caught:
        client("http://api.test").create()

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("name", ["none", "CONNECT", "SOCKS, TLS"])
def test_a_handshake_that_is_ended(name: str, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has refused a certificate: it is made again, and the second time it succeeds."""
    for_this_client(name)
    for end in (closing, resetting):
        ended = after_a_byte(end)
        with ExitStack() as stack:
            server = stack.enter_context(FaultServer(before=[ended]))
            monkeypatch.setattr(server, "_tls", None)
            stack.enter_context(way(name, server, certificate, monkeypatch))
            with pytest.raises(NoConnection) as caught:
                client(server.url.replace("http:", "https:"), retries=0).create()
            url = server.url.replace("http:", "https:")
            assert caught.value == NoConnection("create", f"{url} closed the connection during the TLS handshake", "no")
            assert caught.value.is_transient


@pytest.mark.parametrize("over", ["none", "https proxy"])
@pytest.mark.parametrize(
    ("days", "names", "trusted", "said"),
    [
        (-1, "IP:127.0.0.1", True, "its certificate has expired"),
        (2, "IP:127.0.0.1", False, "its certificate is self-signed. REQUESTS_CA_BUNDLE names a file of trusted ones"),
        (2, "IP:127.0.0.9", True, "its certificate is for another address"),
    ],
    ids=["expired", "self-signed", "other address"],
)
def test_certificates_that_are_refused(
    days: int,
    names: str,
    trusted: bool,
    said: str,
    over: str,
    certificate: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The error says why, of the server or of the proxy, and nothing was sent; it would be the same again."""
    path = signed_by_itself(tmp_path, days=days, names=names)
    monkeypatch.setenv("SSL_CERT_FILE", f"{path if trusted else certificate}.crt")
    with ExitStack() as stack:
        if over == "none":
            server = stack.enter_context(FaultServer(tls=path))
            url, peer = server.url, server.url
        else:
            proxy = stack.enter_context(ProxyServer(tls=path))
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            url, peer = "http://api.test", f"the proxy {proxy.url}"
        with pytest.raises(InsecureConnection) as caught:
            client(url).create()

    assert (caught.value.message, caught.value.sent) == (f"no secure connection to {peer}: {said}", "no")
    assert caught.value.attempts == 1


def test_a_certificate_for_another_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name."""
    path = signed_by_itself(tmp_path, names="DNS:api.test")
    monkeypatch.setenv("SSL_CERT_FILE", f"{path}.crt")
    with FaultServer(tls=path) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        assert message(url) == f"no secure connection to {url}: its certificate is for another host"


def test_versions_of_tls_that_do_not_meet(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An alert of the server, which is no lost connection."""
    monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
    alert = after_a_byte(lambda line: line.send(b"\x15\x03\x01\x00\x02\x02\x46"))
    with FaultServer(before=[alert]) as server:
        url = server.url.replace("http:", "https:")
        assert message(url) == f"no secure connection to {url}: no version of TLS is permitted by both sides"


def test_plain_http_where_tls_is_spoken() -> None:
    """The alert that comes back shows it (RFC 8446 §6)."""
    with FaultServer(saying(b"\x15\x03\x01\x00\x02\x02\x46")) as server:
        with pytest.raises(BrokenAnswer) as caught:
            client(server.url).create()

        said = f"the answer of {server.url} cannot be read: it is TLS, not HTTP. Did you mean https://?"
        assert (caught.value.message, server.work) == (said, 1)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (socket.EAI_NONAME, "the name of its host was not found"),
        (socket.EAI_AGAIN, "no name server answers for its host"),
    ],
)
@pytest.mark.parametrize("is_proxy", [False, True], ids=["server", "proxy"])
def test_a_host_that_is_not_found(number: int, said: str, is_proxy: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both clients say the same, of the host that is looked up."""

    def look_up(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(number, "no")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    peer = "http://api.test"
    if is_proxy:
        monkeypatch.setenv("HTTP_PROXY", "http://proxy.test:3128")
        peer = "the proxy http://proxy.test:3128"

    assert message("http://api.test") == f"no connection to {peer}: {said}"


@pytest.mark.parametrize("host", [f"{'a' * 70}.test", "a..test"])
def test_a_host_that_cannot_be(host: str) -> None:
    """No name server is asked."""
    assert message(f"https://{host}") == f"there can be no such address as https://{host}"


@pytest.mark.parametrize("number", [101, 113], ids=["network", "host"])
def test_a_network_that_cannot_be_reached(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the server runs is not what matters."""

    def connect(*_: Any) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(socket.socket, "connect", connect)

    assert message("http://127.0.0.1:9") in (
        "no connection to http://127.0.0.1:9: Network is unreachable",
        "no connection to http://127.0.0.1:9: No route to host",
    )
