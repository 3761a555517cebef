"""The main window: its parts, and what happens when something is clicked."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QMainWindow,
    QMessageBox,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from restore.gui import opening
from restore.gui.actions import KEYS, Actions
from restore.gui.command_line import equivalent
from restore.gui.dialogs.about import AboutDialog
from restore.gui.dialogs.card import CardDialog
from restore.gui.dialogs.preferences import PreferencesDialog
from restore.gui.model.files import local_paths
from restore.gui.model.view import MODES, TASK_OF_TOOL
from restore.gui.studio import Studio
from restore.gui.style import PANEL, Theme
from restore.gui.texts import percent
from restore.gui.widgets import summary
from restore.gui.widgets.canvas import ZOOM_STEP, Canvas
from restore.gui.widgets.controls import take_typed
from restore.gui.widgets.file_strip import FileStrip
from restore.gui.widgets.inspector import Inspector
from restore.gui.widgets.job_bar import JobBar
from restore.gui.widgets.menus import ToolBar, fill_menus
from restore.gui.widgets.message_bar import MessageBar, Stage
from restore.gui.widgets.train_page import TrainPage


class Window(QMainWindow):
    def __init__(self, studio: Studio, theme: Theme) -> None:
        super().__init__()
        self.studio, self.theme = studio, theme
        self.setWindowTitle("Restore")
        self.setAcceptDrops(True)
        self.setMinimumSize(900, 600)
        self.actions_ = Actions(theme, studio.preferences.shortcuts, self)
        self.canvas = Canvas(studio.workspace, studio.view, theme)
        self.strip = FileStrip(studio.workspace, theme)
        self.inspector = Inspector(studio, theme)
        self.job_bar = JobBar(studio, theme)
        self.messages = MessageBar(theme)
        self.toolbar = ToolBar(self.actions_, theme)
        self.recent = fill_menus(self, self.actions_, studio)
        self.addToolBar(self.toolbar)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.stage = Stage(self.canvas)
        self.stage.take(self.messages)
        for widget in (self.strip, self.stage, self.inspector):
            self.splitter.addWidget(widget)
        self.splitter.setStretchFactor(1, 1)
        self.strip.setMinimumWidth(150)
        self.splitter.setSizes([196, 900, PANEL + 14])
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.train = TrainPage(studio, theme, self.messages)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.splitter)
        self.pages.addWidget(self.train)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.job_bar)
        self.setCentralWidget(centre)
        self.setTabOrder(self.strip.list, self.canvas)
        self.setTabOrder(self.canvas, self.inspector.steps.view)
        self._connect_actions()
        self._connect_parts()
        self.resize(1360, 860)
        self._restore_geometry()
        self._show_document()
        self._refresh()
        self.canvas.setFocus()
        QGuiApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    # Wiring

    def _connect_actions(self) -> None:
        studio, view = self.studio, self.studio.view
        calls: dict[str, Callable[[], Any]] = {
            "open": self.open_files,
            "open-folder": lambda: opening.ask_for_folder(self, studio),
            "paste": lambda: opening.paste(studio),
            "export": self.export_selected,
            "export-all": self.export_all,
            "pause": lambda: studio.jobs.pause(not studio.jobs.paused),
            "stop": studio.jobs.stop,
            "retry": studio.jobs.retry_failed,
            "quit": self._quit,
            "undo": studio.workspace.undo.undo,
            "redo": studio.workspace.undo.redo,
            "select-all": self.strip.list.selectAll,
            "copy-command": self.copy_command,
            "preferences": self.show_preferences,
            "fit": view.fit,
            "actual": lambda: view.zoom_to(1.0),
            "zoom-in": lambda: view.zoom_to(view.scale * ZOOM_STEP),
            "zoom-out": lambda: view.zoom_to(view.scale / ZOOM_STEP),
            "next": lambda: self._step_through(1),
            "previous": lambda: self._step_through(-1),
            "smaller": lambda: view.set_brush(min(round(view.brush / 1.25), view.brush - 1)),
            "larger": lambda: view.set_brush(max(round(view.brush * 1.25), view.brush + 1)),
            "detect": self._detect,
            "clear-mask": self.inspector.panel.watermark.clear_mask,
            "restore-page": lambda: self.show_page(training=False),
            "train-page": lambda: self.show_page(training=True),
            "log": self.job_bar.drawer_button.toggle,
            "shortcuts": lambda: self.show_preferences(page=1),
            "about": lambda: AboutDialog(self.studio, self).open(),
        }
        for mode in MODES:
            calls[mode] = partial(view.set_mode, mode)
        for tool in ("hand", *TASK_OF_TOOL):
            calls[tool] = partial(self._use_tool, tool)
        for name, call in calls.items():
            self.actions_[name].triggered.connect(lambda _=False, call=call: call())
        self.toolbar.original.pressed.connect(lambda: view.set_original(True))
        self.toolbar.original.released.connect(lambda: view.set_original(False))
        self.toolbar.device.clicked.connect(lambda: self.show_preferences())

    def _connect_parts(self) -> None:
        studio, workspace, preview = self.studio, self.studio.workspace, self.studio.preview
        self.canvas.open_wanted.connect(self.open_files)
        self.canvas.colour_wanted.connect(self.inspector.panel.colorize.select)
        self.strip.open_wanted.connect(self.open_files)
        self.strip.export_wanted.connect(studio.jobs.start)
        self.strip.retry_wanted.connect(studio.jobs.start)
        self.strip.reveal_wanted.connect(lambda path: summary.open_folder(path.parent))
        self.strip.copied.connect(self._copy)
        self.job_bar.copied.connect(self._copy)
        self.inspector.export_wanted.connect(self.export_selected)
        self.inspector.export_all_wanted.connect(self.export_all)
        self.inspector.copy_wanted.connect(self.copy_command)
        self.inspector.card_wanted.connect(lambda card: CardDialog(card, self).open())
        studio.message.connect(self.messages.show_message)
        # Methods, not lambdas: those would go on being called when this window is no more.
        studio.jobs.refused.connect(self._say_refused)
        studio.jobs.ended.connect(self._say_ended)
        preview.failed.connect(self._say_failed)
        preview.noted.connect(self._say_noted)
        preview.busy_changed.connect(self._show_pending)
        preview.document_changed.connect(self._show_document)
        preview.pixels_changed.connect(self._show_pixels)
        workspace.step_changed.connect(self._leave_foreign_tool)
        for signal in (
            workspace.undo.indexChanged,
            workspace.files.rowsInserted,
            workspace.files.modelReset,
            preview.document_changed,
            workspace.recipe_changed,
            studio.view.changed,
            studio.view.tool_changed,
            studio.jobs.changed,
            studio.engine_changed,
        ):
            signal.connect(self._refresh)
        studio.session.window_state = self._state

    # What is shown

    def _show_document(self) -> None:
        document = self.studio.preview.document
        self.canvas.show_document(document)
        item = self.studio.workspace.files.item(self.studio.workspace.current)
        if document is None and item is not None and item.state == "failed":
            self.canvas.show_problem(item.message)
        self._show_pixels()
        name = document.path.name if document else ""
        self.setWindowTitle(f"{name} - Restore" if name else "Restore")

    def _show_pixels(self) -> None:
        self.canvas.show_strength(self.studio.preview.strength)
        self._show_pending()

    def _show_pending(self) -> None:
        self.canvas.show_pending(self.studio.preview.busy)

    def _say_refused(self, text: str) -> None:
        self.messages.show_message("bad", text)

    def _say_ended(self) -> None:
        summary.show(self.messages, self.studio.jobs)

    def _say_failed(self, text: str, error: str) -> None:
        if text != self.canvas.problem:  # which is told there already
            self.messages.show_message(self.studio.kind_of(error), text)

    def _say_noted(self, text: str) -> None:
        self.messages.show_message("info", text)

    def _refresh(self) -> None:
        studio, view = self.studio, self.studio.view
        undo = studio.workspace.undo
        actions = self.actions_
        undo_text, redo_text = self.tr("Undo"), self.tr("Redo")
        actions["undo"].setText(f"{undo_text}: {undo.undoText()}" if undo.canUndo() else undo_text)
        actions["redo"].setText(f"{redo_text}: {undo.redoText()}" if undo.canRedo() else redo_text)
        restoring = self.pages.currentWidget() is self.splitter
        actions["undo"].setEnabled(restoring and undo.canUndo())
        actions["redo"].setEnabled(restoring and undo.canRedo())
        actions["restore-page"].setChecked(restoring)
        actions["train-page"].setChecked(not restoring)
        for mode in MODES:
            actions[mode].setChecked(view.mode == mode)
        for tool in ("hand", *TASK_OF_TOOL):
            actions[tool].setChecked(view.tool == tool)
        running = studio.jobs.running
        ready = bool(studio.workspace.active_recipe) and not running
        ready &= restoring  # what is hidden is neither changed nor exported
        actions["export"].setEnabled(ready and studio.workspace.current is not None)
        actions["export-all"].setEnabled(ready and bool(studio.workspace.files.items))
        for name in (*TASK_OF_TOOL, "hand", "next", "previous", "select-all", "copy-command"):
            actions[name].setEnabled(restoring)
        actions["pause"].setEnabled(running)
        actions["stop"].setEnabled(running)
        actions["retry"].setEnabled(not running and bool(studio.jobs.count("failed")))
        for name in ("fit", "actual", "zoom-in", "zoom-out", "split", "side", "result",
                     "difference", "detect", "clear-mask"):  # fmt: skip
            actions[name].setEnabled(restoring and self.canvas.document is not None)
        self.toolbar.original.setEnabled(restoring and self.canvas.document is not None)
        self.toolbar.zoom.setText(percent(view.scale) if self.canvas.document else "")
        engine = studio.engine
        text = self.tr("Starting…") if engine is None else (engine.device or "?").upper()
        self.toolbar.device.setText(text)
        self.toolbar.device.setToolTip(self.tr("Device that computes: {name}").format(name=text))
        self.toolbar.device.setAccessibleName(self.toolbar.device.toolTip())

    # What can be done

    def open_files(self) -> None:
        opening.ask_for_files(self, self.studio)

    def show_page(self, *, training: bool) -> None:
        """Show the page that restores, or the one that learns."""
        if training != (self.pages.currentWidget() is self.train):
            self.messages.dismiss_news()  # of the other page; it would lie over buttons here
        self.pages.setCurrentWidget(self.train if training else self.splitter)
        (self.train.stage if training else self.stage).take(self.messages)
        self._refresh()

    def export_selected(self) -> None:
        current = self.studio.workspace.current
        self.studio.jobs.start(self.strip.selected() or ([current] if current else []))

    def export_all(self) -> None:
        self.studio.jobs.start(self.studio.workspace.files.paths())

    def copy_command(self) -> None:
        studio = self.studio
        if studio.workspace.active_recipe and studio.workspace.files.items:
            folder = studio.state_folder / "command"
            self._copy(equivalent(studio.workspace, studio.preferences, folder))

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        first = text.splitlines()[0] if text else ""
        self.messages.show_message("good", self.tr("Copied: {text}").format(text=first))

    def show_preferences(self, page: int = 0) -> None:
        dialog = PreferencesDialog(self.studio, self.actions_.texts(), self, page)
        dialog.open()

    def _step_through(self, by: int) -> None:
        files = self.studio.workspace.files
        if files.items:
            row = files.index_of(self.studio.workspace.current).row() + by
            self.studio.workspace.show(files.items[min(max(row, 0), len(files.items) - 1)].path)

    def _use_tool(self, tool: Any) -> None:
        if tool in TASK_OF_TOOL:
            self.studio.workspace.show_step(TASK_OF_TOOL[tool])
        self.studio.view.set_tool(tool)

    def _leave_foreign_tool(self) -> None:
        shown = self.studio.workspace.step_task
        if TASK_OF_TOOL.get(self.studio.view.tool, shown) != shown:
            self.studio.view.set_tool("hand")
        self.canvas.update()

    def _detect(self) -> None:
        if self.studio.workspace.installed("dewatermark"):
            self.studio.workspace.show_step("dewatermark")
            self.studio.preview.look("detect")

    # Qt's events

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.studio.view.set_original(False)  # its key is let go of elsewhere
        super().changeEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Takes what is typed before anything is done; shows the original while its key is held."""
        if _acts(watched, event):
            take_typed()
        if _types_ahead(watched, event):
            event.accept()
            return True
        kinds = {QEvent.Type.KeyPress: True, QEvent.Type.KeyRelease: False}
        if event.type() in kinds and isinstance(event, QKeyEvent) and not event.isAutoRepeat():
            keys = self.studio.preferences.shortcuts.get("original", KEYS["original"])
            pressed = QKeySequence(event.keyCombination())
            if pressed == QKeySequence(keys) and self.isActiveWindow():
                self.studio.view.set_original(kinds[event.type()])
        return False

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """All of the window takes files: no part of it does so for itself."""
        teaching = self.pages.currentWidget() is self.train and self.studio.training.running
        if local_paths(event.mimeData()) and event.source() is None and not teaching:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.canvas.invite(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        self.canvas.invite(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        self.canvas.invite(False)
        event.setDropAction(Qt.DropAction.CopyAction)  # a move would delete what was dragged
        event.accept()
        paths = local_paths(event.mimeData())
        if self.pages.currentWidget() is self.train:
            self.train.form.choose_photos(str(paths[0] if paths[0].is_dir() else paths[0].parent))
        else:
            self.studio.open(paths)

    def _state(self) -> dict[str, Any]:
        def packed(data: QByteArray) -> str:
            return base64.b64encode(data.data()).decode()

        return {"geometry": packed(self.saveGeometry()), "splitter": self.splitter.sizes()}

    def _restore_geometry(self) -> None:
        state = self.studio.session.window
        if state:
            self.restoreGeometry(QByteArray(base64.b64decode(state["geometry"])))
            self.splitter.setSizes(state["splitter"])

    def _quit(self) -> None:
        if self._may_close():
            self.close()

    def _may_close(self) -> bool:
        """Whether an export that is under way may be cut short: the user is asked."""
        jobs = self.studio.jobs
        if not jobs.running or jobs.stopping:
            return True
        text = self.tr("An export is under way: {done} of {total} files are done.")
        box = QMessageBox(QMessageBox.Icon.Question, "Restore", "", parent=self)
        box.setText(text.format(done=len(jobs.results), total=len(jobs.work)))
        box.setInformativeText(
            self.tr("Closed now, it can be resumed when the window opens again.")
        )
        leave = box.addButton(self.tr("Close"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(self.tr("Stay"), QMessageBox.ButtonRole.RejectRole)
        box.exec()
        return box.clickedButton() is leave

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        if event.spontaneous() and not self._may_close():  # by the user, not by the program
            event.ignore()
            return
        self.studio.session.save()
        self.studio.session.window_state = None
        QGuiApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
        super().closeEvent(event)


def _types_ahead(watched: QObject, event: QEvent) -> bool:
    """Whether a letter is for the list of choices that has the focus, not a shortcut."""
    return (
        event.type() == QEvent.Type.ShortcutOverride
        and isinstance(event, QKeyEvent)
        and isinstance(watched, QComboBox)
        and event.text().isalnum()
        and event.modifiers() in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier}
    )


def _acts(watched: QObject, event: QEvent) -> bool:
    """Whether something may be done now that goes by what was typed: a click elsewhere, a shortcut,
    the end."""
    if event.type() == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
        field = QApplication.focusWidget()
        return field is not None and field is not watched and not field.isAncestorOf(watched)
    return event.type() in {QEvent.Type.Shortcut, QEvent.Type.Close}
