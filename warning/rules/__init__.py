"""The rules: which words mean which tag, and why.

One automaton finds every term of every rule in one pass; a rule is evaluated only where one of its terms was found.
Entry points: :func:`warning.rules.tagger.tag`, :func:`warning.rules.tagger.load_rulebook`.
"""
