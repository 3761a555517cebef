"""Everything that `restore` raises on purpose.

RestoreError
├── UnreadableImage     a file is not a picture, is damaged, or holds what is not supported
│   └── UnsupportedImage   it may well be whole: of another kind, of other pixels, or too large
├── UnwritableOutput    a result could not be written: its name, its format, its folder
│   └── OutputFailure   no further result can be written either: disk full, folder read-only
├── BadRecipe           a recipe, or a step of one, is not what it should be
├── MissingExtra        a file format needs a package that is not installed
├── BadWeights          a weights file is missing, damaged or made for something else
├── UnknownModel        no model, or no task, of that name
├── DeviceUnavailable   a device was asked for by name and is not there
├── ClusterUnavailable  no Ray cluster answers, or its workers can't start
├── Cancelled           whoever asked for the work has called it off
└── TrainingError       training can't start or go on: too few photos, another recipe's checkpoint

Every message says what was found, and ends with what to do about it.
"""


class RestoreError(Exception):
    """Base of all errors that end in one clear line for the user."""


class UnreadableImage(RestoreError):
    """A file can't be read as a picture."""


class UnsupportedImage(UnreadableImage):
    """A file is not damaged as far as can be told, but of a kind or size that is not read."""


class UnwritableOutput(RestoreError):
    """A result can't be written where it should go."""


class OutputFailure(UnwritableOutput):
    """Nothing can be written any more: the disk is full, or the folder read-only."""


class BadRecipe(RestoreError):
    """A recipe can't be understood."""


class MissingExtra(RestoreError):
    """An optional package is missing."""


class BadWeights(RestoreError):
    """A weights file is missing, damaged, or belongs to something else."""


class UnknownModel(RestoreError):
    """No model or task of that name is known."""


class DeviceUnavailable(RestoreError):
    """The device that was asked for is not on this machine."""


class ClusterUnavailable(RestoreError):
    """No cluster, or no worker of one, is there to do the work."""


class Cancelled(RestoreError):
    """The work was called off; nothing of it is left."""


class TrainingError(RestoreError):
    """Training can't start or can't go on."""
