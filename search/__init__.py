"""Find: one port, its implementations, and the projector that keeps an index equal to SQL. Knows no room.

May touch: core. Entry points: :class:`search.port.SearchIndex`, :class:`search.projector.Projector`,
:class:`search.standby.StandbyIndex`.
"""
