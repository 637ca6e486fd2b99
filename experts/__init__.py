"""Help: the expert library, the agency library, matching with reasons and conflicts, consultations and opinions.

May touch: core, search, cases, accounts, enterprises, notify, knowledge. Entry points: :mod:`experts.matching`,
:mod:`experts.consultations`.
"""
