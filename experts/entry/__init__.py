"""The entry: a request for help begun before anybody signs in, one question a page, claimed by a firm afterwards.

Whoever holds the private link is the asker. What was told lies sealed in one row, files lie in the vault; the store keeps
the SHA-256 of the link's code. Entry points: :func:`experts.entry.asking.begin`, :func:`experts.entry.claiming.claim`.
"""
