"""The taxonomy: what every file must say, and which message names what is wrong."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from cases.taxonomy import FOLDER, load_taxonomy, read_taxonomy
from core.errors import RulebookInvalid
from tests.conftest import missing

DRAFTS = FOLDER.parents[2] / "shared" / "domain" / "taxonomy"
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the taxonomy's files."""
    for path in FOLDER.glob("*.yml"):
        shutil.copy(path, tmp_path / path.name)
    return tmp_path


def loaded(path: Path) -> dict[str, Any]:
    """A file's content. YAML holds JSON, so what is changed may be written as that."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    return content


def broken(folder: Path, file: str, change: Change) -> str:
    """The message when ``change`` is made to ``file``."""
    data = loaded(folder / file)
    change(data)
    (folder / file).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(RulebookInvalid) as caught:
        read_taxonomy(folder)
    assert caught.value.fix
    return caught.value.message


def row(data: dict[str, Any], section: str, identity: str) -> dict[str, Any]:
    """One entry of a file."""
    found: dict[str, Any] = next(r for r in data[section] if r["id"] == identity)
    return found


def test_the_projects_taxonomy_is_sound_and_versioned() -> None:
    taxonomy = load_taxonomy()
    assert len(taxonomy.industries) == 18
    assert len(taxonomy.dispute_types) == 24
    assert "industries@0.2" in taxonomy.version
    assert "forums@" in taxonomy.version


CASES: list[tuple[str, Change, str]] = [
    ("industries.yml", lambda d: d.pop("version"), "industries.yml, version: is missing or not text"),
    ("industries.yml", lambda d: d.update(version=0.1), "version: is missing or not text"),
    ("regions.yml", lambda d: d.update(as_of="2026-13-01"), "'2026-13-01' is not a date like 2026-11-22"),
    ("industries.yml", lambda d: d.pop("industries"), "industries: is missing or no list"),
    ("industries.yml", lambda d: d["industries"].append(d["industries"][0]), "ind.integrated_circuit: stands twice"),
    ("industries.yml", lambda d: d["industries"][0].pop("id"), "has no id"),
    ("industries.yml", lambda d: d["industries"][0].update(zh=" "), "ind.integrated_circuit: has no zh words"),
    ("industries.yml", lambda d: d["industries"][0].update(en=None), "ind.integrated_circuit: has no en words"),
    ("industries.yml", lambda d: d["industries"][0].update(colour=1), "has the unknown field 'colour'"),
    ("industries.yml", lambda d: d["industries"][0].update(replaced_by="ind.gone"), "replaced_by 'ind.gone' does not exist"),
    (
        "industries.yml",
        lambda d: [r.update(replaced_by=i) for r, i in zip(d["industries"], ("ind.artificial_intelligence", "ind.integrated_circuit"), strict=False)],
        "is replaced by itself in a circle",
    ),
    ("regions.yml", lambda d: row(d, "countries", "cty.us")["aliases"].update(en=["USA", 5]), "a word under en is empty or not text"),
    ("regions.yml", lambda d: row(d, "countries", "cty.us").update(aliases=["USA"]), "its words must stand under a language"),
    ("dispute_types.yml", lambda d: d["dispute_types"][0].update(ip_right=["soul"]), "names the unknown right 'soul'"),
    ("dispute_types.yml", lambda d: d["dispute_types"][0].pop("base_severity"), "dt.patent_infringement: has no base_severity"),
    ("stages.yml", lambda d: d["tracks"][1]["stages"].append(d["tracks"][0]["stages"][0]), "ps.watch: stands in two tracks"),
    ("regions.yml", lambda d: row(d, "countries", "cty.no").update(iso2=False), "False is not an ISO 3166 alpha-2 code (quote NO)"),
    ("regions.yml", lambda d: row(d, "countries", "cty.us").update(iso2="USA"), "'USA' is not an ISO 3166 alpha-2 code"),
    ("regions.yml", lambda d: row(d, "countries", "cty.us").update(iso2="DE"), "DE: is the code of two places"),
    ("regions.yml", lambda d: row(d, "countries", "cty.us")["groups"].append("grp.gone"), "names the unknown group 'grp.gone'"),
    ("regions.yml", lambda d: row(d, "groups", "grp.upc")["members"].append("XX"), "its member 'XX' is no country of the file"),
    ("regions.yml", lambda d: row(d, "groups", "grp.upc").update(as_of="soon"), "grp.upc: 'soon' is not a date"),
    ("regions.yml", lambda d: row(d, "supranational", "jur.upc").update(group="grp.gone"), "names the unknown group 'grp.gone'"),
    ("regions.yml", lambda d: row(d, "regions", "reg.tw").update(zh="台湾"), "named with the prefix 中国"),
    ("regions.yml", lambda d: row(d, "regions", "reg.hk").update(zh="香港"), "named with the prefix 中国"),
    ("regions.yml", lambda d: row(d, "regions", "reg.mo").update(type="country"), "a region of China is a region"),
    ("regions.yml", lambda d: d["match_flags"].append({"alias": "Narnia", "rule": "case"}), "Narnia: is a mark on no name of the file"),
    ("regions.yml", lambda d: d["match_flags"][0].update(rule="maybe"), "its rule is one of case, exclude, need, never, longest_only"),
    ("regions.yml", lambda d: d["match_flags"][1].pop("not"), "马里: excludes nothing"),
    ("regions.yml", lambda d: d["match_flags"][0].pop("need"), "中非: needs a cue"),
    ("venues.yml", lambda d: row(d, "venues", "v.upc").update(region="jur.gone"), "v.upc: its region 'jur.gone' is unknown"),
    ("venues.yml", lambda d: row(d, "venues", "v.upc").pop("track"), "v.upc: has no track"),
    ("venues.yml", lambda d: row(d, "venues", "v.upc").update(aliases_rx=["("]), "the pattern '(' does not compile"),
    ("venues.yml", lambda d: row(d, "venues", "v.upc").update(aliases=["T"]), "the alias 'T' is too short"),
    ("us_courts.yml", lambda d: d["venues"].append({"id": "v.us.itc", "zh": "x", "en": "x", "region": "cty.us", "type": "court", "track": "court"}), "v.us.itc: stands in two files"),
    ("venues.yml", lambda d: d["venue_groups"].update({"vg.x": ["v.gone"]}), "vg.x: its member 'v.gone' is no venue"),
    ("stages.yml", lambda d: d["tracks"][0]["stages"][0].update(keywords={"en": ["x"]}), "ps.watch: has the unknown field 'keywords'"),
    ("forums.yml", lambda d: d["forums"][0].update(region="cty.gone"), "cty.gone: is no region"),
    ("forums.yml", lambda d: d["forums"][0].update(patterns=["["]), "the pattern '[' does not compile"),
    ("forums.yml", lambda d: d["region_names"].update({"cty.gone": {"en": ["x"]}}), "cty.gone: is no region"),
    ("deadlines.yml", lambda d: d["clocks"].append(d["clocks"][0]), "stands twice"),
    ("deadlines_extra.yml", lambda d: d["clocks"][0].update(venue=["v.gone"]), "its venue 'v.gone' is unknown"),
    ("severity.yml", lambda d: d.pop("version"), "severity.yml, version: is missing"),
    ("facets.yml", lambda d: d.pop("version"), "facets.yml, version: is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "change", "message"), CASES, ids=[message for _, _, message in CASES])
def test_a_broken_entry_is_named_with_its_file(folder: Path, file: str, change: Change, message: str) -> None:
    said = broken(folder, file, change)
    assert message in said
    assert said.startswith("cases/taxonomy/")


def test_a_file_that_is_missing_or_no_yaml_is_named(folder: Path) -> None:
    (folder / "stages.yml").write_text("a: [", encoding="utf-8")
    with pytest.raises(RulebookInvalid, match=r"stages.yml, the file: cannot be read"):
        read_taxonomy(folder)
    (folder / "stages.yml").unlink()
    with pytest.raises(RulebookInvalid, match=r"stages.yml, the file: cannot be read"):
        read_taxonomy(folder)


def ids_of(path: Path) -> set[str]:
    """Every id a file gives."""
    found: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("id"), str) and "zh" in value:
                found.add(value["id"])
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(loaded(path))
    return found


@pytest.mark.parametrize(
    "file",
    [
        "deadlines.yml", "deadlines_extra.yml", "dispute_types.yml", "facets.yml", "industries.yml", "regions.yml",
        "severity.yml", "stages.yml", "venues.yml",
    ],
)  # fmt: skip
def test_the_drafts_ids_are_kept(file: str) -> None:
    if not DRAFTS.is_dir():
        missing(f"the folder of drafts {DRAFTS}")
    assert ids_of(DRAFTS / file) <= ids_of(FOLDER / file)


UNITED_NATIONS = """
AF AL DZ AD AO AG AR AM AU AT AZ BS BH BD BB BY BE BZ BJ BT BO BA BW BR BN BG BF BI CV KH CM CA CF TD CL CN CO KM CG CR CI
HR CU CY CZ KP CD DK DJ DM DO EC EG SV GQ ER EE SZ ET FJ FI FR GA GM GE DE GH GR GD GT GN GW GY HT HN HU IS IN ID IR IQ IE
IL IT JM JP JO KZ KE KI KW KG LA LV LB LS LR LY LI LT LU MG MW MY MV ML MT MH MR MU MX FM MC MN ME MA MZ MM NA NR NP NL NZ
NI NE NG MK NO OM PK PW PA PG PY PE PH PL PT QA KR MD RO RU RW KN LC VC WS SM ST SA SN RS SC SL SG SK SI SB SO ZA SS ES LK
SD SR SE CH SY TJ TH TL TG TO TT TN TR TM TV UG UA AE GB TZ US UY UZ VU VE VN YE ZM ZW"""


def test_every_member_and_observer_of_the_united_nations_is_there() -> None:
    members = set(UNITED_NATIONS.split())
    assert len(members) == 193
    known = {r.code for r in load_taxonomy().regions.values() if r.id.startswith("cty.")}
    # China is home; the Cook Islands and Niue are no members.
    assert known == {*members, "VA", "PS", "CK", "NU"} - {"CN"}


def test_an_office_has_the_code_of_its_own() -> None:
    taxonomy = load_taxonomy()
    codes = {
        venue: taxonomy.region_code(venue) for venue in ("v.upc", "v.euipo", "v.cjeu", "v.epo", "v.wipo.amc")
    }
    assert codes == {"v.upc": "EU", "v.euipo": "EU", "v.cjeu": "EU", "v.epo": "EP", "v.wipo.amc": "WO"}
    assert taxonomy.region_code("v.plat.other") is None
    assert taxonomy.region_code("v.tw.ipcc") == "TW"


def test_words_are_told_in_both_languages_and_an_unknown_id_is_itself() -> None:
    taxonomy = load_taxonomy()
    assert taxonomy.label("TW", "zh") == "中国台湾"
    assert taxonomy.label("HK", "en") == "Hong Kong, China"
    assert taxonomy.label("EU", "zh") == "欧盟"
    assert taxonomy.label("dt.npe", "en").startswith("Non-practising entity")
    assert taxonomy.label("utility_model", "zh") == "实用新型"
    assert taxonomy.label("ind.gone", "en") == "ind.gone"


def test_a_retired_id_leads_to_the_one_in_force(folder: Path) -> None:
    data = loaded(folder / "venues.yml")
    row(data, "venues", "v.siac")["replaced_by"] = "v.sg.hc"
    (folder / "venues.yml").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    taxonomy = read_taxonomy(folder)
    assert taxonomy.current("v.siac") == "v.sg.hc"
    venue = taxonomy.venue_of("v.siac")
    assert venue is not None
    assert venue.id == "v.sg.hc"


def test_a_changed_file_changes_the_version(folder: Path) -> None:
    data = loaded(folder / "stages.yml")
    data["version"] = "9"
    (folder / "stages.yml").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    assert "stages@9" in read_taxonomy(folder).version
