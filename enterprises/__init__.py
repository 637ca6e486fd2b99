"""The firm register: firms, their names with source and date, and the import that brings them.

May touch: core, search, cases, accounts. Entry points: :func:`enterprises.importing.import_firms`,
:func:`enterprises.service.list_firms`.
"""
