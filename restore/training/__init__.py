"""Training, from a folder of photos to weights with a card.

Read in this order: `config` (what can be set), `photos` (crops), `objectives` (losses and
penalties), `loop` (one page), `checkpoint`, `export`. What is learned lives with each
task, in `restore.tasks`.
"""
