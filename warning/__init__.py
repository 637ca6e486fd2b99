"""Understand and warn: rules that tag a case, screening that finds the firms it names, alerts that tell them,
and bulletins that tell everybody.

May touch: core, search, cases, enterprises. Entry points: :func:`warning.understand.understand` (tags),
:func:`warning.screening.screen_cases` (which firms), :func:`warning.alerts.raise_alerts`;
for bulletins :func:`warning.bulletins.draft_from_case` and :mod:`warning.bulletin_publishing`.
"""
