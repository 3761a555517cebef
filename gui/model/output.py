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
    """Empty: a folder `restored` beside the first file."""
    format: str = "keep"
    quality: int | None = None
    overwrite: bool = False
    keep_times: bool = False
    """Whether results have the modification times of their sources."""

    @property
    def suffix(self) -> str | None:
        return None if self.format == "keep" else SUFFIXES[self.format][0]  # type: ignore[index]

    def folder_for(self, inputs: list[Path]) -> Path:
        if self.folder:
            return Path(self.folder).expanduser()
        first = inputs[0] if inputs else Path.home()
        # By the name, for asking a disk could take long; folders may well have dots in theirs.
        return (first.parent if first.suffix.lower() in READABLE else first) / "restored"

    def jobs(self, inputs: list[Path], files: list[Path], others: Iterable[Path] = ()) -> list[Job]:
        """A job for each of the files that the inputs (files and folders) lead to.

        Args:
            others: files that are open too: no result may take their place either.

        Raises:
            RestoreError: as `restore.plan.plan`; UnwritableOutput too where one of the files lies
                among results.
        """
        wanted, folder = set(files), self.folder_for(inputs)
        there = [path for path in inputs if path.exists()]
        planned = [job for job in plan(there, folder, suffix=self.suffix) if job.source in wanted]
        missing = wanted - {job.source for job in planned}
        for path in files:
            if path in missing and path.exists():
                raise UnwritableOutput(
                    f"{path} lies in a folder of results, and those are not restored again: choose "
                    "another output folder, or take the file off the list"
                )
        # What has vanished meanwhile is to fail like any other file, not to be left out silently.
        gone = [
            Job(path, self.example(path, None, inputs), path.name, folder, folder)
            for path in files
            if path in missing
        ]
        refuse_originals(planned + gone, others)
        return planned + gone

    def example(self, source: Path, root: Path | None, inputs: list[Path]) -> Path:
        """Where the result of a file will be."""
        folder = self.folder_for(inputs)
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
