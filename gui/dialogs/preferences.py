"""Device, memory, looks, language and keys."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QWidget,
)

from restore.gui.actions import KEYS
from restore.gui.language import LANGUAGES
from restore.gui.studio import Studio
from restore.gui.widgets.controls import column, label

TILES = (256, 384, 512, 1024, 2048)


class PreferencesDialog(QDialog):
    """Changes take effect when the dialog is accepted."""

    def __init__(
        self, studio: Studio, names: dict[str, str], parent: QWidget, page: int = 0
    ) -> None:
        super().__init__(parent)
        self.studio = studio
        self.setWindowTitle(self.tr("Preferences"))
        self.resize(560, 460)
        tabs = self.tabs = QTabWidget()
        tabs.addTab(self._general(), self.tr("General"))
        tabs.addTab(self._shortcuts(names), self.tr("Keyboard"))
        tabs.setCurrentIndex(page)
        tabs.setDocumentMode(True)
        tabs.tabBar().setDrawBase(False)
        tabs.tabBar().setAccessibleName(self.tr("Pages"))
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = column(margin=12)
        layout.addWidget(tabs)
        layout.addWidget(buttons)
        self.setLayout(layout)

    def _general(self) -> QWidget:
        preferences = self.studio.preferences
        page = QWidget()
        form = QFormLayout(page)
        form.setContentsMargins(8, 16, 8, 8)
        form.setVerticalSpacing(10)
        form.setHorizontalSpacing(20)
        self.device = self._box(self.tr("Device"))
        self.device.addItem(self.tr("Automatic: the fastest"), "auto")
        known = self.studio.engine.devices if self.studio.engine else ()
        for name in dict.fromkeys((*known, preferences.device)):
            if name != "auto":
                self.device.addItem(name.upper(), name)
        self.tile = self._box(self.tr("Tiles"))
        self.tile.addItem(self.tr("Automatic"), None)
        for side in sorted({*TILES, preferences.tile or TILES[0]}):
            self.tile.addItem(self.tr("{side} pixels").format(side=side), side)
        self.theme = self._box(self.tr("Theme"))
        for value, text in (
            ("system", self.tr("Like the system")),
            ("dark", self.tr("Dark")),
            ("light", self.tr("Light")),
        ):
            self.theme.addItem(text, value)
        self.language = self._box(self.tr("Language"))
        self.language.addItem(self.tr("Like the system"), "system")
        for code, name in LANGUAGES.items():
            self.language.addItem(name, code)
        chosen: tuple[tuple[QComboBox, str | int | None], ...] = (
            (self.device, preferences.device),
            (self.tile, preferences.tile),
            (self.theme, preferences.theme),
            (self.language, preferences.language),
        )
        for box, wanted in chosen:
            box.setCurrentIndex(max(box.findData(wanted), 0))
            form.addRow(label(box.accessibleName(), wrap=False), box)
            if box is self.tile:
                hint = self.tr("Smaller tiles need less memory. Results are the same for the eye.")
                form.addRow("", label(hint, dim=True))
        form.addRow("", label(self.tr("Nothing is ever sent anywhere."), dim=True))
        return page

    def _box(self, name: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        return box

    def _shortcuts(self, names: dict[str, str]) -> QWidget:
        page = QWidget()
        layout = column(margin=8)
        search = QLineEdit()
        search.setPlaceholderText(self.tr("Search"))
        search.setAccessibleName(self.tr("Search"))
        search.setClearButtonEnabled(True)
        search.textChanged.connect(self._search)
        self.table = QTableWidget(len(names), 2)
        self.table.setAccessibleName(self.tr("Keyboard"))
        self.table.setHorizontalHeaderLabels([self.tr("Action"), self.tr("Keys")])
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(1, 190)
        self.editors: dict[str, QKeySequenceEdit] = {}
        for number, (name, text) in enumerate(names.items()):
            item = QTableWidgetItem(text.rstrip("…"))
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
            self.table.setItem(number, 0, item)
            keys = self.studio.preferences.shortcuts.get(name, KEYS.get(name, ""))
            editor = QKeySequenceEdit(QKeySequence(keys))
            editor.setClearButtonEnabled(True)
            editor.setMaximumSequenceLength(1)
            editor.setAccessibleName(text)
            editor.keySequenceChanged.connect(self._check)
            self.editors[name] = editor
            self.table.setCellWidget(number, 1, editor)
            self.table.setRowHeight(number, 40)
        self.clash = label()
        self.clash.setProperty("bad", True)
        layout.addWidget(search)
        layout.addWidget(self.table)
        layout.addWidget(self.clash)
        page.setLayout(layout)
        return page

    def _search(self, text: str) -> None:
        for number in range(self.table.rowCount()):
            item = self.table.item(number, 0)
            found = item is not None and text.lower() in item.text().lower()
            self.table.setRowHidden(number, not found)

    def _check(self) -> None:
        """Name actions that have the same keys."""
        used: dict[str, list[str]] = {}
        for editor in self.editors.values():
            keys = editor.keySequence().toString()
            if keys:
                used.setdefault(keys, []).append(editor.accessibleName().rstrip("…"))
        clashes = [f"{keys}: {', '.join(names)}" for keys, names in used.items() if len(names) > 1]
        self.clash.setText("\n".join(clashes))

    def accept(self) -> None:
        if self.clash.text():  # then neither of two actions could be had by their keys
            self.tabs.setCurrentIndex(1)
            return
        chosen = {
            name: editor.keySequence().toString()
            for name, editor in self.editors.items()
            if editor.keySequence() != QKeySequence(KEYS.get(name, ""))
        }
        super().accept()
        self.studio.prefer(
            replace(
                self.studio.preferences,
                device=self.device.currentData(),
                tile=self.tile.currentData(),
                theme=self.theme.currentData(),
                language=self.language.currentData(),
                shortcuts=chosen,
            )
        )
