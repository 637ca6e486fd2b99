"""Who signs in: accounts, roles, one-time passwords, the audit view.

Entry points: :func:`accounts.service.create_user`, :func:`accounts.security.init_security`. May touch core and search
only; a firm and a centre are known here by their ids.
"""
