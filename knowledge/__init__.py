"""Know: what to do first, by scenario: versioned items with basis and author, marked until a named reviewer signs.

May touch: core, search, cases, accounts, enterprises, notify. Entry point: :mod:`knowledge.first_hours`.
"""
