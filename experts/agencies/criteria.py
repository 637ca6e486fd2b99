"""What the centre asks of an agency, as data: conditions, marks, reasons, terms. After workflows.md 3.3."""

from __future__ import annotations

from dataclasses import dataclass

from core.said import Said, said


@dataclass(frozen=True)
class Criterion:
    """What is marked: at most ``most`` points; ``rests_on`` names what of the application a marker reads for it."""

    id: str
    words: Said
    most: int
    rests_on: Said


#: 资质20 业绩30 网点与语言15 收费透明10 信誉15 公益10
CRITERIA: tuple[Criterion, ...] = (
    Criterion("standing", said("Licence and qualifications"), 20, said("licence, team, liability insurance")),
    Criterion("record", said("Matters abroad in the last three years"), 30, said("matters with forum, kind and result")),
    Criterion("reach", said("Offices and languages"), 15, said("offices in each place, working languages")),
    Criterion("fees", said("Open fees"), 10, said("range, cap, a free first talk")),
    Criterion("reputation", said("Reputation"), 15, said("discipline, penalties, credit")),
    Criterion("public", said("Duty to the public"), 10, said("pro bono promise, time of the first answer")),
)  # fmt: skip
#: markers at least, and the mean of their totals (of 100) at least
LEAST_MARKERS, PASS_MARK = 3, 70

#: what the form check asks; an item is met or missing
CHECKS: tuple[tuple[str, Said], ...] = (
    ("registered", said("Registered and lawfully at work for at least one year")),
    ("licensed", said("Holds the licence its work needs, where the work needs one")),
    ("clean", said("No penalty, discipline or bad credit in three years that bears on the work")),
    ("matters", said("At least three matters abroad in three years, named by forum, kind and result")),
    ("languages", said("Works in Chinese and at least one other language")),
    ("fees", said("States its fees: a range or a cap, and what they cover")),
    ("promises", said("Promises to take and give no commission for referrals, and to keep secrets")),
)
#: how an agency was verified; one at least
VERIFICATIONS: dict[str, Said] = {
    "register": said("Public register of firms or of the profession looked up"),
    "online": said("Video call with the people named"),
    "site": said("Visit on site"),
    "reference": said("A client or a matter asked about"),
}
REFUSALS: dict[str, Said] = {
    "condition": said("A condition of admission is not met."),
    "untrue": said("The material is not true, or could not be checked."),
    "below_mark": said("The markers' mean is below the pass mark."),
    "objection": said("An objection was upheld."),
}
#: why a complaint is not accepted; each says what to do instead
NOT_ACCEPTED: dict[str, Said] = {
    "outside": said("It is about a fee or a judgment that only a court, an arbitrator or the profession's body decides."),
    "unclear": said("It does not say what the agency did; write again with what happened and when."),
    "decided": said("The same matter was decided before; write again with new facts."),
    "not_library": said("It is not about work as an agency of this library."),
}  # fmt: skip
#: what a complaint may be about
GROUNDS: dict[str, Said] = {
    "fees": said("Fees other than told"),
    "commission": said("Commission for a referral"),
    "conflict": said("A conflict of interest not told"),
    "secrecy": said("A secret not kept"),
    "quality": said("Careless work or a missed deadline"),
    "untrue": said("Untrue statements in its entry or its advertising"),
    "endorsement": said("Claims to be recommended by the centre"),
    "other": said("Something else"),
}
#: years of a first listing and after a review passed; under observation only one
LISTED_YEARS, OBSERVED_YEARS = 2, 1
#: years that nobody delisted may apply again
BAR_YEARS = 3
#: a review is asked for so many days before a year is over, so that it ends before the listing does
REVIEW_AHEAD_DAYS = 60
#: months a suspension may last
SUSPENSION_MONTHS = (1, 3, 6, 12)
#: warnings in so many months at which staff are told to think of a suspension
WARNINGS, WARNING_MONTHS = 2, 24
#: years an application that failed is kept, days an untouched draft is kept
KEEP_FAILED_YEARS, KEEP_DRAFT_DAYS = 2, 90
#: the notice that applicants agree to; raise it with every change of its words
CONSENT_VERSION = "2026-11-26"
