"""The command line (Typer and Rich); imported as `restore.cli`.

One command, one module. Each parses, calls the engine and reports; torch and the like are imported
inside the functions that need them, so that `restore --help` answers at once.
"""
