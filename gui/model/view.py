"""How the picture is looked at: where, how large, compared in which way, with which tool."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Signal

Mode = Literal["split", "side", "result", "difference"]
ToolName = Literal["hand", "brush", "eraser", "box", "lasso", "point"]

MODES: tuple[Mode, ...] = ("split", "side", "result", "difference")
TASK_OF_TOOL = {
    "brush": "dewatermark",
    "eraser": "dewatermark",
    "box": "dewatermark",
    "lasso": "dewatermark",
    "point": "colorize",
}
"""The tools that draw, and the step that each belongs to."""
LARGEST_SCALE = 32.0
BRUSH_SIZES = (2, 1000)


class ViewState(QObject):
    """Scale and centre hold for all panes, so that these can't get out of step.

    Lengths on the screen are in its own pixels, not in those that the system scales.
    """

    changed = Signal()
    moved = Signal()
    """Another part of the picture is seen; `changed` is emitted too."""
    tool_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.picture = (0, 0)
        """Height and width of the picture."""
        self.pane = (1, 1)
        """Height and width of one pane of the canvas."""
        self.fitted = True
        self.scale = 1.0
        """Pixels of the screen per pixel of the picture."""
        self.centre = (0.0, 0.0)
        """x, y in the picture of what is in the middle of a pane."""
        self.mode: Mode = "split"
        self.divider = 0.5
        """Share of the canvas that is left of the divider."""
        self.original = False
        """Whether the original is shown, for as long as a key is held."""
        self.tool: ToolName = "hand"
        self.brush = 40
        """Diameter in pixels of the picture."""
        self.show_mask = True
        self.show_uncertainty = False

    def set_picture(self, size: tuple[int, int], keep: bool = False) -> None:
        """Another picture; keeps place and scale for one of the same size if asked to."""
        same = size == self.picture
        self.picture = size
        if not (keep and same):
            self.fit()

    def set_pane(self, size: tuple[int, int]) -> None:
        if size != self.pane:
            self.pane = size
            if self.fitted:
                self.fit()
            else:
                self._moved()

    @property
    def fit_scale(self) -> float:
        height, width = self.picture
        if not height or not width:
            return 1.0
        return min(self.pane[0] / height, self.pane[1] / width, 1.0)

    def fit(self) -> None:
        self.fitted, self.scale = True, self.fit_scale
        self.centre = (self.picture[1] / 2, self.picture[0] / 2)
        self._moved()

    def zoom_to(self, scale: float, at: tuple[float, float] | None = None) -> None:
        """Another scale; the point of the picture at `at` (x, y in the pane) stays there."""
        smallest = min(self.fit_scale, 1.0) / 2
        scale = min(max(scale, smallest), LARGEST_SCALE)
        x, y = at or (self.pane[1] / 2, self.pane[0] / 2)
        right, down = x - self.pane[1] / 2, y - self.pane[0] / 2
        change = 1 / self.scale - 1 / scale
        self.fitted, self.scale = False, scale
        self._set_centre(self.centre[0] + right * change, self.centre[1] + down * change)

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by pixels of the screen."""
        self.fitted = False
        self._set_centre(self.centre[0] - dx / self.scale, self.centre[1] - dy / self.scale)

    def _set_centre(self, x: float, y: float) -> None:
        height, width = self.picture
        self.centre = (min(max(x, 0.0), float(width)), min(max(y, 0.0), float(height)))
        self._moved()

    def _moved(self) -> None:
        self.moved.emit()
        self.changed.emit()

    @property
    def origin(self) -> tuple[int, int]:
        """Where the picture's corner is in a pane, x, y: whole pixels, so that 1:1 is sharp."""
        return (
            round(self.pane[1] / 2 - self.centre[0] * self.scale),
            round(self.pane[0] / 2 - self.centre[1] * self.scale),
        )

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        left, top = self.origin
        return (x - left) / self.scale, (y - top) / self.scale

    def to_pane(self, x: float, y: float) -> tuple[float, float]:
        left, top = self.origin
        return left + x * self.scale, top + y * self.scale

    @property
    def visible(self) -> tuple[int, int, int, int]:
        """top, bottom, left, right of what is seen, in pixels of the picture."""
        height, width = self.picture
        left, top = self.to_picture(0, 0)
        right, bottom = self.to_picture(self.pane[1], self.pane[0])
        return (
            min(max(int(top), 0), height),
            min(max(int(bottom) + 1, 0), height),
            min(max(int(left), 0), width),
            min(max(int(right) + 1, 0), width),
        )

    # Settings

    def set_mode(self, mode: Mode) -> None:
        if mode != self.mode:
            self.mode = mode
            self.changed.emit()

    def set_divider(self, share: float) -> None:
        self.divider = min(max(share, 0.0), 1.0)
        self.changed.emit()

    def set_original(self, shown: bool) -> None:
        if shown != self.original:
            self.original = shown
            self.changed.emit()

    def set_tool(self, tool: ToolName) -> None:
        if tool != self.tool:
            self.tool = tool
            self.tool_changed.emit()
            self.changed.emit()

    def set_brush(self, diameter: int) -> None:
        self.brush = min(max(diameter, BRUSH_SIZES[0]), BRUSH_SIZES[1])
        self.tool_changed.emit()
        self.changed.emit()

    def set_overlay(self, *, mask: bool | None = None, uncertainty: bool | None = None) -> None:
        self.show_mask = self.show_mask if mask is None else mask
        self.show_uncertainty = self.show_uncertainty if uncertainty is None else uncertainty
        self.changed.emit()
