"""The icons by what they mean here: Phosphor, by way of QtAwesome."""

from __future__ import annotations

import qtawesome
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QPixmap

from restore.gui.style import Theme

_NAMES = {
    "open": "ph.image",
    "folder": "ph.folder-open",
    "paste": "ph.clipboard",
    "export": "ph.export",
    "export-all": "ph.stack",
    "undo": "ph.arrow-counter-clockwise",
    "redo": "ph.arrow-clockwise",
    "fit": "ph.corners-out",
    "actual": "ph.frame-corners",
    "zoom-in": "ph.magnifying-glass-plus",
    "zoom-out": "ph.magnifying-glass-minus",
    "split": "ph.square-half",
    "side": "ph.columns",
    "result": "ph.square",
    "difference": "ph.intersect",
    "original": "ph.eye",
    "preferences": "ph.sliders-horizontal",
    "device": "ph.cpu",
    "info": "ph.info",
    "hand": "ph.hand",
    "brush": "ph.paint-brush",
    "eraser": "ph.eraser",
    "box": "ph.selection",
    "lasso": "ph.polygon",
    "clear": "ph.trash",
    "detect": "ph.magic-wand",
    "point": "ph.eyedropper",
    "add": "ph.plus",
    "up": "ph.caret-up",
    "down": "ph.caret-down",
    "right": "ph.caret-right",
    "copy": "ph.copy",
    "pause": "ph.pause",
    "go": "ph.play",
    "stop": "ph.stop",
    "log": "ph.list-dashes",
    "retry": "ph.arrows-clockwise",
    "picture": "ph.image-square",
    "close": "ph.x",
    "more": "ph.caret-double-right",
    "new": "ph.circle-dashed",
    "waiting": "ph.clock",
    "running": "ph.spinner",
    "done": "ph.check-circle-fill",
    "failed": "ph.warning-circle-fill",
    "skipped": "ph.skip-forward-fill",
    "good": "ph.check-circle",
    "bad": "ph.warning",
    "check": "ph.check-bold",
    "denoise": "ph.sparkle",
    "dewatermark": "ph.copyright",
    "colorize": "ph.palette",
}


def icon(name: str, theme: Theme, color: str = "") -> QIcon:
    """An icon in a colour, by default that of the theme's text; paler where it is disabled."""
    made: QIcon = qtawesome.icon(
        _NAMES[name],
        color=color or theme.text,
        color_disabled=theme.outline,
        color_on=color or theme.text,
    )
    return made


def pixmap(name: str, color: str, size: int, ratio: float = 1.0) -> QPixmap:
    """An icon of one colour, `size` points large, for a screen of some ratio."""
    made: QPixmap = qtawesome.icon(_NAMES[name], color=color).pixmap(QSize(size, size) * ratio)
    made.setDevicePixelRatio(ratio)
    return made
