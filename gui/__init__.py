"""The desktop window (PySide6); imported as `restore.gui`."""
