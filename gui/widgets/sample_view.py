"""Held-out photos, as base and new model make them: nothing was learned from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QComboBox, QWidget

from restore.finetune import Sample
from restore.gui.model.document import Document
from restore.gui.model.pyramid import Pyramid
from restore.gui.model.view import ViewState
from restore.gui.model.workspace import Workspace
from restore.gui.studio import Studio
from restore.gui.style import Theme
from restore.gui.widgets.canvas import Canvas
from restore.gui.widgets.controls import column, label, row


class SampleView(QWidget):
    """The canvas of the other page, with two models in the place of before and after."""

    def __init__(self, studio: Studio, theme: Theme) -> None:
        super().__init__()
        self.training = studio.training
        self.view = ViewState(self)
        self.canvas = Canvas(Workspace(self), self.view, theme)
        self.canvas.setMinimumSize(240, 150)
        self.canvas.setAccessibleName(self.tr("A held-out photo"))
        self.photo = QComboBox()
        self.photo.setAccessibleName(self.tr("Held-out photo"))
        self.against = QComboBox()
        self.against.setAccessibleName(self.tr("Compare with"))
        for key, name in (
            ("base", self.tr("Base model")),
            ("before", self.tr("The photo itself")),
            ("truth", self.tr("What it should be")),
        ):
            self.against.addItem(name, key)
        self.score = label(dim=True, wrap=False)
        head = row(self.photo, self.against, self.score)
        head.setStretch(2, 1)
        layout = column(gap=6)
        layout.addLayout(head)
        layout.addWidget(self.canvas, 1)
        self.setLayout(layout)
        self.photo.activated.connect(self.refresh)
        self.against.activated.connect(self.refresh)
        self.training.validated.connect(self.refresh)
        self.training.changed.connect(self._follow)
        self._follow()
        self.refresh()

    @property
    def sample(self) -> Sample | None:
        samples = self.training.samples
        return samples[max(self.photo.currentIndex(), 0) % len(samples)] if samples else None

    def _follow(self) -> None:
        if not self.training.samples and self.canvas.document is not None:
            self.refresh()

    def refresh(self) -> None:
        samples = self.training.samples
        names = [sample.name for sample in samples]
        if names != [self.photo.itemText(index) for index in range(self.photo.count())]:
            self.photo.clear()
            self.photo.addItems(names)
        sample = self.sample
        self.setVisible(sample is not None)
        if sample is None:
            self.canvas.show_document(None)
            self.score.setText("")
            return
        self._show(sample)

    def _show(self, sample: Sample) -> None:
        known = sample.truth is not None
        truth = self.against.model().item(self.against.findData("truth"))  # type: ignore[attr-defined]
        truth.setEnabled(known)
        if self.against.currentData() == "truth" and not known:
            self.against.setCurrentIndex(self.against.findData("base"))
        pictures = {"base": sample.base, "before": sample.before, "truth": sample.truth}
        source = pictures[self.against.currentData()]
        document = Document(Path(sample.name), Pyramid(np.ascontiguousarray(source)), "")
        document.set_raw(Pyramid(np.ascontiguousarray(sample.tuned)), (sample.name,))
        self.canvas.names = (self.against.currentText(), self.tr("New model"))
        self.view.set_picture(document.size, keep=True)
        self.canvas.show_document(document)
        examined = self.training.examined
        if examined is not None and sample.tuned_score == sample.tuned_score:
            figures = f"{sample.base_score:.2f} → {sample.tuned_score:.2f} {examined.metric}"
            self.score.setText(figures)
        else:
            self.score.setText("")
