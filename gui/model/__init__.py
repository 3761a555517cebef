"""What the window shows and edits, without a widget in it."""
