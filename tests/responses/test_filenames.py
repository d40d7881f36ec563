"""Names that a server gives files: whatever it says, the file is in the folder that was asked for, and can be seen."""

from __future__ import annotations

import pytest

from dynclient.responses.filenames import file_name, safe_name

URL = "http://api.test/files/f-1"


def named(header: str) -> str:
    return file_name({"Content-Disposition": header}, URL, "fetch")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('attachment; filename="a b.txt"', "a b.txt"),
        ("attachment; filename=a.txt", "a.txt"),
        ("inline; FILENAME=a.txt", "a.txt"),
        ('attachment; filename="a;b.txt"; size=5', "a;b.txt"),
        (r'attachment; filename="a\"b.txt"', "a_b.txt"),
        ("attachment; filename*=UTF-8''%e2%82%ac%20rates.pdf", "€ rates.pdf"),
        ("attachment; filename*=iso-8859-1'en'%A3.txt", "£.txt"),
        ("attachment; filename=\"EURO.pdf\"; filename*=utf-8''%e2%82%ac.pdf", "€.pdf"),
        ("attachment; filename*=utf-8''%e2%82%ac.pdf; filename=\"EURO.pdf\"", "€.pdf"),
        ("attachment; filename*=no-such-charset''a; filename=b", "b"),
        ("attachment; filename*=utf-8''%ff; filename=b", "b"),
        ("attachment; filename*=utf-8''%2e%2e%2f; filename=b", "b"),
        ('attachment; filename="{}"'.format("ü.txt".encode().decode("latin-1")), "ü.txt"),
        ('attachment; filename="ü.txt"', "ü.txt"),
        ('attachment; filename="100%25.txt"', "100%25.txt"),
        ("attachment", "f-1"),
        ("", "f-1"),
        ('attachment; filename=""', "f-1"),
        ('attachment; filename=".."', "f-1"),
        ("attachment; filename=" + "a" * 5000, "f-1"),
        ('attachment; filename="' + '";' * 2000, "f-1"),
        (";;;=;\x00", "f-1"),
    ],
)
def test_content_disposition(header: str, expected: str) -> None:
    """RFC 6266 and RFC 8187, what servers send beside them, and the URL where there is no name."""
    assert named(header) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\Windows\\a.txt", "a.txt"),
        ("C:a.txt", "a.txt"),
        ("\\\\host\\share\\a.txt", "a.txt"),
        ("a/", ""),
        ("..", ""),
        (".", ""),
        ("...", ""),
        (".bashrc", "bashrc"),
        (". .ssh", "ssh"),
        ("-rf", "rf"),
        ("--output=x", "output=x"),
        ("a.txt.", "a.txt"),
        ("a.txt . .", "a.txt"),
        ("a.txt::$DATA", "a.txt__$DATA"),
        ("a\x00.txt", "a.txt"),
        ("a\r\nb\t.txt", "ab.txt"),
        ("a\x1b[31m.txt", "a[31m.txt"),
        ("a\x85b\u2028c", "abc"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\u200b\u2066b\ufeff", "ab"),
        ("a\ud800b", "ab"),
        ("a\u3000b", "a b"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("Com1.tar.gz", "_Com1.tar.gz"),
        ("LPT¹", "_LPT¹"),
        ("aux .txt", "_aux .txt"),
        ("CONIN$", "_CONIN$"),
        ("COM10", "COM10"),
        ("console.txt", "console.txt"),
        ('<>:"|?*', "_______"),
        ("u\u0308", "ü"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_hostile_names(name: str, expected: str) -> None:
    """Nothing leads elsewhere, is hidden, means a device, or turns text around."""
    assert safe_name(name) == expected


@pytest.mark.parametrize(
    "name",
    ["a" * 300 + ".txt", "ü" * 300 + ".tar.gz", "a." + "b" * 300, "🎈" * 100, "a" * 199 + " .txt", "." * 400 + "a"],
)
def test_long_names(name: str) -> None:
    """They are cut between characters, and a suffix is kept."""
    short = safe_name(name)

    assert 0 < len(short.encode()) <= 200
    assert not name.endswith((".txt", ".gz")) or short.endswith(name[-3:])
    assert safe_name(short) == short


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://api.test/a%2F..%2Fb.txt?c=d#e", "b.txt"),
        ("http://api.test/a/%2e%2e", "fetch"),
        ("http://api.test/a/", "fetch"),
        ("http://api.test", "fetch"),
        ("", "fetch"),
        ("http://api.test/%00", "fetch"),
    ],
)
def test_names_of_urls(url: str, expected: str) -> None:
    """The last segment, unescaped, else the operation's id."""
    assert file_name({}, url, "fetch") == expected


def test_operations_without_a_name() -> None:
    """An id may hold anything, too."""
    assert [file_name({}, "", each) for each in ("GET /a/{b}", "///", "")] == ["{b}", "download", "download"]
