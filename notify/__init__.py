"""Tell: messages to people, by which channel, and the ledger of what was sent, accepted, failed and read.

May touch: core, search, cases, accounts. Opens sockets outward (SMTP, webhooks and robots, an SMS gateway). What a message says is written by the
room that has something to say (:mod:`notify.letters`); here it is queued once (:func:`notify.sending.tell`), rendered
in both languages (:mod:`notify.rendering`) and sent (:class:`notify.dispatch.Dispatcher`), at once, in a digest or after
quiet hours (:mod:`notify.rhythm`).
"""
