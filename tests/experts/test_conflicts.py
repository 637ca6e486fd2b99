"""Conflicts: whose names they are, how long they bind, and what is only possible."""

from __future__ import annotations

from typing import Any

import pytest

from tests.experts.making import EXPERT, asked, expert, fate, run

RANKED, CONFLICT, HELD = ["ranked"], ["conflict"], ["possible_conflict"]


def _client(name: str, role: str | None = "client", since: Any = "2015", until: Any = None) -> dict[str, Any]:
    return {"clients": [{"name": name, "role": role, "from": since, "to": until}]}


def _case(on: Any = "2025-01-01", **names: str) -> dict[str, Any]:
    return {"cases": [{"venue": "v.us.txed", "dispute_type": "dt.npe", "on": on, "role": "lead", **names}]}


RELATIONS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("employed by the opponent", {"employer": {"name": "Acme Optics Incorporated", "group": None}}, CONFLICT),
    ("employed in the opponent's group", {"employer": {"name": "Lensco", "group": "Acme Optics"}}, CONFLICT),
    (
        "employed by the opponent's counsel",
        {"employer": {"name": "Fernwood & Barlow", "group": ""}},
        CONFLICT,
    ),
    ("an employer told as a text", {"employer": "Fernwood & Barlow LLP"}, CONFLICT),
    ("no employer", {"employer": None}, RANKED),
    ("acts for the opponent", _client("ACME OPTICS, INC."), CONFLICT),
    ("acts for a subsidiary of one core", _client("Acme Optics (Shenzhen) Co., Ltd."), CONFLICT),
    ("advises the opponent", _client("Acme Optics", "adviser"), CONFLICT),
    ("acts for the opponent's counsel", _client("Fernwood & Barlow LLP"), CONFLICT),
    ("a role nobody told", _client("Acme Optics Inc.", None), CONFLICT),
    ("acted against the opponent", _client("Acme Optics Inc.", "adverse"), RANKED),
    ("acted against the firm", _client("Hailan Drone Technology Co Ltd", "adverse"), CONFLICT),
    ("acted against the firm, by its Chinese name", _client("海岚无人机科技有限公司", "adverse"), CONFLICT),
    ("acted against the firm's group", _client("Bluepeak Holdings", "adverse"), CONFLICT),
    ("acts for the firm itself", _client("Hailan Drone Technology Co Ltd"), RANKED),
    ("acts for somebody else", _client("Granite Peak Lighting LLC"), RANKED),
    ("a case for the opponent", _case(client="Acme Optics Inc."), CONFLICT),
    ("a case against the firm", _case(opponent="Hailan Drone Technology Co., Ltd."), CONFLICT),
    ("a case against the opponent", _case(client="X1 Robotics", opponent="Acme Optics Inc."), RANKED),
    ("a case for the firm", _case(client="Hailan Drone Technology Co., Ltd."), RANKED),
    (
        "the opponent by another name it does business under",
        _client("Nobody LLC d/b/a Acme Optics"),
        CONFLICT,
    ),
]


@pytest.mark.parametrize(("why", "change", "said"), RELATIONS, ids=[why for why, *_ in RELATIONS])
def test_a_relation_to_a_side(why: str, change: dict[str, Any], said: list[str]) -> None:
    assert fate(change) == said


YEARS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("ended five years ago to the day", _client("Acme Optics Inc.", until="2021-11-02"), CONFLICT),
    ("ended a day earlier", _client("Acme Optics Inc.", until="2021-11-01"), RANKED),
    ("ended in a year that is half within", _client("Acme Optics Inc.", until="2021"), CONFLICT),
    ("never ended", _client("Acme Optics Inc.", until=None), CONFLICT),
    ("no date at all", _client("Acme Optics Inc.", since=None, until=None), CONFLICT),
    ("a case five years ago to the day", _case("2021-11-02", client="Acme Optics Inc."), CONFLICT),
    ("an older case", _case("2021-11-01", client="Acme Optics Inc."), RANKED),
    ("a case without a date", _case(None, client="Acme Optics Inc."), CONFLICT),
    ("an adversary of long ago", _client("Bluepeak Holdings", "adverse", until="2019-05-01"), RANKED),
]


@pytest.mark.parametrize(("why", "change", "said"), YEARS, ids=[why for why, *_ in YEARS])
def test_five_years_bind(why: str, change: dict[str, Any], said: list[str]) -> None:
    assert fate(change) == said


def test_a_leap_day_has_a_fifth_anniversary() -> None:
    assert fate(_client("Acme Optics", until="2023-02-28"), asked(on="2028-02-29")) == CONFLICT
    assert fate(_client("Acme Optics", until="2023-02-27"), asked(on="2028-02-29")) == RANKED


NAMES: list[tuple[str, str, list[str]]] = [
    ("海岚光学科技有限公司", "海岚光学(深圳)有限公司", CONFLICT),
    ("海岚光学科技有限公司", "海嵐光學科技股份有限公司", CONFLICT),
    ("北泽照明股份有限公司", "Beize Zhaoming Co., Ltd.", HELD),
    ("鸿蒙迈德精密股份有限公司", "Hongmeng Maide Jingmi Co., Ltd.", CONFLICT),
    ("华为技术有限公司", "Huawei Technologies Co., Ltd.", HELD),
    ("Samsung Electronics Co., Ltd.", "Samsung Display Co., Ltd.", HELD),
    ("Samsung Display Co., Ltd.", "Samsung Electronics Co., Ltd.", HELD),
    ("Apple Inc.", "Apple Inc.", CONFLICT),
    ("Apple Inc.", "Apple", HELD),
    ("Apple", "Apple", HELD),
    ("LG", "LG", HELD),
    ("ABC Corp.", "ABC Corporation", HELD),
    ("长城", "长城", HELD),
    ("长城汽车股份有限公司", "长城汽车股份有限公司", CONFLICT),
    ("东方电器有限公司", "Dongfang Trading Co.", HELD),
    ("Nokia", "Nokia Corporation", CONFLICT),
    ("Lumentra Vision GmbH", "Lumentro Vision GmbH", HELD),
    ("Lumentra Vision GmbH", "Vision Lumentra Inc", CONFLICT),
    ("Lumentra Vision GmbH", "Harbour Coffee GmbH", RANKED),
    ("维川影像股份有限公司", "wei chuan ying xiang", CONFLICT),
    ("Weichuan Imaging Co., Ltd.", "weichuanyingxiang", HELD),
    ("Weichuan Imaging Co., Ltd.", "Wei Chuan Ying Xiang Gufen Youxian Gongsi", HELD),
    ("维川影像股份有限公司", "Shen Zhen Weichuan Imaging Technology Co., Ltd.", HELD),
    ("维川影像股份有限公司", "維川影像（深圳）有限公司", CONFLICT),
    ("单晶重工有限公司", "Shanjing Heavy Industry Co., Ltd.", HELD),
    ("吕梁绿源电气有限公司", "Lyuliang Lyuyuan Electric Co., Ltd.", HELD),
    ("Veltrano Imaging Inc.", "VeltranoImaging GmbH", CONFLICT),
    ("Veltrano Holding AG", "VeltranoImaging", HELD),
    ("BYD Company Limited", "Biyadi Gufen Youxian Gongsi", HELD),
    ("Zhejiang Geely Holding Group Co., Ltd.", "吉利汽车", HELD),
    ("旭创科技", "Innolight Technology", HELD),
    ("ミナトデンキ株式会社", "㈱ﾐﾅﾄﾃﾞﾝｷ", HELD),
    ("Weichuan Imaging", "Weichai Power Co., Ltd.", RANKED),
    ("Shenyang Machine Tools", "Shenzhen Kaifa Technology", RANKED),
]


@pytest.mark.parametrize(("opponent", "client", "said"), NAMES, ids=[f"{a} / {b}" for a, b, _ in NAMES])
def test_names_are_compared_in_every_writing(opponent: str, client: str, said: list[str]) -> None:
    assert fate(_client(client), asked(opponents=[opponent])) == said


def test_an_opponent_may_be_told_with_its_group() -> None:
    request = asked(opponents=[{"name": "Tiny Lens LLC", "group": ["Meridian Glassworks AG"]}])
    assert fate(_client("Meridian Glassworks"), request) == CONFLICT


def test_the_other_sides_own_counsel_is_never_recommended() -> None:
    assert fate({"name": "Jane Q. Sample"}, asked(counsel=["Jane Q. Sample"])) == CONFLICT
    assert fate({"name": {"zh": "示例", "en": "Jane Sample"}}, asked(counsel=["Sample, Jane"])) == HELD
    assert fate({"name": "Jane Sample"}, asked(counsel=["Jane & Partners LLP"])) == RANKED


def test_only_the_otherwise_eligible_are_held() -> None:
    doubtful = _client("Apple")
    request = asked(opponents=["Apple Inc."])
    assert fate(doubtful, request) == HELD
    assert fate({**doubtful, "open": 3}, request) == ["capacity"]


def test_a_sure_conflict_counts_beside_a_possible_one() -> None:
    both = {"clients": [*_client("Apple")["clients"], *_client("Acme Optics")["clients"]]}
    assert fate(both, asked(opponents=["Apple Inc.", "Acme Optics Inc."])) == CONFLICT


def test_what_is_held_or_excluded_says_which_name() -> None:
    held = run([expert(**_client("Apple"))], asked(opponents=["Apple Inc."])).held[0]
    assert "Apple Inc." in held.detail
    out = run([expert(**_client("Acme Optics GmbH"))]).excluded[0]
    assert "Acme Optics GmbH" in out.detail
    assert "Acme Optics Inc." in out.detail


def test_nobody_on_the_other_side_is_no_conflict() -> None:
    request = asked(opponents=None, counsel=None, firm=None)
    assert fate({**EXPERT, **_client("Acme Optics Inc.")}, request) == RANKED
