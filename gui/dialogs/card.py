"""The card of a model: what it is, what it was made from, what it is worth."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QPlainTextEdit, QWidget

from restore.gui.widgets.controls import Section, column, label


class CardDialog(QDialog):
    def __init__(self, card: dict[str, Any], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(card["name"])
        self.setMinimumWidth(480)
        layout = column(margin=20, gap=10)
        layout.addWidget(label(card["name"], heading=True))
        layout.addWidget(label(card["about"], dim=True))
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.setHorizontalSpacing(20)
        training = card["training"]
        rows = (
            (self.tr("Parameters"), f"{card['parameters'] / 1e6:.2f} M"),
            (self.tr("Work"), f"{card['gmac_per_megapixel']:.0f} GMAC/MP"),
            (self.tr("Made"), f"{card['date']}, restore {card['version']}"),
            (self.tr("Trained on"), str(training.get("data", ""))),
            (self.tr("Measured"), _figures(card["metrics"])),
            ("SHA-256", card["sha256"][:16] + "…"),
        )
        for name, text in rows:
            if text:
                value = label(text)
                value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                form.addRow(label(name, dim=True, wrap=False), value)
        layout.addLayout(form)
        whole = QPlainTextEdit(json.dumps(card, indent=2))
        whole.setReadOnly(True)
        whole.setMinimumHeight(180)
        whole.setAccessibleName(self.tr("The whole card"))
        section = Section(self.tr("The whole card"), parent.theme, opened=False)  # type: ignore[attr-defined]
        section.content.addWidget(whole)
        layout.addWidget(section)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.setLayout(layout)


def _figures(metrics: dict[str, Any]) -> str:
    """`psnr_db: {"sigma 25": 30.67}` as lines."""
    lines = []
    for name, value in metrics.items():
        if isinstance(value, dict):
            figures = ", ".join(
                f"{case} {figure:.2f}" if isinstance(figure, float) else f"{case} {figure}"
                for case, figure in value.items()
            )
            lines.append(f"{name}: {figures}")
    return "\n".join(lines)
