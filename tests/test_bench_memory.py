"""The measurement of memory."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from restore.bench import memory


def test_what_fails_is_not_watched_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(memory, "load", lambda *_: SimpleNamespace(restore=fail))
    before = threading.active_count()
    with pytest.raises(MemoryError):
        memory.main("denoise", "fast", "cpu", "0.01")
    assert threading.active_count() == before
