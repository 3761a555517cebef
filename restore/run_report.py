"""The report of a run: what became of every file, as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from restore.atomic import write_bytes
from restore.batch import Result


def summary(results: Sequence[Result], seconds: float) -> dict[str, Any]:
    """Counts by status, and what was done in which time, from start to end."""
    counts = Counter(result.status for result in results)
    done = [result for result in results if result.status == "done"]
    return {
        "summary": {status: counts[status] for status in ("done", "skipped", "failed")},
        "seconds": round(seconds, 3),
        "megapixels": round(sum(result.megapixels for result in done), 3),
    }


def write_report(
    path: Path, record: Mapping[str, Any], results: Sequence[Result], seconds: float
) -> None:
    """Write it, atomically.

    Args:
        record: see `restore.recipe.record`.

    Raises:
        UnwritableOutput: see `restore.atomic`.
    """
    files = [result.to_dict() for result in results]
    report = {"recipe": record, **summary(results, seconds), "files": files}
    write_bytes(path, (json.dumps(report, indent=1) + "\n").encode())
