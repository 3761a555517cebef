"""Where results go, and as what; with the name that the current picture's will have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QSpinBox
from superqt import QElidingLabel

from restore.formats.jpeg import DEFAULT_QUALITY
from restore.gui.model.output import FORMATS
from restore.gui.studio import Studio
from restore.gui.style import Theme
from restore.gui.widgets.controls import PathField, Section, Switch, label, row


class OutputPanel(Section):
    def __init__(self, studio: Studio, theme: Theme) -> None:
        super().__init__(self.tr("Output"), theme)
        self.studio = studio
        workspace = studio.workspace
        self.folder = PathField(self.tr("Folder"), theme, self.tr("Subfolder “restored”"))
        self.folder.start = lambda: next(
            (str(workspace.output.folder_for(path)) for path in workspace.files.inputs), ""
        )
        self.folder.edited.connect(lambda text: self._set(folder=text))
        self.format = QComboBox()
        self.format.setAccessibleName(self.tr("Format"))
        for format in FORMATS:
            self.format.addItem(
                self.tr("Like the original") if format == "keep" else format.upper(), format
            )
        self.format.activated.connect(lambda index: self._set(format=self.format.itemData(index)))
        self.quality_own = Switch(self.tr("Fixed quality"))
        self.quality_own.setToolTip(
            self.tr("Otherwise a JPEG keeps the quality that it has, if that is a good one")
        )
        self.quality_own.toggled.connect(
            lambda on: self._set(quality=DEFAULT_QUALITY if on else None)
        )
        self.quality = QSpinBox()
        self.quality.setRange(1, 100)
        self.quality.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.quality.setAccessibleName(self.tr("Quality"))
        self.quality.setKeyboardTracking(False)
        self.quality.valueChanged.connect(lambda value: self._set(quality=value))
        self.keep_times = Switch(self.tr("Keep the date of the file"))
        self.keep_times.setToolTip(
            self.tr("Results have the modification time of their originals; EXIF dates always stay")
        )
        self.keep_times.toggled.connect(lambda on: self._set(keep_times=on))
        self.overwrite = Switch(self.tr("Replace results that are there"))
        self.overwrite.toggled.connect(lambda on: self._set(overwrite=on))
        self.example = QElidingLabel()
        self.example.setProperty("dim", True)
        name = label(self.tr("Folder"), wrap=False)
        name.setBuddy(self.folder)
        kind = label(self.tr("Format"), wrap=False)
        kind.setBuddy(self.format)
        width = max(name.sizeHint().width(), kind.sizeHint().width())
        for widget in (name, kind):
            widget.setMinimumWidth(width)
        folder_row = row(name, self.folder)
        folder_row.setStretch(1, 1)
        format_row = row(kind, self.format)
        format_row.setStretch(1, 1)
        quality_row = row(self.quality_own, self.quality)
        quality_row.setStretch(0, 1)
        self.content.addLayout(folder_row)
        self.content.addLayout(format_row)
        self.content.addLayout(quality_row)
        self.content.addWidget(self.keep_times)
        self.content.addWidget(self.overwrite)
        self.content.addWidget(self.example)
        for signal in (
            workspace.output_changed,
            workspace.current_changed,
            workspace.files.rowsInserted,
            workspace.files.modelReset,
        ):
            signal.connect(self._refresh)
        self._refresh()

    def _set(self, **changes: Any) -> None:
        self.studio.workspace.set_output(replace(self.studio.workspace.output, **changes))

    def _refresh(self) -> None:
        workspace = self.studio.workspace
        output = workspace.output
        self.folder.show_value(output.folder)
        self.format.setCurrentIndex(self.format.findData(output.format))
        self.quality_own.show_value(output.quality is not None)
        self.keep_times.show_value(output.keep_times)
        self.overwrite.show_value(output.overwrite)
        self.quality.blockSignals(True)
        self.quality.setValue(output.quality or DEFAULT_QUALITY)
        self.quality.blockSignals(False)
        self.quality.setEnabled(output.quality is not None)
        item = workspace.files.item(workspace.current) if workspace.current else None
        if item is None:
            self.example.setText(self.tr("Open a picture to see where its result goes."))
            self.example.setToolTip("")
        else:
            path = output.example(item.path, item.root)
            self.example.setText(f"{path.parent.name}/{path.name}")
            self.example.setToolTip(str(path))
