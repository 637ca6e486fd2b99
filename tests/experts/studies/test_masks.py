"""A text for everybody holds nothing of the matter, however it is written."""

from __future__ import annotations

import pytest

from experts.studies.masks import standing_in

KNOWN = (
    ("firm", "深圳海岚无人机科技有限公司"),
    ("firm", "Hailan Drone Technology Co., Ltd."),
    ("opponent", "Acme Optics Inc."),
    ("person", "李慕白"),
    ("phone", "13800001234"),
    ("number", "2:26-cv-00011"),
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("该案由深圳海岚无人机科技有限公司应诉。", "firm"),
        ("深圳海岚 无人机科技 的产品", "firm"),
        ("HAILAN DRONE TECHNOLOGY was sued", "firm"),
        ("hailan-drone technology", "firm"),
        ("原告 ACME  OPTICS 起诉", "opponent"),
        ("联系人李 慕白介绍", "person"),
        ("电话 138-0000-1234", "phone"),
        ("案号 2:26 CV 00011", "number"),
        ("来信 someone@example.org", "email"),
        ("另一电话 13912345678", "phone"),
        ("座机 0755-12345678", "phone"),
    ],
)
def test_it_is_found(text: str, kind: str) -> None:
    assert kind in {one.kind for one in standing_in({"course": text}, KNOWN)}


@pytest.mark.parametrize(
    "text",
    [
        "某无人机企业在美国被诉专利侵权，及时答辩后和解。",
        "Placmex optical works is another name",
        "金额 138000 元，2026 年 11 月",
        "李姓负责人",
    ],
)
def test_what_is_masked_passes(text: str) -> None:
    assert standing_in({"course": text}, KNOWN) == []


def test_the_section_and_what_was_known_are_told() -> None:
    found = standing_in({"title": "某案", "lessons": "李慕白"}, KNOWN)
    assert [(one.section, one.known) for one in found] == [("lessons", "李慕白")]
