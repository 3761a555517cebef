"""The desktop window (PySide6); imported as `restore.gui`.

Models know nothing of widgets, widgets nothing of torch: what computes runs in a process of its own
(`restore.gui.engine`), so that the window answers at any time.
"""
