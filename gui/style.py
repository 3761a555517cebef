"""Colours, spacing and the style sheet: how everything looks, in one place."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

GAP = 8
"""Between things that belong together, in pixels; other distances are multiples of it."""
ICON = 18
ROW = 30
"""Height of buttons, fields and rows."""
PANEL = 308
"""Width of the inspector."""


@dataclass(frozen=True)
class Theme:
    """Neutral grays, so that nothing beside a photo changes how its colours look; one accent."""

    dark: bool
    canvas: str
    window: str
    panel: str
    raised: str
    """Buttons and fields."""
    hover: str
    line: str
    """Between panels."""
    outline: str
    """Of buttons and fields."""
    text: str
    text_dim: str
    accent: str
    on_accent: str
    selected: str
    good: str
    bad: str
    warn: str
    check_light: str
    check_dark: str
    mask: tuple[int, int, int] = (255, 72, 72)
    uncertainty: tuple[int, int, int] = (255, 176, 32)

    def color(self, name: str) -> QColor:
        return QColor(getattr(self, name))


DARK = Theme(
    dark=True,
    canvas="#1a1a1b",
    window="#242425",
    panel="#2a2a2c",
    raised="#38383b",
    hover="#444448",
    line="#1b1b1c",
    outline="#4c4c50",
    text="#e9e9ea",
    text_dim="#b8b8bc",
    accent="#6aa9ff",
    on_accent="#0b1a2e",
    selected="#3a4658",
    good="#6fcf8e",
    bad="#ff8a80",
    warn="#f0c05a",
    check_light="#5a5a5c",
    check_dark="#464648",
)
LIGHT = Theme(
    dark=False,
    canvas="#d4d4d6",
    window="#ececee",
    panel="#f6f6f7",
    raised="#ffffff",
    hover="#e6e6e9",
    line="#cfcfd3",
    outline="#b9b9bf",
    text="#1d1d1f",
    text_dim="#5c5c62",
    accent="#1a5fb4",
    on_accent="#ffffff",
    selected="#d6e4f7",
    good="#1a7f3c",
    bad="#b3261e",
    warn="#7a5600",
    check_light="#ffffff",
    check_dark="#d9d9dc",
)


def theme_of(choice: str) -> Theme:
    """`dark`, `light`, or what the system has."""
    if choice in {"dark", "light"}:
        return DARK if choice == "dark" else LIGHT
    scheme = QGuiApplication.styleHints().colorScheme()
    return LIGHT if scheme == Qt.ColorScheme.Light else DARK


def apply(app: QApplication, theme: Theme, assets: Path) -> None:
    app.setStyle("Fusion")
    app.setPalette(_palette(theme))
    app.setStyleSheet(style_sheet(theme, assets))


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for kind, name in (
        (role.Window, "panel"),
        (role.Base, "raised"),
        (role.AlternateBase, "panel"),
        (role.Button, "raised"),
        (role.ToolTipBase, "raised"),
        (role.Highlight, "accent"),
        (role.HighlightedText, "on_accent"),
        (role.Link, "accent"),
        (role.Mid, "outline"),
        (role.PlaceholderText, "text_dim"),
        (role.WindowText, "text"),
        (role.Text, "text"),
        (role.ButtonText, "text"),
        (role.ToolTipText, "text"),
    ):
        palette.setColor(kind, theme.color(name))
    for kind in (role.WindowText, role.Text, role.ButtonText):
        dimmed = theme.color("text_dim")
        dimmed.setAlpha(150)
        palette.setColor(QPalette.ColorGroup.Disabled, kind, dimmed)
    return palette


def style_sheet(theme: Theme, assets: Path) -> str:
    """The style sheet; `@name` stands for a colour of the theme, or for a drawing in `assets`."""
    sheet = _SHEET
    for name in ("check", "arrow"):
        drawing = assets / f"{name}-{'dark' if theme.dark else 'light'}.svg"
        sheet = sheet.replace(f"@{name})", f"{drawing.as_posix()})")
    for name in sorted((entry.name for entry in fields(theme)), key=len, reverse=True):
        sheet = sheet.replace(f"@{name}", str(getattr(theme, name)))
    return sheet


_SHEET = """
* { font-size: 13px; outline: none; }
QMainWindow, QDialog { background: @window; }
QToolTip { background: @raised; color: @text; border: 1px solid @outline; padding: 4px 6px; }
QLabel[dim="true"] { color: @text_dim; }
QLabel[heading="true"] { font-weight: 600; }
QLabel[bad="true"] { color: @bad; }
#toolbar QToolButton[page="true"] { padding: 4px 14px; font-weight: 600; }
#qt_toolbar_ext_button { padding: 0; border: none; }
QFrame#notice[good="true"] { border-left-color: @good; }
QFrame#notice { background: @raised; border-left: 3px solid @warn; }

#toolbar { background: @window; border: none; border-bottom: 1px solid @line; spacing: 2px;
           padding: 5px 8px; }
#toolbar::separator { background: @outline; width: 1px; margin: 6px 6px; }
#strip, #inspector, #jobbar { background: @panel; }
#strip { border-right: 1px solid @line; }
#inspector { border-left: 1px solid @line; }
#jobbar { border-top: 1px solid @line; }
#foot { background: @panel; border-top: 1px solid @line; }
#section { border-bottom: 1px solid @line; background: @panel; }
#body { background: @panel; }
QScrollArea { background: @panel; border: none; }
QSplitter::handle { background: @line; }

QToolButton { background: transparent; color: @text; border: 1px solid transparent;
              border-radius: 6px; padding: 4px 6px; min-height: 20px; }
QToolButton:hover { background: @hover; }
QToolButton:pressed { background: @selected; }
QToolButton:checked { background: @selected; border-color: @accent; }
QToolButton:focus { border-color: @accent; }
QToolButton:disabled { color: @text_dim; }
QToolButton::menu-indicator { image: none; }

QPushButton { background: @raised; color: @text; border: 1px solid @outline; border-radius: 6px;
              padding: 4px 12px; min-height: 20px; }
QPushButton:hover { background: @hover; }
QPushButton:pressed, QPushButton:checked { background: @selected; border-color: @accent; }
QPushButton:focus { border: 2px solid @accent; padding: 3px 11px; }
QPushButton:disabled { color: @text_dim; background: @panel; }
QPushButton[primary="true"] { background: @accent; color: @on_accent; border-color: @accent;
                              font-weight: 600; }
QPushButton[primary="true"]:focus { border: 2px solid @text; }
QPushButton[primary="true"]:disabled { background: @panel; color: @text_dim;
                                       border-color: @outline; font-weight: 400; }
QPushButton[flat="true"] { background: transparent; border-color: transparent; padding: 4px 6px; }
QPushButton[flat="true"]:hover { background: @hover; }

QComboBox, QLineEdit, QSpinBox, QDoubleSpinBox, QKeySequenceEdit QLineEdit {
    background: @raised; color: @text; border: 1px solid @outline; border-radius: 6px;
    padding: 3px 8px; min-height: 20px; selection-background-color: @accent;
    selection-color: @on_accent; }
QComboBox:focus, QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus { border-color: @accent; }
QComboBox:hover { background: @hover; }
QComboBox:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QLineEdit:disabled {
    color: @text_dim; background: @panel; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url(@arrow); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @raised; color: @text; border: 1px solid @outline;
    selection-background-color: @selected; selection-color: @text; padding: 4px; }
QSpinBox, QDoubleSpinBox { padding: 3px 4px; }
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button,
QDoubleSpinBox::down-button { width: 0; border: none; }

QSlider { min-height: 22px; }
QSlider::groove:horizontal { height: 4px; background: @outline; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @accent; border-radius: 2px; }
QSlider::sub-page:horizontal:disabled { background: @outline; }
QSlider::handle:horizontal { background: @text; border: 2px solid @panel; width: 12px; height: 12px;
    margin: -6px 0; border-radius: 8px; }
QSlider::handle:horizontal:hover { background: @accent; }
QSlider::handle:horizontal:focus { background: @accent; border-color: @text; }
QSlider::handle:horizontal:disabled { background: @text_dim; }

QListView::indicator { width: 15px; height: 15px; border-radius: 4px;
    border: 1px solid @text_dim; background: @raised; }
QListView::indicator:checked { background: @accent;
    border-color: @accent; image: url(@check); }

QListView, QTableView, QPlainTextEdit { background: @panel; color: @text;
    border: none; }
QListView:focus, QTableView:focus, QPlainTextEdit:focus {
    border: 1px solid @accent; }
QListView#steps { border: 1px solid @outline; border-radius: 6px; background: @raised; }
QListView#steps:focus { border-color: @accent; }
QListView#steps::item { height: 34px; padding: 0 6px; }
QListView#steps::item:selected { background: @selected; color: @text; }
QTableView { gridline-color: @line; border: 1px solid @outline; border-radius: 6px; }
QTableView::item:selected { background: @selected; color: @text; }
QTableView::item { padding: 0 10px; }
QHeaderView::section { background: @panel; color: @text_dim; border: none;
    border-bottom: 1px solid @line; padding: 4px 8px; }
QPlainTextEdit { background: @canvas; padding: 6px; font-family: monospace; font-size: 12px; }

QProgressBar { background: @outline; border: none; border-radius: 3px; max-height: 6px;
    min-height: 6px; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
#jobbar QProgressBar { background: @panel; border-radius: 0; max-height: 3px; min-height: 3px; }
#jobbar QProgressBar::chunk { border-radius: 0; }
#jobbar QProgressBar[dim="true"]::chunk { background: @text_dim; }

QMenu { background: @raised; color: @text; border: 1px solid @outline; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: @selected; }
QMenu::item:disabled { color: @text_dim; }
QMenu::separator { height: 1px; background: @outline; margin: 4px 8px; }
QMenu::icon { padding-left: 8px; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @outline; border-radius: 4px; margin: 1px; min-height: 28px;
    min-width: 28px; }
QScrollBar::handle:hover { background: @text_dim; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

#message { background: @panel; border: 1px solid @outline; border-radius: 8px; margin: 12px; }
#message[kind="bad"] { border-left: 4px solid @bad; }
#message[kind="good"] { border-left: 4px solid @good; }
#message[kind="info"] { border-left: 4px solid @accent; }
QTabWidget::pane { border: none; border-top: 1px solid @line; }
QTabBar::tab { background: transparent; color: @text_dim; padding: 7px 14px; border: none;
    border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: @text; border-bottom-color: @accent; }
QTabBar::tab:focus { color: @accent; }
"""
