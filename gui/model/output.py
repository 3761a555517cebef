"""Where results go, and as what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from restore.errors import UnwritableOutput
from restore.picture import READABLE, SUFFIXES
from restore.pipeline import Saving
from restore.plan import Job, plan, refuse_originals

FORMATS = ("keep", *SUFFIXES)


@dataclass(frozen=True)
class Output:
    folder: str = ""
    """Relative to where each file or folder is that was opened; empty: `restored` there."""
    format: str = "keep"
    quality: int | None = None
    overwrite: bool = False
    keep_times: bool = False
    """Whether results have the modification times of their sources."""

    @property
    def suffix(self) -> str | None:
        return None if self.format == "keep" else SUFFIXES[self.format][0]  # type: ignore[index]

    def folder_for(self, opened: Path) -> Path:
        """Where the results go of a file, or of a folder, that was opened."""
        # By the name, for asking a disk could take long; folders may well have dots in theirs.
        place = opened.parent if opened.suffix.lower() in READABLE else opened
        return place / Path(self.folder or "restored").expanduser()

    def folders(self, inputs: Iterable[Path]) -> dict[Path, list[Path]]:
        """Each folder that results go to, with the inputs they are of."""
        found: dict[Path, list[Path]] = {}
        for path in inputs:
            found.setdefault(self.folder_for(path), []).append(path)
        return found

    def jobs(self, inputs: list[Path], files: list[Path], others: Iterable[Path] = ()) -> list[Job]:
        """A job for each of the files that the inputs (files and folders) lead to.

        Args:
            others: files that are open too: no result may take their place either.

        Raises:
            RestoreError: as `restore.plan.plan`; UnwritableOutput too where one of the files lies
                among results.
        """
        missing, planned = set(files), []
        for folder, of in self.folders(inputs).items():
            there = [path for path in of if path.exists()]
            found = plan(there, folder, suffix=self.suffix) if there else []
            planned += [job for job in found if job.source in missing]
            missing -= {job.source for job in found}
        for path in files:
            if path in missing and path.exists():
                raise UnwritableOutput(
                    f"{path} lies in a folder of results, and those are not restored again: choose "
                    "another output folder, or take the file off the list"
                )
        # What has vanished meanwhile is to fail like any other file, not to be left out silently.
        lost = [(path, self.folder_for(path)) for path in files if path in missing]
        gone = [Job(path, self.example(path), path.name, to, to) for path, to in lost]
        refuse_originals(planned + gone, others)
        return planned + gone

    def example(self, source: Path, root: Path | None = None) -> Path:
        """Where the result of a file will be, that was opened by itself or with a folder."""
        folder = self.folder_for(root or source)
        if root is not None:
            folder = folder / source.relative_to(root).parent
        suffix = self.suffix or (source.suffix if source.suffix.lower() in _WRITABLE else ".png")
        return folder / source.with_suffix(suffix).name

    @property
    def saving(self) -> Saving:
        return Saving(self.quality, keep_times=self.keep_times)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


_WRITABLE = {suffix for suffixes in SUFFIXES.values() for suffix in suffixes}
