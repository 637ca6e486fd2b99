"""The resource directory: public institutions that can help, what each can do, where it was read and when.

A seed (``institutions.yml``) is brought once a centre; staff edit, check again and retire entries. What nobody has
checked for a while is flagged, never hidden.
"""
