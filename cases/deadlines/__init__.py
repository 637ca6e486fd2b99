"""Statutory clocks: when a period that runs at a forum ends, by the rule it rests on. Pure; no clock of our own.

The rules are data: ``cases/taxonomy/deadlines.yml`` and ``deadlines_extra.yml`` (clocks and how their last day rolls),
``deadline_events.yml`` (what starts them, and how a docket shows it). A clock nobody has read in a source is
``unverified``: its rule is shown and never a date. Every result is for reference only.

Entry points: :func:`cases.deadlines.engine.deadlines_at`, :func:`cases.deadlines.docket.case_deadlines`.
"""
