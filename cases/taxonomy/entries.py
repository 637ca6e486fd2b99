"""Industries, dispute types and stages: ids and their words for pages. What tells them in a text stands in the rulebook."""

from __future__ import annotations

from cases.taxonomy.model import DisputeType, Industry, Stage
from cases.taxonomy.reading import Reader, invalid

#: words of the rights, by id, for pages
RIGHTS = {
    "patent": ("发明专利", "Patent"),
    "utility_model": ("实用新型", "Utility model"),
    "design": ("外观设计", "Design"),
    "trademark": ("商标", "Trademark"),
    "copyright": ("著作权", "Copyright"),
    "trade_secret": ("商业秘密", "Trade secret"),
    "domain_name": ("域名", "Domain name"),
    "geographical_indication": ("地理标志", "Geographical indication"),
    "plant_variety": ("植物新品种", "Plant variety"),
    "layout": ("集成电路布图设计", "Layout design"),
    "unfair_competition": ("不正当竞争", "Unfair competition"),
}
#: a party's country that is no forum of an overseas dispute, and so no region of the taxonomy
COUNTRIES = {"CN": ("中国", "China")}
#: words of the remedies and outcomes that the rules tell, by id, for pages
REMEDIES = {
    "general_exclusion_order": ("普遍排除令", "General exclusion order"),
    "limited_exclusion_order": ("有限排除令", "Limited exclusion order"),
    "cease_and_desist_order": ("停止令", "Cease and desist order"),
    "tro": ("临时限制令", "Temporary restraining order"),
    "asset_freeze": ("资产冻结", "Asset freeze"),
    "injunction": ("禁令", "Injunction"),
    "seizure": ("扣押", "Seizure"),
    "damages": ("损害赔偿", "Damages"),
}
OUTCOMES = {
    "infringement_found": ("认定侵权", "Infringement found"),
    "no_infringement": ("认定不侵权", "No infringement"),
    "right_invalid": ("权利无效或被撤销", "Right invalid or revoked"),
    "right_upheld": ("权利维持有效", "Right upheld"),
    "settled": ("和解", "Settled"),
    "dismissed": ("驳回、撤诉或终止", "Dismissed, withdrawn or terminated"),
    "default_judgment": ("缺席判决", "Default judgment"),
    "injunction_granted": ("准予禁令", "Injunction granted"),
    "injunction_denied": ("驳回禁令", "Injunction denied"),
    "damages_awarded": ("判决赔偿", "Damages awarded"),
    "violation_337": ("认定违反337条款", "Violation of section 337 found"),
    "no_violation_337": ("认定未违反337条款", "No violation of section 337"),
    "convicted": ("定罪", "Convicted"),
    "domain_transferred": ("裁决转移域名", "Domain name transferred"),
}
#: the drafts' short names of rights -> ids
_RIGHT_IDS = {"gi": "geographical_indication", "domain": "domain_name", "pvp": "plant_variety"}


def read_industries(reader: Reader) -> dict[str, Industry]:
    """Industries by id."""
    file = "industries.yml"
    fields = {"seeds", "sei"}
    return {
        row["id"]: Industry(
            id=row["id"],
            zh=row["zh"],
            en=row["en"],
            replaced_by=row.get("replaced_by"),
            is_retired=bool(row.get("retired")) or row.get("replaced_by") is not None,
        )
        for row in reader.entries(file, reader.section(file, "industries"), fields)
    }


def read_dispute_types(reader: Reader) -> dict[str, DisputeType]:
    """Dispute types by id."""
    file = "dispute_types.yml"
    fields = {"ip_right", "base_severity"}
    rows = reader.entries(file, reader.section(file, "dispute_types"), fields, ("ip_right", "base_severity"))
    for row in rows:
        unknown = {_RIGHT_IDS.get(r, r) for r in row["ip_right"]} - set(RIGHTS) - {"mixed"}
        if unknown:
            raise invalid(file, row["id"], f"names the unknown right {sorted(unknown)[0]!r}")
    return {
        row["id"]: DisputeType(
            id=row["id"],
            zh=row["zh"],
            en=row["en"],
            replaced_by=row.get("replaced_by"),
            is_retired=bool(row.get("retired")) or row.get("replaced_by") is not None,
            ip_rights=tuple(_RIGHT_IDS.get(r, r) for r in row["ip_right"] if r != "mixed"),
            base_severity=int(row["base_severity"]),
        )
        for row in rows
    }


def read_stages(reader: Reader) -> dict[str, Stage]:
    """Stages by id, in the order of their track."""
    file = "stages.yml"
    out: dict[str, Stage] = {}
    for track in reader.section(file, "tracks"):
        for order, row in enumerate(reader.entries(file, track["stages"], set())):
            if row["id"] in out:
                raise invalid(file, row["id"], "stands in two tracks")
            out[row["id"]] = Stage(
                id=row["id"],
                zh=row["zh"],
                en=row["en"],
                replaced_by=row.get("replaced_by"),
                is_retired=bool(row.get("retired")) or row.get("replaced_by") is not None,
                track=track["id"],
                order=order,
            )
    return out
