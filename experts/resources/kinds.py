"""The words of the resource directory, as data: kinds of institutions, what they can do, when an entry is stale."""

from __future__ import annotations

from core.said import Said, said

KINDS: dict[str, Said] = {
    "national_centre": said("National guidance for disputes abroad"),
    "branch_centre": said("Local branch of the national guidance centre"),
    "ip_office": said("IP authority"),
    "ccpit": said("Body of the trade promotion council (CCPIT)"),
    "chamber": said("Chamber of commerce"),
    "trade_ministry": said("Trade authority"),
    "mediation": said("Mediation"),
    "arbitration": said("Arbitration"),
    "customs": said("Customs"),
    "insurer": said("Insurer"),
    "overseas_station": said("Overseas IP workstation"),
}
SERVICES: dict[str, Said] = {
    "guidance": said("guides a firm through a dispute"),
    "information": said("law and practice abroad"),
    "early_warning": said("warnings of risks"),
    "mediation": said("mediation"),
    "arbitration": said("arbitration"),
    "expert_determination": said("expert determination"),
    "domain_names": said("domain name disputes"),
    "recordal": said("recordal of rights with customs"),
    "detention": said("release or detention of goods"),
    "trade_remedy": said("responses to investigations such as section 337"),
    "certificates": said("certificates for use abroad"),
    "insurance": said("insurance of costs or liability"),
    "training": said("training"),
}
#: an entry that nobody compared with its source for so many days is flagged
STALE_DAYS = 180
