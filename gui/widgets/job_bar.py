"""How far the batch is, with pause and stop; and what there is to say of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPlainTextEdit, QProgressBar, QVBoxLayout, QWidget
from superqt import QElidingLabel

from restore.gui import icons
from restore.gui.jobs import LOGGED
from restore.gui.studio import Studio
from restore.gui.style import Theme
from restore.gui.texts import duration, percent, stage_title
from restore.gui.widgets.controls import column, label, push_button, row, tool_button


class JobBar(QWidget):
    copied = Signal(str)

    def __init__(self, studio: Studio, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("jobbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.studio, self.theme = studio, theme
        self.status = QElidingLabel()
        self.figures = label(dim=True, wrap=False)
        self.batch = self._bar(self.tr("Progress of all files"))
        self.file = self._bar(self.tr("Progress of the current file"))
        self.file.setProperty("dim", True)  # they touch
        self.pause = tool_button("pause", self.tr("Pause"), theme)
        self.stop = tool_button("stop", self.tr("Stop"), theme)
        self.drawer_button = tool_button("log", self.tr("Show the log"), theme, checkable=True)
        self.pause.clicked.connect(lambda: studio.jobs.pause(not studio.jobs.paused))
        self.stop.clicked.connect(studio.jobs.stop)
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setMaximumBlockCount(LOGGED)
        self.log.setAccessibleName(self.tr("Log"))
        self.log.setFixedHeight(130)
        copy = push_button(self.tr("Copy the log"), theme, "copy", flat=True)
        copy.clicked.connect(lambda: self.copied.emit(self.log.toPlainText()))
        self.drawer = QWidget()
        inner = column(gap=4)
        inner.addWidget(self.log)
        inner.addWidget(copy, 0, Qt.AlignmentFlag.AlignRight)
        self.drawer.setLayout(inner)
        self.drawer.hide()
        self.drawer_button.toggled.connect(self.drawer.setVisible)
        line = row(self.status, self.figures, self.pause, self.stop, self.drawer_button)
        line.setStretch(0, 1)
        line.setContentsMargins(12, 2, 8, 4)
        self.drawer.setContentsMargins(12, 0, 8, 6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.batch)
        layout.addWidget(self.file)
        layout.addLayout(line)
        layout.addWidget(self.drawer)
        studio.jobs.changed.connect(self.refresh)
        self.log.setPlainText("\n".join(studio.jobs.log))
        studio.jobs.logged.connect(self.log.appendPlainText)
        studio.preview.busy_changed.connect(self.refresh)
        studio.preview.document_changed.connect(self.refresh)
        studio.preview.pixels_changed.connect(self.refresh)
        studio.engine_changed.connect(self.refresh)
        self.refresh()

    def _bar(self, name: str) -> QProgressBar:
        bar = QProgressBar()
        bar.setTextVisible(False)
        room = bar.sizePolicy()
        room.setRetainSizeWhenHidden(True)  # the picture above must not move
        bar.setSizePolicy(room)
        bar.setRange(0, 1000)
        bar.setAccessibleName(name)
        return bar

    def refresh(self) -> None:
        jobs = self.studio.jobs
        for widget in (self.batch, self.file, self.pause, self.stop):
            widget.setVisible(jobs.running)
        if jobs.running:
            self._show_batch()
        else:
            self._show_picture()

    def _show_batch(self) -> None:
        jobs = self.studio.jobs
        self.batch.setValue(round(jobs.overall * 1000))
        self.file.setValue(round(jobs.share * 1000))
        name = self.tr("Go on") if jobs.paused else self.tr("Pause")
        self.pause.setIcon(icons.icon("go" if jobs.paused else "pause", self.theme))
        self.pause.setToolTip(name)
        self.pause.setAccessibleName(name)
        self.stop.setEnabled(not jobs.stopping)
        place = f"{min(len(jobs.results) + 1, len(jobs.work))} / {len(jobs.work)}"
        if jobs.preparing or not jobs.current:
            text = self.tr("Getting ready")
        elif jobs.stopping:
            text = self.tr("Stopping")
        elif jobs.paused:
            text = self.tr("Paused at {name}").format(name=jobs.current.name)
        else:
            text = f"{place}   {jobs.current.name}"
        if jobs.warning:
            text += f"   ⚠ {jobs.warning}"
        self.status.setText(text)
        figures = [f"{jobs.speed:.2f} MP/s"] if jobs.speed else []
        if jobs.left is not None and not jobs.paused:
            figures.append(self.tr("{time} left").format(time=duration(jobs.left)))
        self.figures.setText("   ".join(figures))

    def _show_picture(self) -> None:
        preview = self.studio.preview
        document = preview.document
        parts = []
        if document is not None:
            height, width = document.size
            megapixels = f"{width * height / 1e6:.1f} MP"
            parts = [document.path.name, f"{width} × {height}", megapixels, document.kind]  # noqa: RUF001
            parts += filter(None, [document.note, document.said])
        if self.studio.engine is None:
            state = self.tr("Engine starting…")
        elif preview.busy or preview.looking:
            self.file.setVisible(True)
            self.file.setValue(round(preview.share * 1000))
            state = f"{stage_title(preview.stage)}  {percent(preview.share)}"
        else:
            state = self.tr("Ready")
        self.status.setText("   ".join(parts))
        self.figures.setText(state)
