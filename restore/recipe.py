"""Recipes: which tasks, in which order, with which options; and the record of what was done."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import restore
from restore.errors import BadRecipe
from restore.tasks import TASKS
from restore.tasks.hint_files import read_hints
from restore.tasks.options import Options
from restore.texts import read_text

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from restore.zoo import Card

_RESERVED = {"task", "model"}
_FILES = {"mask", "hints"}
"""Options that name files where they are texts."""
_HASH = "sha256:"
"""Stands for what is too long for a record: a mask that was painted."""


@dataclass(frozen=True)
class Step:
    """One task of a recipe."""

    task: str
    options: Options
    model: str = "auto"


@dataclass(frozen=True)
class Recipe:
    steps: tuple[Step, ...]

    def to_toml(self) -> str:
        """The recipe as a file that `read_recipe` reads; defaults are left out."""
        parts = []
        for step in self.steps:
            values = {"task": step.task, "model": step.model} | asked(step.options)
            lines = [f"{key} = {_toml(value)}" for key, value in values.items()]
            parts.append("[[step]]\n" + "\n".join(lines) + "\n")
        return "\n".join(parts)


def make_step(task: str, values: Mapping[str, Any]) -> Step:
    """A step from the names and values of its options; `model` is one of them.

    Raises:
        BadRecipe: no such task, no such option, or a value that the option refuses.
    """
    if task not in TASKS:
        raise BadRecipe(f"no task {task!r}: there is {', '.join(TASKS)}")
    kind: type[Any] = TASKS[task].options
    known = {entry.name for entry in fields(kind)}
    given = {key: value for key, value in values.items() if key not in _RESERVED}
    if unknown := sorted(given.keys() - known):
        raise BadRecipe(
            f"{task} has no option {unknown[0]!r}: there is {', '.join(sorted(known))}, model"
        )
    model = values.get("model", "auto")
    try:
        options = kind(**{key: _taken(kind, key, value) for key, value in given.items()})
    except (TypeError, ValueError) as error:
        raise BadRecipe(f"{task}: {error}") from error
    if not isinstance(model, str):
        raise BadRecipe(f"{task}: the model must be a name or a path, got {model!r}")
    return Step(task, options, model)


def parse_step(text: str) -> Step:
    """A step as it is typed: `denoise`, `denoise:strength=0.8,sigma=12,model=best`.

    Raises:
        BadRecipe: it is not of that form, or see `make_step`.
    """
    task, _, listed = (part.strip() for part in text.partition(":"))
    values: dict[str, Any] = {}
    for pair in filter(None, listed.split(",")):
        key, equals, value = pair.partition("=")
        if not equals:
            raise BadRecipe(f"{text!r}: write options as name=value, separated by commas")
        key, value = key.strip(), value.strip()
        typed = _value(value)
        # A folder of masks may be called 2020.
        values[key] = typed if isinstance(typed, str) or key not in _FILES else value
    return make_step(task, values)


def read_recipe(path: Path) -> Recipe:
    """The recipe in a TOML file: one `[[step]]` per task, with `task` and its options.

    Raises:
        BadRecipe: missing, not TOML, or see `make_step`.
    """
    try:
        values = tomllib.loads(read_text(path))
    except OSError as error:
        raise BadRecipe(f"{path}: can't be read ({error.strerror or error})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadRecipe(f"{path}: not a TOML file ({error})") from error
    steps = values.pop("step", None)
    if values or not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        unknown = f", not {', '.join(values)}" if values else ""
        raise BadRecipe(f"{path}: a recipe has one [[step]] per task{unknown}")
    if not steps:
        raise BadRecipe(f"{path}: a recipe has at least one [[step]]")
    try:
        return Recipe(tuple(make_step(str(step.get("task")), step) for step in steps))
    except BadRecipe as error:
        raise BadRecipe(f"{path}: {error}") from error


def record(steps: Iterable[tuple[Card, Options]]) -> dict[str, Any]:
    """What is written into results: everything that, with the source, decides their pixels."""
    return {
        "restore": restore.__version__,
        "steps": [
            {
                "task": card.task,
                "model": card.name,
                "sha256": card.sha256,
                "options": _plain(options),
            }
            for card, options in steps
        ],
    }


def canonical(values: Mapping[str, Any]) -> str:
    """JSON that is the same text for the same values."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


def key_of(values: Mapping[str, Any]) -> str:
    """A name for a record, the same for the same values."""
    return hashlib.sha256(canonical(values).encode()).hexdigest()[:16]


def asked(options: Options) -> dict[str, Any]:
    """What is asked of a task: options that differ from their defaults, as TOML has values."""
    return {
        entry.name: value
        for entry in fields(options)
        if (value := _jsonable(getattr(options, entry.name))) is not None
        and (entry.default is MISSING or value != _jsonable(entry.default))
    }


def painted(done: Mapping[str, Any]) -> list[str]:
    """What of a record can't be done again from it alone, as `task: option`."""
    return [
        f"{step['task']}: {name}"
        for step in done["steps"]
        for name, value in step["options"].items()
        if _is_painted(value)
    ]


def read_record(text: str) -> dict[str, Any]:
    """What `record` gave, from the text in a result.

    Raises:
        BadRecipe: it is not that.
    """
    try:
        done: dict[str, Any] = json.loads(text)
        for step in done["steps"]:
            {str(step[name]) for name in ("task", "model", "sha256")}
    except (ValueError, TypeError, KeyError) as error:
        raise BadRecipe(f"what is written there is no recipe of restore ({error})") from error
    return done


def _step_of(step: Mapping[str, Any]) -> Step:
    """One step of a record."""
    kept = {name: value for name, value in step["options"].items() if not _is_painted(value)}
    return make_step(step["task"], {"model": step["model"]} | kept)


def _is_painted(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(_HASH)


def recipe_of(done: Mapping[str, Any]) -> Recipe:
    """The recipe that makes such a result again, from what `record` has written, all but what was
    painted by hand (see `painted`).

    Raises:
        BadRecipe: the record is of another program, or a newer version of this one.
    """
    try:
        return Recipe(tuple(_step_of(step) for step in done["steps"]))
    except (KeyError, TypeError) as error:
        raise BadRecipe(f"not a recipe of restore ({error})") from error


def _value(text: str) -> Any:
    """A typed value: TOML where it is that, else the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return {"true": True, "false": False}.get(text.lower(), text)


_PLAIN = (int, float, list, dict, date, time)
"""What TOML has beside texts."""


def _taken(kind: type[Any], name: str, value: Any) -> Any:
    """A value of a recipe as its option takes it."""
    (option,) = (entry for entry in fields(kind) if entry.name == name)
    wanted = str(option.type)
    if value in (None, "auto") and option.default is None:
        return None
    if isinstance(value, str) and "Hint" in wanted:
        return read_hints(Path(value))
    if isinstance(value, str) and "Path" in wanted:
        if _is_painted(value):
            raise ValueError(f"{name} was painted by hand and is not kept: give it as a file")
        return Path(value)
    if "Path" in wanted and isinstance(value, _PLAIN):
        raise ValueError(f"{name} is a file or a folder, got {value!r}: put it in quotes")
    if wanted == "bool" and not isinstance(value, bool):
        raise ValueError(f"{name} is either true or false, got {value!r}")
    if wanted == "int" and (isinstance(value, bool) or not isinstance(value, int)):
        raise ValueError(f"{name} is a whole number, got {value!r}")
    if wanted.startswith("float") and (
        isinstance(value, bool) or not isinstance(value, int | float)
    ):
        raise ValueError(f"{name} is a number, got {value!r}")
    return _tuples(value)


def _tuples(value: Any) -> Any:
    """Lists, which TOML and JSON have, as the tuples that options have."""
    if isinstance(value, Mapping):
        return {key: _tuples(inner) for key, inner in value.items()}
    return tuple(_tuples(inner) for inner in value) if isinstance(value, list) else value


def _plain(options: Options) -> dict[str, Any]:
    return {entry.name: _jsonable(getattr(options, entry.name)) for entry in fields(options)}


def _jsonable(value: Any) -> Any:
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, Mapping):
        return {str(key): _jsonable(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_jsonable(inner) for inner in value]
    if hasattr(value, "tobytes"):  # an array, too long for a record
        return _HASH + hashlib.sha256(value.tobytes()).hexdigest()
    return value


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        pairs = (f"{_toml(key)} = {_toml(inner)}" for key, inner in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(inner) for inner in value) + "]"
    # What JSON writes for texts, numbers and truth values is TOML too, but for halves of characters
    # beyond 16 bits, and for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
