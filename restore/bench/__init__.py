"""Measuring: what each model is worth, beside other methods in the same run.

`measure.py` runs methods over cases; each task says in a module of its own which cases there are,
which metrics count, and what else solves the problem.
"""
