"""What every room stands on: database, clock, errors, outbox, evidence, audit, jobs, workflow, i18n.

Core knows no room. It may touch the database, the evidence folder and the log; never a request, never a socket.
Entry points: :class:`core.db.Database` (sessions), :class:`core.actor.Actor` (who asks), :func:`core.outbox.emit`.
"""
