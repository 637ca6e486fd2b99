"""The way out: which addresses may be reached, and sockets that go nowhere else.

Whatever opens a connection to a host that somebody else named (a source, a firm's webhook) does it through
:class:`core.outward.transport.GuardedTransport`.
"""
