"""What a consultation leads on to: a report upward, a joint task of several departments, a referral, a mediation.

:mod:`experts.onward.workflow` is the table of the four machines, which services, pages and tests read;
:mod:`experts.onward.moving` the one function that takes a step. Nothing goes out without the firm's recorded consent
(:mod:`experts.onward.consent`), nothing leaves the mainland before the caution is acknowledged
(:mod:`experts.onward.abroad`), and what one side of a mediation says is read through :mod:`experts.onward.walls` alone.
"""
