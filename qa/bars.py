"""Bars on the terminal for work that takes long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(what: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Gives show(done, total), a bar on stderr if that is a terminal."""
    with stages(quiet=quiet) as show:
        yield lambda done, total: show(what, done, total)


@contextmanager
def stages(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Gives show(what, done, total), a bar for each stage of the work, with the time it will take from here on."""
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TaskID, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(
        *columns,
        console=console,
        disable=quiet or not console.is_terminal,
        transient=True,
        speed_estimate_period=300,  # seconds: of files that take a minute each, several are needed to know the pace
    ) as bars:

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                for before in tasks.values():
                    bars.update(before, visible=False)
                tasks[what] = bars.add_task(what, total=None)
            bars.update(tasks[what], completed=done, total=total, visible=True)

        yield show
