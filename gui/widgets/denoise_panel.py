"""Noise level: found automatically, or set by hand."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from restore.gui.studio import Studio
from restore.gui.style import Theme
from restore.gui.widgets.controls import Switch, column, label
from restore.gui.widgets.step_controls import StepSlider, asked

HIGHEST = 100
"""More noise than this the models have not seen."""


class DenoisePanel(QWidget):
    def __init__(self, studio: Studio, theme: Theme) -> None:
        super().__init__()
        self.studio = studio
        self.automatic = Switch(self.tr("Find the noise level"))
        self.level = StepSlider(
            studio.workspace, "denoise", "sigma", self.tr("Noise level"), (0, HIGHEST), decimals=1
        )
        self.found = label(dim=True)
        layout = column()
        layout.addWidget(self.automatic)
        layout.addWidget(self.level)
        layout.addWidget(self.found)
        self.setLayout(layout)
        self.automatic.toggled.connect(self._toggle)
        studio.workspace.recipe_changed.connect(self._refresh)
        studio.preview.pixels_changed.connect(self._refresh)
        studio.preview.document_changed.connect(self._refresh)
        self._refresh()

    @property
    def estimate(self) -> float | None:
        """The level that was found in the current picture, in 8-bit units."""
        document = self.studio.preview.document
        return None if document is None else document.facts.get("sigma")

    def _toggle(self, automatic: bool) -> None:
        sigma = None if automatic else round(self.estimate or 10.0, 1)
        self.studio.workspace.edit_step("denoise", self.tr("Noise level"), sigma=sigma)

    def _refresh(self) -> None:
        sigma = asked(self.studio.workspace, "denoise", "sigma")
        self.automatic.show_value(sigma is None)
        self.level.setEnabled(sigma is not None)
        estimate = self.estimate
        if sigma is None:
            self.level.show_value(estimate or 0.0)
        if sigma is None and estimate is not None:
            self.found.setText(
                self.tr("Found in this picture: {level}").format(level=f"{estimate:.1f}")
            )
        elif sigma is None:
            self.found.setText(self.tr("It is found for each picture anew."))
        else:
            self.found.setText(self.tr("The same for all pictures."))
