"""
How far a long call has come: shown to a person, or told to a function.

A `Bar` is the progress of one upload, download, list of pages or wait. A `View` shows it: rich's display, tqdm's, plain
lines, or the caller's function. rich and tqdm are imported when something is first shown.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self, TypeAlias

from dynclient.support import Clock, cached, printable, renewed
from dynclient.wire import BodyError, Upload

if TYPE_CHECKING:
    import requests
    from rich.console import Console, RenderableType
    from rich.live import Live
    from rich.table import Table

Kind: TypeAlias = Literal["load", "upload", "download", "pages", "poll"]

_SMALL = 1_000_000
"""Bytes; less is not shown."""
_QUICK = 0.5
"""Seconds; what takes less is not shown."""
_READ_A_SECOND = 2_000_000
"""Bytes of a document, by a cautious guess."""
_REDRAWN = 0.1
_LINE_EVERY = 1.0
_LONGEST_NAME = 40
_LONGEST_STATE = 60
_WIDEST_BAR = 40
_NARROWEST_BAR = 4

_UNITS: dict[Kind, str] = {"load": "bytes", "upload": "bytes", "download": "bytes", "pages": "pages", "poll": "calls"}


@dataclass(frozen=True, slots=True)
class Progress:
    """
    How far a call has come, as the option `progress` tells it to a function.

    Attributes:
        operation: the id of the operation; for a document its path or URL.
        kind: "upload", "download", "pages" or "poll"; "load" for a document.
        done: the bytes sent or received, the pages that came, or the calls that `poll` made.
        total: the bytes in all; None if that is not known.
        unit: "bytes", "pages" or "calls".
        text: all of this in words, such as "3.0 of 12.5 MB".
    """

    operation: str
    kind: Kind
    done: int
    total: int | None
    unit: str
    text: str


Showing: TypeAlias = bool | Literal["always"] | Callable[[Progress], object]
"""What the option `progress` may be."""


class View(Protocol):
    """What shows a bar."""

    def update(self, bar: Bar) -> None: ...

    def hide(self) -> None: ...

    def show(self, bar: Bar) -> None: ...

    def close(self, bar: Bar, is_whole: bool) -> None: ...


class Bar:
    """
    The progress of one call. As a context it is closed at the end, and what its function raised is raised there.

    Attributes:
        name: the id of the operation, fit for a terminal.
        unit: what is counted.
        done: how much of it is done.
        total: how much there is; None if that is not known.
        ahead: seconds that will pass before more is known.
    """

    def __init__(self, view: View, operation: str, kind: Kind, clock: Clock, mask: Callable[[str], str]) -> None:
        self.name = _line(mask(operation), _LONGEST_NAME)
        self.unit = _UNITS[kind]
        self.done = 0
        self.total: int | None = None
        self.ahead = 0.0
        self._operation = operation
        self._kind = kind
        self._state = ""
        self._view = view
        self._mask = mask
        self._clock = clock
        self._began = clock.monotonic()
        self._seconds: float | None = None
        self._error: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close(is_whole=kind is None and self.total in (None, self.done))
        if self._error is not None and (error is None or isinstance(error, Exception)):
            raise self._error from self._error.__cause__

    def update(self, done: int, total: int | None = None, state: str = "", ahead: float = 0.0) -> None:
        """It has come so far; `state` is what a poll waits to change."""
        if not self.is_closed:
            self.done, self.total, self.ahead = done, total, ahead
            self._state = state and _line(self._mask(state), _LONGEST_STATE)
            self._view.update(self)

    def hide(self) -> None:
        """Leave the terminal to the caller, until `show`."""
        self._view.hide()

    def show(self) -> None:
        self._view.show(self)

    def close(self, is_whole: bool) -> None:
        """Show no more; only of what is whole a line stays. Closing twice does no harm."""
        if not self.is_closed:
            self._seconds, self.ahead = self.seconds, 0.0
            self._view.close(self, is_whole)

    def watched(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        """The same request, whose body tells how much of it was sent."""
        body: object = prepared.body
        credentials = getattr(prepared, "credentials", None)
        if isinstance(body, bytes) and len(body) >= _SMALL and not (credentials and credentials.auth):
            body = Upload([body])  # a signature needs the bytes
        if not isinstance(body, Upload):
            return prepared
        copy = prepared.copy()
        upload: Any = body.watched(lambda sent: self._sent(sent, body.length))
        copy.body = upload
        return copy

    def loaded(self, done: int, size: int | None) -> None:
        """So much of a document has come. An error of the caller's function waits until the document is read."""
        try:
            self.update(done, size, ahead=done / _READ_A_SECOND if done == size else 0.0)
        except Exception as error:
            self._error = self._error or error

    def _sent(self, sent: int, total: int | None) -> None:
        """Network errors are retried; an error of the caller's function must not look like one."""
        try:
            self.update(sent, total)
        except Exception as error:
            self._error = error
            raise BodyError(f"its progress raised {type(error).__name__}") from error

    @property
    def progress(self) -> Progress:
        return Progress(self._operation, self._kind, self.done, self.total, self.unit, self.text)

    @property
    def seconds(self) -> float:
        return self._clock.monotonic() - self._began if self._seconds is None else self._seconds

    @property
    def is_closed(self) -> bool:
        return self._seconds is not None

    @property
    def is_worth_a_look(self) -> bool:
        """Whether it is neither small nor quick."""
        size = self.done if self.total is None else self.total
        return (self.unit != "bytes" or size >= _SMALL) and self.seconds + self.ahead >= _QUICK

    @property
    def text(self) -> str:
        if self.unit == "pages":
            return f"{self.done} page{'' if self.done == 1 else 's'} in {_time(self.seconds)}"
        if self.unit == "calls":
            times = "once" if self.done == 1 else f"{self.done} times"
            return f"asked {times} in {_time(self.seconds)}{self._state and f', {self._state}'}"
        return _amount(self.done, self.total)

    @property
    def pace(self) -> str:
        """Bytes in a second, and the time that is left or was needed; "" for what has no bytes."""
        if self.unit != "bytes" or not self.done or self.seconds <= 0:
            return ""
        rate = self.done / self.seconds
        speed = f"{_amount(int(rate), None)}/s"
        if self.is_closed:
            return f"{speed}, {_time(self.seconds)}"
        if self.total is None:
            return speed
        left = self.total - self.done
        if left <= 0 and self._kind == "upload":
            return "waiting for the answer"
        if left <= 0 and self._kind == "load":
            return "reading it"
        return f"{speed}, {_time(left / rate)} left"


def bar_for(showing: Showing, operation: str, kind: Kind, clock: Clock, mask: Callable[[str], str]) -> Bar | None:
    """Return a bar; None if nobody would see it."""
    view = _Told(showing) if callable(showing) else _view(is_asked_for_anywhere=showing == "always")
    return None if view is None else Bar(view, operation, kind, clock, mask)


def _view(is_asked_for_anywhere: bool) -> View | None:
    """What shows a bar to who looks at a terminal or a notebook, and elsewhere if that is asked for."""
    if sys.stderr is None:
        return None
    is_notebook = _is_notebook()
    is_terminal = is_notebook or _is_terminal()
    if not (is_terminal or is_asked_for_anywhere):
        return None
    if is_terminal and (is_notebook or os.environ.get("TERM") not in ("dumb", "unknown")):
        has_widgets = find_spec("ipywidgets") is not None
        if find_spec("rich") and (has_widgets or not is_notebook):
            return _Rich(is_notebook)
        if find_spec("tqdm"):
            return _Tqdm(is_notebook, "tqdm.auto" if is_notebook and has_widgets else "tqdm")
    return _Lines()


def _is_terminal() -> bool:
    try:
        return sys.stderr.isatty()
    except ValueError:  # it is closed
        return False


def _is_notebook() -> bool:
    """Whether a kernel of Jupyter runs this, as tqdm finds out."""
    ipython = sys.modules.get("IPython")
    shell = getattr(ipython, "get_ipython", lambda: None)()
    return "IPKernelApp" in (getattr(shell, "config", None) or ())


class _Told:
    """The caller's function."""

    def __init__(self, function: Callable[[Progress], object]) -> None:
        self._function = function

    def update(self, bar: Bar) -> None:
        self._function(bar.progress)

    def hide(self) -> None:
        """Nothing is shown."""

    def show(self, bar: Bar) -> None:
        """It was told already."""

    def close(self, bar: Bar, is_whole: bool) -> None:
        """The last update said it all."""


class _Lines:
    """Plain lines: at most one a second, and one at the end."""

    def __init__(self) -> None:
        self._next = 0.0
        self._last = ""

    def update(self, bar: Bar) -> None:
        if bar.is_worth_a_look and bar.seconds >= self._next:
            self._next = bar.seconds + _LINE_EVERY
            self._write(bar)

    def hide(self) -> None:
        """Lines stay."""

    def show(self, bar: Bar) -> None:
        """The line is there."""

    def close(self, bar: Bar, is_whole: bool) -> None:
        if is_whole and bar.is_worth_a_look:
            self._write(bar)

    def _write(self, bar: Bar) -> None:
        line = f"{bar.name}: {bar.text}\n"
        if line != self._last:
            self._last = line
            with suppress(OSError, ValueError):  # nobody reads it, or it is closed
                sys.stderr.write(line)  # at once, not to meet those of other threads
                sys.stderr.flush()


class _Screen:
    """A line that is drawn again and again, a few times a second at most. A terminal that is gone ends no call."""

    def __init__(self, is_notebook: bool) -> None:
        self._is_notebook = is_notebook
        self._is_hidden = False
        self._next = 0.0

    def update(self, bar: Bar) -> None:
        is_last = bar.done == bar.total
        if not self._is_hidden and bar.is_worth_a_look and (is_last or bar.seconds >= self._next):
            self._next = bar.seconds + _REDRAWN
            with suppress(OSError, ValueError):
                self._draw(bar)

    def hide(self) -> None:
        if not self._is_notebook:  # there, what a program prints has a place of its own
            self._is_hidden = True
            with suppress(OSError, ValueError):
                self._erase()

    def show(self, bar: Bar) -> None:
        self._is_hidden = False
        self.update(bar)

    def close(self, bar: Bar, is_whole: bool) -> None:
        self._is_hidden = True
        with suppress(OSError, ValueError):
            self._end(bar, is_whole and bar.is_worth_a_look)

    def _draw(self, bar: Bar) -> None:
        raise NotImplementedError

    def _erase(self) -> None:
        raise NotImplementedError

    def _end(self, bar: Bar, stays: bool) -> None:
        raise NotImplementedError


class _Rich(_Screen):
    """A line on the board that all calls of this process share."""

    _bar: Bar | None = None

    def _draw(self, bar: Bar) -> None:
        self._bar = bar
        _BOARD.put(bar)

    def _erase(self) -> None:
        if self._bar is not None:
            _BOARD.take(self._bar)
            self._bar = None

    def _end(self, bar: Bar, stays: bool) -> None:
        self._erase()
        if stays:
            _BOARD.leave(bar)


class _Board:
    """The display of rich. One thread of its own draws it, as long as there is something on it."""

    def __init__(self) -> None:
        self._lock = renewed(self, "_lock", threading.RLock)
        self._bars: list[Bar] = renewed(self, "_bars", list)
        self._live: Live | None = renewed(self, "_live", lambda: None)  # a forked child lacks its thread

    @cached
    def _console(self) -> Console:
        from rich.console import Console

        return Console(stderr=True, highlight=False)

    def put(self, bar: Bar) -> None:
        from rich.live import Live

        with self._lock:
            if bar.is_closed:  # a cancelled task may leave a thread behind that still reads its body
                return
            if bar not in self._bars:
                self._bars.append(bar)
            if self._live is None:
                # What the program prints meanwhile is not its concern: sys.stdout stays as it is.
                self._live = Live(
                    get_renderable=lambda: self._table([*self._bars]),
                    console=self._console,
                    transient=True,
                    refresh_per_second=1 / _REDRAWN,
                    redirect_stdout=False,
                    redirect_stderr=False,
                )
                self._live.start(refresh=True)

    def take(self, bar: Bar) -> None:
        with self._lock:
            if bar in self._bars:  # not if an interrupt came first
                self._bars.remove(bar)
            if self._live is not None and not self._bars:
                live, self._live = self._live, None
                live.stop()

    def leave(self, bar: Bar) -> None:
        """Write a line that stays, above those on the board."""
        with self._lock:
            self._console.print(self._table([bar]))

    def _table(self, bars: list[Bar]) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 1))
        # In a narrow terminal the drawing becomes shorter before the words are cut.
        for options in ({"no_wrap": True}, {"max_width": _WIDEST_BAR}, {"no_wrap": True}, {"no_wrap": True}):
            table.add_column(**options)
        for bar in bars:
            # As Text, because rich would look for its markup in a string.
            name, text, pace = (
                Text(each, no_wrap=True, overflow="ellipsis") for each in (bar.name, bar.text, bar.pace)
            )
            text.style, pace.style = "progress.download", "progress.data.speed"
            table.add_row(name, self._drawing(bar), text, pace)
        return table

    def _drawing(self, bar: Bar) -> RenderableType:
        from rich.progress_bar import ProgressBar
        from rich.spinner import Spinner
        from rich.text import Text

        is_ascii = self._console.options.ascii_only
        if bar.unit == "bytes":
            total = bar.done if bar.total is None and bar.is_closed else bar.total
            return ProgressBar(total, bar.done, pulse=total is None)
        if bar.is_closed:
            return Text("*" if is_ascii else "\N{CHECK MARK}", "progress.spinner")
        return Spinner("line" if is_ascii else "dots", style="progress.spinner")


_BOARD = _Board()


class _Tqdm(_Screen):
    """A line of tqdm, which arranges several; in a notebook a widget."""

    def __init__(self, is_notebook: bool, module: str) -> None:
        super().__init__(is_notebook)
        self._module = module
        self._tqdm: Any = None

    def _draw(self, bar: Bar) -> None:
        # tqdm shows nothing in a terminal that doesn't know its size, and cuts what is beside the drawing.
        columns, lines = shutil.get_terminal_size()
        pace = bar.pace and f" {bar.pace}"
        words = f"{bar.name}: {bar.text}"[: columns - len(pace) - 1]
        width = min(_WIDEST_BAR, columns - len(words) - len(pace) - len(" || "))
        layout = f"{{desc}}{pace}"
        if bar.total and (self._is_notebook or width >= _NARROWEST_BAR):
            layout = f"{{desc}} |{'{bar}' if self._is_notebook else f'{{bar:{width}}}'}|{pace}"  # "{bar}" is a widget
        shown = self._tqdm
        if shown is None:
            size = {} if self._is_notebook else {"ncols": columns, "nrows": lines}
            made = import_module(self._module).tqdm
            options = {"desc": words, "bar_format": layout, "file": sys.stderr, "leave": False}
            self._tqdm = made(total=bar.total, initial=bar.done, **options, **size)
            return
        shown.ncols = columns
        shown.desc, shown.n, shown.total, shown.bar_format = words, bar.done, bar.total, layout
        shown.refresh()

    def _erase(self) -> None:
        if self._tqdm is not None:
            self._tqdm.clear()

    def _end(self, bar: Bar, stays: bool) -> None:
        if self._is_notebook and stays:
            self._draw(bar)
        if self._tqdm is not None:
            self._tqdm.leave = self._is_notebook and stays
            self._tqdm.close()
        if stays and not self._is_notebook:
            # Of several bars, tqdm would leave one twice; and it doesn't clear the line that it leaves the cursor on.
            width = shutil.get_terminal_size().columns - 1
            words = f"{bar.name}: {bar.text}{bar.pace and f', {bar.pace}'}"[:width]
            import_module(self._module).tqdm.write(f"\r{words:<{width}}", file=sys.stderr)


def _line(text: str, most: int) -> str:
    """A text of a document or a server on one line, without control characters."""
    text = printable(" ".join(text.split()))
    return text if len(text) <= most else f"{text[: most - 3]}..."


def _amount(done: int, total: int | None) -> str:
    """
    Bytes in words.

    >>> _amount(3_000_000, 12_500_000), _amount(999, None)
    ('3.0 of 12.5 MB', '999 bytes')
    """
    most = done if total is None else total
    before = "" if total is None else "{} of "
    for size, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if most >= size:
            return f"{before.format(f'{done / size:.1f}')}{most / size:.1f} {unit}"
    return f"{before.format(done)}{most} byte{'' if most == 1 else 's'}"


def _time(seconds: float) -> str:
    """
    Seconds in words.

    >>> _time(7.2), _time(125), _time(7300)
    ('7 s', '2 min 5 s', '2 h 1 min')
    """
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
