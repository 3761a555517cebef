"""A training to look at: its curves, the held-out photos, the checkpoints, the verdict."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHeaderView,
    QProgressBar,
    QTableView,
    QWidget,
)
from superqt import QElidingLabel

from restore.gui import icons
from restore.gui.model.checkpoints import CheckpointTable
from restore.gui.studio import Studio
from restore.gui.style import Theme
from restore.gui.texts import duration, verdict_text
from restore.gui.widgets.controls import Notice, column, label, push_button, row, tool_button
from restore.gui.widgets.curve import Curve
from restore.gui.widgets.sample_view import SampleView


class TrainView(QWidget):
    use_wanted = Signal()

    def __init__(self, studio: Studio, theme: Theme) -> None:
        super().__init__()
        self.studio, self.theme = studio, theme
        training = studio.training
        self.status = QElidingLabel()
        self.left = label(dim=True, wrap=False)
        self.pause = tool_button("pause", self.tr("Pause"), theme)
        self.pause.clicked.connect(lambda: training.pause(training.state != "paused"))
        self.stop = tool_button("stop", self.tr("Stop and keep the best"), theme)
        self.stop.clicked.connect(training.stop)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName(self.tr("Progress of the training"))
        self.verdict = Notice()
        self.loss = Curve(self.tr("Loss"), theme)
        self.score = Curve(self.tr("Held-out photos"), theme)
        self.samples = SampleView(studio, theme)
        self.table = QTableView()
        self.model = CheckpointTable(training, self)
        self.table.setModel(self.model)
        self.table.setAccessibleName(self.tr("Checkpoints"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(26)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        )
        self.table.setShowGrid(False)
        self.table.setMinimumHeight(110)
        self.use = push_button(self.tr("Use"), theme, "check", primary=True)
        self.use.setToolTip(self.tr("From now on this model is what “Automatic” takes"))
        self.use.clicked.connect(self.use_wanted)
        self.revert = push_button(self.tr("Revert"), theme, "undo")
        self.revert.setToolTip(self.tr("“Automatic” takes the models that came with Restore again"))
        self.revert.clicked.connect(training.revert)
        self.keep = push_button(self.tr("Take this checkpoint"), theme, "go")
        self.keep.setToolTip(self.tr("Make the model from the row that is selected"))
        self.keep.clicked.connect(self._keep)
        self.export = push_button(self.tr("Export…"), theme, "export")
        self.export.clicked.connect(self._export)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._refresh_buttons())
        self.model.modelReset.connect(self._refresh_buttons)
        self._arrange()
        training.changed.connect(self.refresh)
        training.progressed.connect(self._show_progress)
        training.validated.connect(self._show_scores)
        studio.engine_changed.connect(self._refresh_buttons)
        self.refresh()
        self._show_progress()
        self._show_scores()

    def _arrange(self) -> None:
        head = row(self.status, self.left, self.pause, self.stop)
        head.setStretch(0, 1)
        curves = row(self.loss, self.score, gap=4)
        buttons = column(gap=6)
        for button in (self.use, self.revert, self.keep, self.export):
            buttons.addWidget(button)
        buttons.addStretch(1)
        foot = row(self.table)
        foot.addLayout(buttons)
        foot.setStretch(0, 1)
        layout = column(margin=12)
        layout.addLayout(head)
        layout.addWidget(self.bar)
        layout.addWidget(self.verdict)
        layout.addLayout(curves, 3)
        layout.addWidget(self.samples, 5)
        layout.addLayout(foot, 2)
        self.setLayout(layout)

    # What is shown

    def refresh(self) -> None:
        training = self.studio.training
        state = training.state
        titles = {
            "checking": self.tr("Looking at the photos"),
            "training": self.tr("Learning"),
            "paused": self.tr("Paused"),
            "stopping": self.tr("Stopping; the best checkpoint is kept"),
        }
        text = titles.get(state, training.name)
        for widget in (self.bar, self.left, self.pause, self.stop):
            widget.setVisible(training.running)
        if training.examined is not None and state in {"training", "paused"}:
            text += f": {training.name}"
        if training.best is not None and training.examined is not None and training.running:
            gain = abs(training.best.score - training.best.base)
            better = self.tr("best so far {gain} {metric} better than the base model")
            text += "   " + better.format(gain=f"{gain:.2f}", metric=training.examined.metric)
        self.status.setText(text)
        self.pause.setIcon(icons.icon("go" if state == "paused" else "pause", self.theme))
        name = self.tr("Go on") if state == "paused" else self.tr("Pause")
        self.pause.setToolTip(name)
        self.pause.setAccessibleName(name)
        self.pause.setEnabled(state in {"training", "paused"})
        self.stop.setEnabled(state in {"checking", "training", "paused"})
        verdict = training.verdict
        self.verdict.setVisible(verdict is not None)
        if verdict is not None:
            self.verdict.show_text(verdict_text(verdict), good=verdict.better)
        self._refresh_buttons()

    def _show_progress(self) -> None:
        training = self.studio.training
        now = training.progress
        if now is None:
            self.bar.setValue(0)
            self.left.setText("")
        else:
            whole = now.seconds + now.left
            self.bar.setValue(round(1000 * now.seconds / whole) if whole else 0)
            text = self.tr("step {step}   {time} left")
            self.left.setText(text.format(step=now.step, time=duration(now.left)))
        self.loss.show_points(training.losses)

    def _show_scores(self) -> None:
        training = self.studio.training
        best, examined = training.best, training.examined
        self.score.show_points(
            [(entry.seconds, entry.score) for entry in training.scores],
            title=self.tr("Held-out photos, {metric}").format(metric=examined.metric)
            if examined
            else "",
            level=training.scores[0].base if training.scores else None,
            level_name=self.tr("base model"),
            best=(best.seconds, best.score) if best else None,
            dots=True,
        )
        self.refresh()

    def _selected_step(self) -> int | None:
        rows = self.table.selectionModel().selectedRows()
        if rows and self.model.can_be_had_back(rows[0].row()):
            return self.model.rows[rows[0].row()].step
        return None

    def _refresh_buttons(self) -> None:
        training = self.studio.training
        task, name = training.task, training.name
        engine = self.studio.engine
        cards = engine.cards if engine is not None else ()
        made = any((card["task"], card["name"]) == (task, name) for card in cards)
        default = engine.defaults.get(task) if engine is not None else None
        idle = not training.running
        self.use.setEnabled(idle and made and default != name)
        self.revert.setEnabled(idle and default is not None)
        self.export.setEnabled(idle and made)
        self.keep.setEnabled(idle and self._selected_step() is not None)

    # What can be done

    def _keep(self) -> None:
        step = self._selected_step()
        if step is not None:
            self.studio.training.keep(step)

    def _export(self) -> None:
        name = self.studio.training.name + ".safetensors"
        kinds = "safetensors (*.safetensors);;ONNX (*.onnx)"
        title = self.tr("Export the model")
        dialog = QFileDialog(self, title, name, kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("safetensors")
        dialog.filterSelected.connect(
            lambda kind: dialog.setDefaultSuffix("onnx" if "onnx" in kind else "safetensors")
        )
        dialog.fileSelected.connect(self.studio.training.export_to)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
