"""Noise level: found automatically, or set by hand."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from restore.gui.studio import Studio
from restore.gui.style import Theme
from restore.gui.widgets.controls import Slider, column, label, switch

HIGHEST = 100
"""More noise than this the models have not seen."""


class DenoisePanel(QWidget):
    def __init__(self, studio: Studio, theme: Theme) -> None:
        super().__init__()
        self.studio = studio
        self.automatic = switch(self.tr("Find the noise level"))
        self.level = Slider(self.tr("Noise level"), (0, HIGHEST), decimals=1)
        self.found = label(dim=True)
        layout = column()
        layout.addWidget(self.automatic)
        layout.addWidget(self.level)
        layout.addWidget(self.found)
        self.setLayout(layout)
        self.automatic.toggled.connect(self._toggle)
        self.level.edited.connect(
            lambda value, gesture: studio.workspace.edit_step(
                "denoise", self.tr("Noise level"), gesture, sigma=round(value, 2)
            )
        )
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
        sigma = self.studio.workspace.step_of("denoise").values.get("sigma")
        self.automatic.blockSignals(True)
        self.automatic.setChecked(sigma is None)
        self.automatic.blockSignals(False)
        self.level.setEnabled(sigma is not None)
        estimate = self.estimate
        shown = sigma if sigma is not None else estimate
        if shown is not None:
            self.level.show_value(shown)
        if sigma is None and estimate is not None:
            self.found.setText(
                self.tr("Found in this picture: {level}").format(level=f"{estimate:.1f}")
            )
        elif sigma is None:
            self.found.setText(self.tr("It is found for each picture anew."))
        else:
            self.found.setText(self.tr("The same for all pictures."))
