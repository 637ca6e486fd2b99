"""Tell: messages to people, by which channel, and the ledger of what was sent, accepted, failed and read.

May touch: core, search, cases, accounts. Opens sockets outward (SMTP, webhooks). Entry points: :mod:`notify.sending`,
:mod:`notify.channels`.
"""
