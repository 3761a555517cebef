"""What is to be learned, from which photos, and what the check says of them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QSpinBox,
    QWidget,
)

from restore.finetune import Finding, Way
from restore.gui import icons
from restore.gui.model.training_form import MINUTES, WAYS
from restore.gui.studio import Studio
from restore.gui.style import ICON, Theme
from restore.gui.texts import model_title
from restore.gui.widgets.controls import PathField, Switch, column, label, push_button, row

_LOOKS = {"fine": ("done", "good"), "warning": ("bad", "warn"), "refusal": ("failed", "bad")}
"""Icon and colour of each level of a finding; the text says it too."""


class TrainForm(QWidget):
    def __init__(self, studio: Studio, theme: Theme) -> None:
        super().__init__()
        self.studio, self.theme = studio, theme
        training = studio.training
        self.way = QComboBox()
        self.way.setAccessibleName(self.tr("Learn from"))
        for way in WAYS:
            self.way.addItem(self._way_title(way), way)
        self.way.activated.connect(lambda index: training.fill_in(way=self.way.itemData(index)))
        self.about = label(dim=True)
        self.photos = PathField(self.tr("Photos"), theme)
        self.photos.edited.connect(self.choose_photos)
        self.beside = PathField(self.tr("Clean photos"), theme)
        self.beside.edited.connect(lambda text: training.fill_in(beside=text))
        self.name = QLineEdit()
        self.name.setAccessibleName(self.tr("Name of the new model"))
        self.name.setPlaceholderText(self.tr("my-scanner"))
        self.name.textEdited.connect(lambda text: training.fill_in(name=text))
        self.base = QComboBox()
        self.base.setAccessibleName(self.tr("Model to start from"))
        self.base.activated.connect(lambda index: training.fill_in(base=self.base.itemData(index)))
        self.minutes = QSpinBox()
        self.minutes.setRange(*MINUTES)
        self.minutes.setSuffix(self.tr(" min"))
        self.minutes.setAccessibleName(self.tr("Time"))
        self.minutes.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.minutes.valueChanged.connect(lambda value: training.fill_in(minutes=value))
        self.afresh = Switch(self.tr("Begin again"))
        self.afresh.setToolTip(
            self.tr("Forget what an earlier run of this name has learned, instead of going on")
        )
        self.check = push_button(self.tr("Check the photos"), theme, "detect")
        self.check.clicked.connect(self._check)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setAccessibleName(self.tr("Looking at the photos"))
        self.start = push_button(self.tr("Start"), theme, "go", primary=True)
        self.start.clicked.connect(self._start)
        self._beside_label = label(wrap=False)
        self._photos_label = label(wrap=False)
        self._findings = column(gap=6)
        self._shown: tuple[Finding, ...] | None = None
        self.setLayout(self._arranged())
        training.changed.connect(self.refresh)
        studio.engine_changed.connect(self.refresh)
        self.refresh()

    def _arranged(self) -> QHBoxLayout:
        form = QFormLayout()
        form.setContentsMargins(0, 4, 0, 4)
        form.setVerticalSpacing(8)
        form.setHorizontalSpacing(10)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        for name, widget in (
            (self._photos_label, self.photos),
            (self._beside_label, self.beside),
            (label(self.tr("Name"), wrap=False), self.name),
            (label(self.tr("Start from"), wrap=False), self.base),
            (label(self.tr("Time"), wrap=False), self.minutes),
        ):
            name.setBuddy(widget)
            form.addRow(name, widget)
        self._form = form
        inner = column(margin=12)
        inner.addWidget(label(self.tr("Learn from"), heading=True))
        inner.addWidget(self.way)
        inner.addWidget(self.about)
        inner.addLayout(form)
        inner.addWidget(self.afresh)
        inner.addLayout(row(self.check, self.start))
        inner.addWidget(self.busy)
        inner.addLayout(self._findings)
        inner.addStretch(1)
        whole = row()
        whole.addLayout(inner)
        return whole

    # What the form says

    def _way_title(self, way: Way) -> str:
        return {
            "noisy": self.tr("Noisy photos alone"),
            "clean": self.tr("Noisy photos and clean ones"),
            "pairs": self.tr("Pairs: each noisy photo and its clean one"),
            "marks": self.tr("My watermark"),
            "colours": self.tr("My colours"),
        }[way]

    def _way_about(self, way: Way) -> str:
        return {
            "noisy": self.tr(
                "The noise of your camera, film or scanner. It is measured where the photos are "
                "smooth; nothing clean is needed."
            ),
            "clean": self.tr(
                "The noise of your noisy photos, learned on clean photos of anything."
            ),
            "pairs": self.tr("The surest way, where there are pairs of the same name."),
            "marks": self.tr(
                "Your mark, laid over photos that have none. For pictures you own or may edit."
            ),
            "colours": self.tr(
                "The colours of one kind of pictures, such as portraits or one place."
            ),
        }[way]

    def choose_photos(self, text: str) -> None:
        """A folder; a name for the model is offered after it, until one has been typed."""
        form, changes = self.studio.training.form, {"photos": text}
        if form.name in {"", _name_after(form.photos)}:
            changes["name"] = _name_after(text)
        self.studio.training.fill_in(**changes)

    def _check(self) -> None:
        training = self.studio.training
        if training.running:
            training.stop()
        else:
            training.check()

    def _start(self) -> None:
        afresh = self.afresh.isChecked()
        self.afresh.setChecked(False)
        self.studio.training.start(afresh=afresh)

    def refresh(self) -> None:
        training = self.studio.training
        form = training.form
        self.way.setCurrentIndex(self.way.findData(form.way))
        self.about.setText(self._way_about(form.way))
        names = {"marks": self.tr("Photos"), "colours": self.tr("Photos")}
        self._photos_label.setText(names.get(form.way, self.tr("Noisy photos")))
        marks = form.way == "marks"
        self._beside_label.setText(self.tr("Mark") if marks else self.tr("Clean photos"))
        self.beside.picks_file = marks
        self.beside.field.setPlaceholderText(
            self.tr("PNG with transparency; none: any text") if marks else ""
        )
        self._form.setRowVisible(self.beside, form.way in {"clean", "pairs", "marks"})
        self.photos.show_value(form.photos)
        self.beside.show_value(form.beside)
        if self.name.text() != form.name:
            self.name.setText(form.name)
        self.minutes.blockSignals(True)
        self.minutes.setValue(form.minutes)
        self.minutes.blockSignals(False)
        self._fill_base(form.task, form.base)
        idle = not training.running
        fields = (self.way, self.photos, self.beside, self.name, self.base, self.minutes)
        for widget in (*fields, self.afresh):
            widget.setEnabled(idle)
        ready = idle and self.studio.engine is not None
        checking = training.running and training.checks
        self.busy.setVisible(training.state == "checking")
        self.check.setText(self.tr("Stop") if checking else self.tr("Check the photos"))
        self.check.setEnabled(
            (ready and form.missing in {None, "name"}) or training.state == "checking"
        )
        self.start.setEnabled(ready and form.missing is None)
        goes_on = training.under_way and idle
        self.start.setText(self.tr("Go on") if goes_on else self.tr("Start"))
        self._show_findings()

    def _fill_base(self, task: str, chosen: str) -> None:
        cards = self.studio.workspace.cards or ()
        self.base.clear()
        self.base.addItem(self.tr("Automatic"), "auto")
        for card in cards:
            if card["task"] == task:
                self.base.addItem(model_title(card), card["name"])
        self.base.setCurrentIndex(max(self.base.findData(chosen), 0))

    def _show_findings(self) -> None:
        examined = self.studio.training.checked
        findings = examined.findings if examined is not None else ()
        if examined is not None and examined.usable:
            text = self.tr("{learn} to learn from, {held} held out to choose and prove by")
            text = text.format(learn=examined.photos, held=len(examined.held_out))
            findings = (*findings, Finding("fine", text))
        if findings == self._shown:
            return
        self._shown = findings
        while self._findings.count():
            item = self._findings.takeAt(0)
            widget = None if item is None else item.widget()
            if widget is not None:
                widget.deleteLater()
        for finding in findings:
            self._findings.addWidget(self._finding(finding))

    def _finding(self, finding: Finding) -> QWidget:
        name, colour = _LOOKS[finding.level]
        mark = QLabel()
        mark.setPixmap(
            icons.pixmap(name, getattr(self.theme, colour), ICON, self.devicePixelRatioF())
        )
        text = label(finding.text)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        line = row(mark, text)
        line.setAlignment(mark, Qt.AlignmentFlag.AlignTop)
        line.setStretch(1, 1)
        made = QWidget()
        made.setLayout(line)
        return made


def _name_after(folder: str) -> str:
    """A name for a model that learns from a folder; empty where that has none to offer."""
    name = Path(folder).name.lower() if folder else ""
    kept = "".join(each if each.isalnum() else "-" for each in name).strip("-")
    return f"my-{kept}" if kept and kept.isascii() else ""
