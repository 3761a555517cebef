"""File formats, one module each; `restore.picture` chooses among them."""
