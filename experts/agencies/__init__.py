"""The life of an agency of the library: application, listing, yearly review, complaints, leaving; and how it is shown.

:mod:`experts.agencies.workflow` is the table that services, pages and tests read; :mod:`experts.agencies.moving` is the
one function that takes a step; :mod:`experts.agencies.showing` holds the display rule (three at least, neutral order,
no endorsement); :mod:`experts.agencies.port` is what matching reads.
"""
