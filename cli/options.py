"""Arguments and options that commands share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from enum import Enum
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

from restore.cli import console


def location(text: str) -> Path:
    """See `restore.storage`, which is imported only now."""
    from restore import storage

    with console.one_line_errors():
        return storage.location(text)


class FormatOption(str, Enum):
    keep = "keep"
    png = "png"
    jpeg = "jpeg"
    tiff = "tiff"
    webp = "webp"
    avif = "avif"
    heic = "heic"


class MetadataOption(str, Enum):
    keep = "keep"
    strip_gps = "strip-gps"
    strip_all = "strip"


class EngineOption(str, Enum):
    local = "local"
    ray = "ray"


_RESULTS, _RUN, _CLUSTER, _REPORTS = "Results", "Run", "Cluster", "Reports"


def _place(text: str) -> Path:
    """What was typed, as a path; nothing, as of a variable that is not set, is not this folder."""
    if not text:
        raise typer.BadParameter("it is empty: give a file or a folder, '.' for this one")
    return location(text)


Inputs = Annotated[
    list[Path],
    typer.Argument(
        parser=_place,
        metavar="INPUT...",
        help="Files, folders (with all below them) and patterns; s3:// and the like too.",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        parser=_place,
        metavar="PLACE",
        help="Folder for the results, or a file for one input.",
    ),
]
Strength = Annotated[
    float, typer.Option(min=0, max=1, help="Share of the restored picture in the result.")
]
Model = Annotated[
    str, typer.Option("-m", "--model", help="fast, best, auto, a name, or a .safetensors file.")
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.", rich_help_panel=_RUN)]
Devices = Annotated[
    str,
    typer.Option(
        "--device",
        help="auto, cpu, cuda, cuda:1, mps; several as cuda:0,cuda:1.",
        rich_help_panel=_RUN,
    ),
]
Tile = Annotated[
    int | None,
    typer.Option(
        min=0, help="Largest side of a tile; 0: none. (default: by device)", rich_help_panel=_RUN
    ),
]
Format = Annotated[FormatOption, typer.Option(help="File format.", rich_help_panel=_RESULTS)]
Quality = Annotated[
    int | None,
    typer.Option(
        "-q", "--quality", min=1, max=100, help="Of JPEG, WebP, AVIF and HEIC.",
        rich_help_panel=_RESULTS,
    ),
]  # fmt: skip
Metadata = Annotated[
    MetadataOption,
    typer.Option(help="What to keep beside the ICC profile.", rich_help_panel=_RESULTS),
]
KeepTimes = Annotated[
    bool,
    typer.Option(
        "--keep-times",
        help="Give results the modification time of their sources.",
        rich_help_panel=_RESULTS,
    ),
]
RelativeTo = Annotated[
    list[Path] | None,
    typer.Option(
        "--relative-to",
        parser=_place,
        metavar="PLACE",
        help="Mirror the tree below this folder, also for files that are given one by one.",
        rich_help_panel=_RESULTS,
    ),
]
InPlace = Annotated[
    bool,
    typer.Option(
        "--in-place",
        help="Put results in the place of their sources, which go to .restore-originals.",
        rich_help_panel=_RESULTS,
    ),
]
MaxPixels = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Refuse pictures of more pixels than this. (default: 500 million)",
        rich_help_panel=_RUN,
    ),
]
Recursive = Annotated[bool, typer.Option(help="Go into folders below.", rich_help_panel=_RUN)]
Overwrite = Annotated[
    bool,
    typer.Option(
        "--overwrite/--resume",
        help="Make everything again, or only what is missing or out of date.",
        rich_help_panel=_RUN,
    ),
]
Jobs = Annotated[
    int,
    typer.Option(
        "-j", "--jobs", min=1, max=64, help="Files that are read or written at a time.",
        rich_help_panel=_RUN,
    ),
]  # fmt: skip
Shard = Annotated[
    str | None,
    typer.Option(
        metavar="I/N", help="Only the I-th of N shares, for several machines on one folder.",
        rich_help_panel=_RUN,
    ),
]  # fmt: skip
Engine = Annotated[
    EngineOption,
    typer.Option(help="This machine, or a Ray cluster (extra `ray`).", rich_help_panel=_CLUSTER),
]
Address = Annotated[
    str,
    typer.Option(
        help="Of the cluster: auto, ray://HOST:10001, or local: one on this machine alone.",
        rich_help_panel=_CLUSTER,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1, help="How many. (default: what the cluster has room for)", rich_help_panel=_CLUSTER
    ),
]
CpusPerWorker = Annotated[
    int | None,
    typer.Option(min=1, help="Processors of each. (default: up to 4)", rich_help_panel=_CLUSTER),
]
Report = Annotated[
    Path | None,
    typer.Option(
        parser=_place,
        metavar="PLACE",
        help="Write a JSON report of all files to this file.",
        rich_help_panel=_REPORTS,
    ),
]
Sheet = Annotated[
    Path | None,
    typer.Option(
        parser=_place,
        metavar="PLACE",
        help="Write a page with before and after, HTML.",
        rich_help_panel=_REPORTS,
    ),
]
DryRun = Annotated[
    bool,
    typer.Option("-n", "--dry-run", help="Only say what would be done.", rich_help_panel=_RUN),
]
Json = Annotated[
    bool,
    typer.Option("--json", help="One JSON object per file on stdout.", rich_help_panel=_REPORTS),
]


@dataclass(frozen=True)
class FolderOptions:
    """What every command takes that works through files and folders."""

    inputs: Inputs
    output: Output = None
    format: Format = FormatOption.keep
    quality: Quality = None
    metadata: Metadata = MetadataOption.keep
    keep_times: KeepTimes = False
    relative_to: RelativeTo = None
    in_place: InPlace = False
    overwrite: Overwrite = False
    recursive: Recursive = True
    max_pixels: MaxPixels = None
    jobs: Jobs = 2
    device: Devices = "auto"
    tile: Tile = None
    shard: Shard = None
    dry_run: DryRun = False
    engine: Engine = EngineOption.local
    address: Address = "auto"
    workers: Workers = None
    cpus_per_worker: CpusPerWorker = None
    report: Report = None
    sheet: Sheet = None
    json: Json = False


Command = TypeVar("Command", bound=Callable[..., Any])


def with_folder_options(command: Command) -> Command:
    """The command with the options of `FolderOptions` in the place of its parameter `folder`."""
    own = inspect.signature(command, eval_str=True)
    hints = get_type_hints(FolderOptions, include_extras=True)
    shared = [
        inspect.Parameter(
            entry.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if entry.default is MISSING else entry.default,
            annotation=hints[entry.name],
        )
        for entry in fields(FolderOptions)
    ]
    others = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for name, parameter in own.parameters.items()
        if name != "folder"
    ]

    @wraps(command)
    def parsed(**values: Any) -> Any:
        given = {entry.name: values.pop(entry.name) for entry in shared}
        return command(folder=FolderOptions(**given), **values)

    first = shared[:2]  # inputs and output head the help of every command
    parameters = [*first, *others, *shared[2:]]
    parsed.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    parsed.__annotations__ = {entry.name: entry.annotation for entry in parameters}
    del parsed.__wrapped__  # Typer would look through to the bare command
    return parsed  # type: ignore[return-value]
