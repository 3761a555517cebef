"""The process that computes, and how the window talks to it."""
