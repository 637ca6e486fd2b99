"""Gather: sources are asked politely, their bytes kept as evidence, their items recorded as cases.

May touch: core, search, cases, enterprises. Entry points: :func:`crawlers.run.crawl`, :func:`crawlers.registry.get_source`.
"""
