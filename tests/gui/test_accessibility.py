"""Names, keys, contrast, languages: the window is there for everybody, at every size."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from restore.gui.actions import KEYS
from restore.gui.dialogs.preferences import PreferencesDialog
from restore.gui.engine.client import Client
from restore.gui.style import DARK, LIGHT, Theme
from tests.gui.conftest import Start

GUI = Path(__file__).parent.parent.parent / "gui"
CONTROLS = (
    QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit,
    QPlainTextEdit,
)  # fmt: skip


def controls(root: QWidget) -> list[QWidget]:
    """All that can be operated, without what Qt makes inside of others."""
    found = []
    for widget in root.findChildren(QWidget):
        parent = widget.parent()
        inner = widget.objectName().startswith("qt_") or isinstance(
            parent, QAbstractSpinBox | QComboBox | QAbstractItemView | QLineEdit
        )
        popup = type(parent).__name__ == "QComboBoxPrivateContainer" or (
            isinstance(parent, QFrame) and isinstance(parent.parent(), QComboBox)
        )
        if isinstance(widget, CONTROLS) and not (inner or popup or isinstance(widget, QScrollBar)):
            found.append(widget)
    return found


def test_every_control_has_a_name(
    qtbot: QtBot, start: Start, fake_client: Client, noisy: Path
) -> None:
    app = start(noisy, client=fake_client)
    window = app.window
    assert window is not None
    dialog = PreferencesDialog(app.studio, window.actions_.texts(), window)
    found = [*controls(window), *controls(dialog)]
    assert len(found) > 60
    nameless = [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for widget in found
        if not (widget.accessibleName() or getattr(widget, "text", str)())
        and type(widget.parent()).__name__ not in {"QKeySequenceEdit", "QToolBar", "QMenuBar"}
        and widget.isEnabledTo(widget.window())
    ]
    assert not nameless
    assert window.canvas.accessibleName()


def test_every_action_can_be_reached_by_keys(
    qtbot: QtBot, start: Start, fake_client: Client, noisy: Path
) -> None:
    app = start(noisy, client=fake_client)
    window = app.window
    assert window is not None
    in_menus: set[QAction] = set()
    for menu in window.menuBar().actions():
        in_menus |= set(menu.menu().actions())  # type: ignore[union-attr, attr-defined]
    for name in window.actions_.texts():
        action = window.actions_[name]
        assert action in in_menus or name == "original", name
    shortcuts = [keys for keys in KEYS.values() if keys]
    assert len(shortcuts) == len(set(shortcuts))
    seen, widget = set(), window.strip.list.nextInFocusChain()
    while widget not in seen and len(seen) < 500:  # the chain comes round, and meets everything
        seen.add(widget)
        widget = widget.nextInFocusChain()
    for control in (window.canvas, window.inspector.steps.view, window.inspector.export_all):
        assert control in seen
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_text_stands_out(theme: Theme) -> None:
    """WCAG 2.1, level AA: 4.5 to 1."""
    grounds = (theme.window, theme.panel, theme.raised, theme.selected, theme.hover)
    pairs = [(theme.text, ground) for ground in grounds]
    pairs += [(theme.text_dim, ground) for ground in (theme.window, theme.panel, theme.raised)]
    pairs += [(theme.text_dim, theme.selected)]
    pairs += [(theme.bad, theme.panel), (theme.on_accent, theme.accent), (theme.text, theme.canvas)]
    for text, ground in pairs:
        light, dark = sorted((luminance(text), luminance(ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)


PROGRAM = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import *
from restore.gui.app import App
from restore.gui.engine.client import Client
from restore.gui.preferences import Preferences, folders, write_preferences

base = Path(sys.argv[1])
write_preferences(Preferences("cpu", theme="dark", language="de"), folders(base)[0])
qt = QApplication([])
app = App(base)
app.studio.client.setup = lambda where: None  # nothing is computed here
window = app.start([])
window.resize(1024, 700)
clipped = []
training = app.studio.training
for page in ("denoise", "dewatermark", "colorize", "noisy", "pairs", "marks", "curves"):
    window.show_page(training=page in ("noisy", "pairs", "marks", "curves"))
    if page == "curves":
        window.train.view.verdict.show_text("Besser als das Grundmodell. " * 6, good=True)
        window.train.view.verdict.show()
        window.train._pages.setCurrentWidget(window.train.view)
    elif page in ("noisy", "pairs", "marks"):
        training.fill_in(way=page)
    else:
        app.studio.workspace.show_step(page)
    for _ in range(5):
        qt.processEvents()
    for kind in (QLabel, QPushButton, QToolButton, QComboBox, QCheckBox, QAbstractButton):
        for widget in window.findChildren(kind):
            if not widget.isVisible() or widget.objectName().startswith("qt_"):
                continue
            if isinstance(widget, QLabel) and (widget.wordWrap() or not widget.text()):
                need = widget.heightForWidth(widget.width()) if widget.wordWrap() else 0
                if widget.height() < need:
                    clipped.append([page, widget.text(), widget.height(), need])
                continue
            if type(widget).__name__ == "QElidingLabel":
                continue
            hint = widget.minimumSizeHint()
            icon_only = Qt.ToolButtonStyle.ToolButtonIconOnly
            if isinstance(widget, QToolButton) and widget.toolButtonStyle() == icon_only:
                hint = widget.iconSize() + QSize(10, 10)
            if widget.width() < hint.width() or widget.height() < hint.height():
                text = getattr(widget, "text", lambda: "")()
                sizes = [widget.width(), hint.width(), widget.height(), hint.height()]
                clipped.append([page, text, *sizes])
inside = window.inspector.steps.width() <= window.inspector.width()
window.show_page(training=False)
qt.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
for _ in range(5):
    qt.processEvents()
def left(widget):
    return widget.mapTo(window, QPoint(0, 0)).x()
mirrored = left(window.inspector) < left(window.canvas) < left(window.strip)
size = [window.width(), window.height()]
print(json.dumps([clipped, inside, mirrored, size, window.devicePixelRatioF()]))
app.end()
"""


@pytest.mark.parametrize("scale", [1, 1.5, 2])
def test_nothing_is_clipped_in_german_in_a_small_window(tmp_path: Path, scale: float) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    result = subprocess.run(
        [sys.executable, str(program), str(tmp_path / "base")],
        env=os.environ | {"QT_SCALE_FACTOR": str(scale)},
        capture_output=True,
        text=True,
        check=True,
    )
    clipped, inside, mirrored, size, ratio = json.loads(result.stdout.splitlines()[-1])
    assert ratio == scale
    assert size == [1024, 700]
    assert clipped == []
    assert inside
    assert mirrored


def test_german_is_complete_and_up_to_date(tmp_path: Path) -> None:
    """Every text of the source is in the German file, translated, with its places kept."""
    sources = sorted(str(path) for path in GUI.rglob("*.py"))
    fresh = tmp_path / "fresh.ts"
    lupdate = Path(sys.executable).with_name("pyside6-lupdate")
    subprocess.run([lupdate, *sources, "-ts", fresh], check=True, capture_output=True)
    wanted = texts(fresh)
    translated = texts(GUI / "translations" / "restore_de.ts")
    assert set(wanted) == set(translated)
    for (_, source), targets in translated.items():
        for target in targets:
            assert target
            assert sorted(re.findall(r"\{\w+\}|%n", source)) == sorted(
                re.findall(r"\{\w+\}|%n", target)
            )
    english = texts(GUI / "translations" / "restore_en.ts")
    assert set(english) == {key for key in wanted if "%n" in key[1]}
    for code in ("de", "en"):
        stamp = GUI / "translations" / f"restore_{code}.qm"
        assert stamp.stat().st_size > 100


def texts(path: Path) -> dict[tuple[str, str], list[str]]:
    """(context, source) -> translations, several where there are plurals."""
    found = {}
    for context in ElementTree.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            assert translation is not None
            forms = [form.text or "" for form in translation.iter("numerusform")]
            key = context.findtext("name", ""), message.findtext("source", "")
            found[key] = forms or [translation.text or ""]
    return found
