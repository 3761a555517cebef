"""Memory that one restoration takes: `python -m restore.bench.memory TASK MODEL DEVICE MEGAPIXELS`.

Prints megabytes above the interpreter with torch and the model loaded; run by `peak_memory`.
"""

from __future__ import annotations

import sys
import threading
import time

import numpy as np
import psutil

from restore import TASKS, load


def main(task: str, model: str, device: str, megapixels: str) -> None:
    restorer = load(task, model, device)
    width = round((float(megapixels) * 1.5e6) ** 0.5)
    row = np.linspace(0, 200, width, dtype=np.float32)
    # A soft gradient with some noise and a bar, so that no task finds nothing to do.
    picture = np.random.default_rng(0).integers(0, 40, (width * 2 // 3, width, 3), np.uint8)
    picture += row.astype(np.uint8)[:, None]
    asked = TASKS[task].options()
    if task == "dewatermark":
        mask = np.zeros(picture.shape[:2], np.uint8)
        mask[200:-200:, 200:-200] = 255
        asked = TASKS[task].options(mask=mask)  # type: ignore[call-arg]
    process = psutil.Process()
    before, highest, running = process.memory_info().rss, 0, True

    def watch() -> None:
        nonlocal highest
        while running:
            highest = max(highest, process.memory_info().rss)
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        restorer.restore(picture, asked)
    finally:  # or it would watch for ever
        running = False
        watcher.join()
    sys.stdout.write(f"{(highest - before) / 1e6:.0f}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
