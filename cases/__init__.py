"""The shared noun: a case, its parties, events and tags; its identity, its taxonomy, its search and pages.

May touch: core, search. Entry points: :func:`cases.record.record_case` (the only way a case changes),
:func:`cases.query.get_case`, :func:`cases.documents.load_documents` (how a case becomes search documents).
"""
