"""What can be reported, referred and said, as data: kinds, checks, fields, warnings, outcomes."""

from __future__ import annotations

from dataclasses import dataclass

from core.said import Said, said

#: kinds of report upward (报送类型)
REPORTS: dict[str, Said] = {
    "major": said("Major matter"),
    "difficult": said("Difficult matter"),
    "situation": said("State of affairs"),
    "special": said("Special report"),
}
#: what the secrecy check asks, each to be answered with yes by somebody who wrote none of it
SECRECY_CHECKS: dict[str, Said] = {
    "state": said("It holds no state secret and no work secret."),
    "personal": said("Names, telephone numbers and addresses of persons are taken out."),
    "business": said("Business secrets stand in it only as far as the firm agreed."),
    "facts": said("Every figure and every date was compared with its source."),
    "label": said("The secrecy label is right, for the annexes too."),
}


@dataclass(frozen=True)
class ReferralKind:
    """One kind of referral.

    Attributes:
        name: what it is called.
        institutions: kinds of the resource directory that come first.
        least: how many institutions are asked at least.
        has_procedure: whether it goes on as a mediation or an arbitration.
        asks: what is told of it: field -> question.
        warning: what the firm reads before it agrees.
    """

    name: Said
    institutions: tuple[str, ...]
    least: int
    has_procedure: bool
    asks: dict[str, Said]
    warning: Said


KINDS: dict[str, ReferralKind] = {
    "mediation": ReferralKind(
        said("Mediation"),
        ("mediation", "ccpit"),
        1,
        True,
        {"dispute": said("What is in dispute"), "wish": said("What the firm would settle for")},
        said(
            "Mediation is voluntary: it needs the other side's consent, and either side may leave. Time limits of a court or an office go on running."
        ),
    ),
    "arbitration": ReferralKind(
        said("Arbitration"),
        ("arbitration", "mediation"),
        1,
        True,
        {"dispute": said("What is in dispute"), "clause": said("The arbitration agreement, or that there is none")},
        said(
            "Arbitration needs an agreement of both sides. An award is final; whether a right can be arbitrated depends on the law there."
        ),
    ),
    "insurance": ReferralKind(
        said("Insurance"),
        ("insurer",),
        2,
        False,
        {
            "cover": said("Product and territory to be insured"),
            "known": said("Disputes the firm knows of, or that there are none"),
            "policy": said("For a claim: policy number and day of the loss"),
        },
        said(
            "A dispute that is known or likely before the policy begins is usually not insured, and must be told. For a claim the insurer's consent is usually needed before costs arise. The centre takes no commission and ranks nobody."
        ),
    ),
    "customs": ReferralKind(
        said("Customs"),
        ("customs",),
        1,
        False,
        {"goods": said("Goods, port and the day they were held"), "right": said("The right relied on, and its recordal")},
        said("Time limits to object or to put up security are short; they run from the customs' notice."),
    ),
    "exhibition": ReferralKind(
        said("Trade fair"),
        ("ccpit", "chamber", "overseas_station"),
        1,
        False,
        {"fair": said("Fair, city and days"), "stand": said("Stand and exhibits"), "papers": said("Papers handed over there")},
        said("Whoever is at the stand should not sign what they cannot read, and should keep every paper."),
    ),
    "legal_aid": ReferralKind(
        said("Legal aid"),
        ("overseas_station", "branch_centre", "ip_office"),
        1,
        False,
        {"need": said("What help is needed, and by when"), "means": said("Why the firm cannot pay for it")},
        said("Whoever takes it decides by its own rules; until then nobody represents the firm."),
    ),
}  # fmt: skip
#: what of a consultation may be passed on; the firm reads the list before it agrees
PASSED: dict[str, Said] = {
    "firm": said("The firm's name"),
    "scenario": said("What was received"),
    "forum": said("Country, court or office, docket number"),
    "opponents": said("The other side"),
    "known_on": said("Day of service"),
    "story": said("What happened, in the firm's words"),
    "question": said("What the firm wants to know"),
    "contact": said("Name, telephone and e-mail of the firm's contact"),
}
#: how a referral without a procedure of its own came out
OUTCOMES: dict[str, Said] = {
    "helped": said("The firm was helped"),
    "settled": said("The dispute was settled"),
    "insured": said("A policy was taken out"),
    "paid": said("A claim was paid"),
    "released": said("Goods were released"),
    "refused": said("Help was refused"),
    "dropped": said("The firm did not go on"),
}
#: state that ends a procedure -> how the referral came out
PROCEDURE_OUTCOMES: dict[str, Said] = {
    "settled": said("Settled"),
    "awarded": said("Awarded"),
    "failed": said("No agreement"),
    "refused": said("The other side did not agree"),
    "withdrawn": said("The firm left the procedure"),
}
#: departments that usually sit together; others are typed in
DEPARTMENTS: tuple[str, ...] = (
    "市市场监督管理局（知识产权局）", "市商务局", "海关", "市贸促会", "市中级人民法院", "市司法局", "市公安局",
)  # fmt: skip
#: who can be told what in a mediation
ROOMS: dict[str, Said] = {
    "joint": said("Both sides together"),
    "firm": said("The firm alone with the neutrals"),
    "other": said("The other side alone with the neutrals"),
    "neutral": said("The neutrals among themselves"),
}
