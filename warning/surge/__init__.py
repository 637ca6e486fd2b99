"""Surges: a weekly series of cases against its own past. `detect` judges, `levels` gives colours, `table` reads and writes.

Two methods answer the same question. ``reference`` is the flexible Farrington method as published (`reference.py`);
``seamark`` is ours (`harmonic.py`): a smooth season over up to eight years, limits that own up to how uncertain the fit
is, and a look at two weeks together as well as at one.
"""
