"""How far long work is, as HTML: a bar with words under it, or only the words once it has ended."""

from __future__ import annotations

from qa.web.markup import words


def progress(done: int, total: int, seconds_left: float | None, *, does: str, stopping: bool = False) -> str:
    """A bar and "12 of 80 answered, about 2 min left"; `does` is what is done to a question ("answered")."""
    said = f"{done:,} of {total:,} {does}"
    if stopping:
        said += "; stopping after the question under way"
    elif seconds_left is not None and done < total:
        said += f", {time_left(seconds_left)}"
    return (
        f'<div class="qa-progress"><div role="progressbar" aria-label="How far it is" '
        f'aria-valuemin="0" aria-valuemax="{total}" aria-valuenow="{done}" aria-valuetext="{words(said)}">'
        f'<span style="width: {done / max(total, 1):.1%}"></span></div><p>{words(said)}</p></div>'
    )


def told(text: str) -> str:
    """What came of it, or what is to be done, in words."""
    return f'<p class="qa-told" role="status">{words(text)}</p>'


def problem(text: str) -> str:
    """What went wrong and what to do about it."""
    return f'<p class="qa-told qa-error" role="alert">{words(text)}</p>'


def time_left(seconds: float) -> str:
    """A guess in words that does not pretend to be exact."""
    if seconds < 45:
        return "less than a minute left"
    minutes = round(seconds / 60)
    return f"about {minutes or 1} min left" if minutes < 90 else f"about {round(minutes / 60)} h left"
