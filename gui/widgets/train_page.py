"""The page on which Restore learns from the user's own photos."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QStackedLayout, QVBoxLayout, QWidget

from restore.gui.studio import Studio
from restore.gui.style import PANEL, Theme
from restore.gui.widgets.controls import column, label, scroll_area
from restore.gui.widgets.message_bar import MessageBar, Stage
from restore.gui.widgets.train_form import TrainForm
from restore.gui.widgets.train_view import TrainView


class TrainPage(QWidget):
    def __init__(self, studio: Studio, theme: Theme, messages: MessageBar) -> None:
        super().__init__()
        self.studio, self.messages = studio, messages
        self.form = TrainForm(studio, theme)
        self.view = TrainView(studio, theme)
        self.view.use_wanted.connect(self._use)
        side = scroll_area(self.form)
        side.setObjectName("strip")
        side.setMinimumWidth(PANEL)
        self.about = self._intro()
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(self.about)
        self._pages.addWidget(self.view)
        self.stage = Stage(pages)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(side)
        splitter.addWidget(self.stage)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([PANEL + 40, 900])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)
        studio.training.changed.connect(self._follow)
        self._follow()

    def _intro(self) -> QWidget:
        made = QWidget()
        inner = column(margin=40, gap=12)
        inner.addStretch(2)
        inner.addWidget(label(self.tr("Teach Restore your own photos"), heading=True))
        for text in (
            self.tr(
                "Choose photos on the left and press Start. After a few minutes you see, on photos "
                "that it has not learned from, whether the new model is better than the one that "
                "came with Restore, and by how much."
            ),
            self.tr(
                "Keep it or throw it away: the models that came with Restore never change. You can "
                "pause, stop, quit, and go on another day."
            ),
            self.tr("Nothing leaves this machine."),
        ):
            inner.addWidget(label(text, dim=True))
        inner.addStretch(3)
        outer = QVBoxLayout(made)
        middle = QWidget()
        middle.setMaximumWidth(560)
        middle.setLayout(inner)
        outer.addWidget(middle, 1, Qt.AlignmentFlag.AlignHCenter)
        return made

    def _follow(self) -> None:
        training = self.studio.training
        runs = training.running and not training.checks
        begun = runs or training.scores or training.verdict
        self._pages.setCurrentWidget(self.view if begun else self.about)

    def _use(self) -> None:
        """A model that was not proven to be better becomes the default only if that is said."""
        training = self.studio.training
        name = training.name
        cards = self.studio.engine.cards if self.studio.engine else ()
        draft = any(card["name"] == name and card.get("draft") for card in cards)
        if not draft:
            training.use()
            return
        text = self.tr(
            "{name} was not proven to be better than its base model. Use it all the same?"
        )
        self.messages.show_message(
            "info",
            text.format(name=name),
            ((self.tr("Use it"), training.use), (self.tr("No"), lambda: None)),
        )
