"""The life of an expert of the library: open call, application, panel, publicity, appointment, term, leaving.

After the centres' published rules (call notices, Zhuhai's time for objections); days are working days in China and the
centre's promise. :mod:`experts.appointing.workflow` is the table that services, pages and tests read;
:mod:`experts.appointing.moving` is the one function that takes a step.
"""
