"""Parties across cases: who is whom by name, what staff put together or apart, campaigns, and a page per party.

A party's line is stored with the key of its name (:func:`cases.parties.keys.key_of`): legal forms spelled one way, so that
"Acme Inc." and "ACME, Incorporated" are one. What goes further is decided by people, kept as links between keys, and
can be undone. Entry points: :func:`cases.parties.grouping.merge`, :func:`cases.parties.profile.profile_of`.
"""
