"""A page that shows before and after of a whole run, in one file that needs nothing else."""

from __future__ import annotations

import base64
import os
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from restore.batch import Result
from restore.errors import UnwritableOutput
from restore.storage import is_remote

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Restore: before and after</title>
<style>
:root { color-scheme: light dark; --line: #8884; --bad: #c0392b; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 1500px; }
body { padding: 0 1rem; }
h1 { font-size: 1.3rem; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); gap: 1.2rem; }
article { border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
article.plain { grid-column: 1 / -1; }
.pair { position: relative; background: #777; display: grid; justify-items: center; }
.pair > div { position: relative; grid-area: 1 / 1; }
.pair img { display: block; max-width: 100%; height: 320px; object-fit: contain; }
.after { position: absolute !important; inset: 0; clip-path: inset(0 0 0 var(--at, 50%)); }
.pair input { grid-area: 1 / 1; align-self: end; width: 92%; margin: 0 0 10px; z-index: 1; }
.text { padding: .6rem .8rem; overflow-wrap: anywhere; }
.text b { display: block; }
.failed b { color: var(--bad); }
small { opacity: .75; }
</style></head><body>
<h1>Before and after</h1>
<p>Left of each slider the picture as it was, right of it as it is now.</p>
<main>
"""
_TAIL = """</main>
<p>{summary}</p>
<script>
document.querySelectorAll('.pair input').forEach(slider => slider.addEventListener('input', () =>
  slider.parentElement.style.setProperty('--at', slider.value + '%')));
</script>
</body></html>
"""


class HtmlSheet:
    """Written while the run goes on, and given its name at its end.

    Used with `with`; after an error too what there is gets its name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # An object appears when it is closed, and then as a whole.
        hidden = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._temporary = path if is_remote(path) else hidden
        self._counts: dict[str, int] = {}
        self._file: TextIO

    def __enter__(self) -> HtmlSheet:
        try:
            if not is_remote(self.path):
                self.path.parent.mkdir(parents=True, exist_ok=True)
            # A name need not be UTF-8.
            self._file = self._temporary.open("w", encoding="utf-8", errors="replace")
            self._file.write(_HEAD)
        except OSError as error:
            raise UnwritableOutput(f"{self.path}: can't be written ({error.strerror})") from error
        return self

    def add(self, result: Result) -> None:
        self._counts[result.status] = self._counts.get(result.status, 0) + 1
        self._file.write(_article(result))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        summary = ", ".join(f"{count} {status}" for status, count in self._counts.items())
        self._file.write(_TAIL.format(summary=summary or "no files"))
        self._file.close()
        if self._temporary != self.path:
            self._temporary.replace(self.path)


def _article(result: Result) -> str:
    name = escape(result.job.place or result.job.source.name)
    lines = [f"<b>{name}</b>", *(f"<div>{line}</div>" for line in _figures(result))]
    if result.message:
        lines.append(f"<small>{escape(result.message)}</small>")
    text = f'<div class="text">{"".join(lines)}</div>'
    if result.thumbnails is None:
        return f'<article class="plain {result.status}">{text}</article>\n'
    before, after = (base64.b64encode(data).decode() for data in result.thumbnails)
    return (
        f'<article class="{result.status}"><div class="pair"><div>'
        f'<img alt="{name} before" src="data:image/jpeg;base64,{before}">'
        f'<img class="after" alt="{name} after" src="data:image/jpeg;base64,{after}"></div>'
        f'<input type="range" min="0" max="100" value="50" aria-label="Divider of {name}">'
        f"</div>{text}</article>\n"
    )


def _figures(result: Result) -> list[str]:
    facts: dict[str, Any] = result.facts
    details = result.details
    parts = []
    if "sigma" in facts:
        parts.append(f"estimated noise {facts['sigma']:.1f}")
    if "changed" in details:
        parts.append(f"{100 * details['changed']:.1f} % of pixels changed")
    further = ", ".join(
        f"{key} {value}" for key, value in facts.items()
        if key != "sigma" and isinstance(value, int | float | str)
    )  # fmt: skip
    size = details.get("size")
    how = [f"{size[0]} x {size[1]}" if size else "", str(details.get("model", ""))]
    how.append(f"{result.seconds:.1f} s" if result.seconds else "")
    return [
        escape(text) for text in (", ".join(parts), further, ", ".join(filter(None, how))) if text
    ]
