"""What this is."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QWidget

from restore import __version__
from restore.gui.studio import Studio
from restore.gui.widgets.controls import column, label


class AboutDialog(QDialog):
    def __init__(self, studio: Studio, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About Restore"))
        layout = column(margin=20, gap=10)
        layout.addWidget(label(f"Restore {__version__}", heading=True))
        layout.addWidget(
            label(
                self.tr(
                    "Damaged pictures made good again, on this machine alone: nothing is sent "
                    "anywhere, and originals are never changed."
                )
            )
        )
        engine = studio.engine
        if engine is not None:
            names = ", ".join(card["name"] for card in engine.cards)
            layout.addWidget(label(self.tr("Models: {names}").format(names=names), dim=True))
            devices = ", ".join(engine.devices)
            layout.addWidget(label(self.tr("Devices: {names}").format(names=devices), dim=True))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.setLayout(layout)
        self.setMinimumWidth(420)
