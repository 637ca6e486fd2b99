"""Watch profiles and cases as firms and courts would write them, in Chinese and English, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from benchmarks.generate import company
from cases.taxonomy import load_taxonomy
from warning.criteria import Criteria, Facts, right_keys

#: goods as firms and courts write them: (Chinese, English)
PRODUCTS = (
    ("无人机", "unmanned aerial vehicle"), ("锂离子电池", "lithium-ion battery"), ("光伏组件", "solar module"),
    ("扫地机器人", "robot vacuum cleaner"), ("电子烟", "electronic cigarette"), ("智能手表", "smart watch"),
    ("路由器", "wireless router"), ("导尿管", "medical catheter"), ("电动自行车", "electric bicycle"),
    ("显示面板", "display panel"), ("电动工具", "power tool"), ("汽车轮胎", "automobile tire"),
    ("运动鞋", "athletic shoe"), ("发光二极管", "light-emitting diode"), ("半导体晶圆", "semiconductor wafer"),
    ("化妆品", "cosmetics"), ("玩具", "toy figure"), ("棉质衬衫", "cotton shirt"), ("激光雷达", "lidar sensor"),
    ("储能逆变器", "energy storage inverter"), ("三维打印机", "3D printer"), ("空气净化器", "air purifier"),
    ("手机壳", "phone case"), ("婴儿推车", "baby stroller"), ("吹风机", "hair dryer"), ("露营灯", "camping lantern"),
    ("割草机", "lawn mower"), ("健身车", "exercise bike"), ("摄像头", "security camera"), ("充电桩", "charging station"),
    ("血糖仪", "glucose meter"), ("呼吸机", "ventilator"), ("轴承", "ball bearing"), ("阀门", "control valve"),
    ("变压器", "transformer"), ("压缩机", "compressor"), ("除草剂", "herbicide"), ("单克隆抗体", "monoclonal antibody"),
    ("陶瓷餐具", "ceramic tableware"), ("瓷砖", "ceramic tile"), ("家具", "upholstered furniture"),
    ("自行车头盔", "bicycle helmet"), ("耳机", "wireless earbuds"), ("投影仪", "projector"), ("打印耗材", "toner cartridge"),
)  # fmt: skip
#: what narrows goods to a trade's own words
QUALITIES = (
    ("折叠", "foldable"), ("防水", "waterproof"), ("无刷", "brushless"), ("柔性", "flexible"), ("便携式", "portable"),
    ("高压", "high-voltage"), ("磁吸", "magnetic"), ("双层", "dual-layer"),
)  # fmt: skip
_EXCLUDED = ("招聘", "促销", "recall", "job opening", "class action settlement", "股价", "stock split")
_FAIRS = (
    "CES", "IFA Berlin", "Hannover Messe", "MWC Barcelona", "Canton Fair", "广交会", "SNEC", "Medica", "Ambiente",
    "Intersolar Europe", "进博会", "Light + Building",
)  # fmt: skip
_PLACES_ZH = ("深圳", "宁波", "武汉", "苏州", "合肥", "杭州", "东莞", "青岛", "厦门", "佛山", "常州", "温州")
_WORDS_ZH = (
    "海岚",
    "北泽",
    "远泊",
    "东岬",
    "晴川",
    "云栖",
    "澄光",
    "启明",
    "鸿远",
    "博锐",
    "天玑",
    "凌波",
    "瑞科",
    "恒拓",
)
_TRADES_ZH = ("科技", "光电", "新能源", "照明", "机电", "医疗器械", "纺织", "智能装备")
_OPENINGS_EN = (
    "The complaint alleges infringement by the sale and importation of",
    "The plaintiff seeks a permanent injunction and damages in respect of",
    "The petition asks the Board to cancel the registration for",
    "The court heard argument on claim construction concerning",
)
_OPENINGS_ZH = (
    "原告指控被告进口、销售侵犯其权利的",
    "申请人请求认定侵权并禁止进口",
    "法院就权利要求解释听取意见，涉及",
    "据了解，本案涉及",
)
_ORDER_EN = """the parties shall file a joint statement within fourteen days and the court reserves its decision on costs
    while discovery continues under the protective order entered earlier this month by the magistrate judge"""
_FILLER_ZH = (
    "双方须在月底前提交联合陈述",
    "法院保留对诉讼费用的决定",
    "证据开示依保护令继续进行",
    "被告否认全部指控",
    "案件排期待定",
)


def name_zh(chance: random.Random) -> str:
    """A company's name in Chinese."""
    words = chance.sample(_WORDS_ZH, 2)
    return f"{chance.choice(_PLACES_ZH)}{''.join(words)}{chance.choice(_TRADES_ZH)}"


def _goods(chance: random.Random, product: tuple[str, str], language: int) -> str:
    """A kind of ``product`` in Chinese (0) or English (1)."""
    return ("", " ")[language].join((chance.choice(QUALITIES)[language], product[language]))


class World:
    """Whom and what everybody speaks of: companies, rights, tags.

    Args:
        companies: how many there are; the more, the fewer profiles name the parties of one case.
    """

    def __init__(self, *, companies: int = 6_000, seed: int = 1) -> None:
        chance = random.Random(seed)
        self.companies = [company(chance) for _ in range(companies * 2 // 3)]
        self.companies += [name_zh(chance) for _ in range(companies - len(self.companies))]
        self.marks = [
            "".join(chance.choice("BCDFGLMNPRSTVZ") + chance.choice("AEIOU") for _ in range(3))
            for _ in range(900)
        ]
        self.rights = [f"US{chance.randint(7_000_000, 12_300_000)}" for _ in range(4_000)]
        self.rights += [f"EP{chance.randint(1_000_000, 4_200_000)}" for _ in range(2_000)]
        taxonomy = load_taxonomy()
        self.industries = sorted(taxonomy.industries)
        self.dispute_types = sorted(taxonomy.dispute_types)
        self.regions = ["US"] * 6 + ["DE", "EU", "GB", "JP", "KR", "UPC"]

    def profiles(self, count: int, *, seed: int = 2) -> list[Criteria]:
        """``count`` profiles: of competitors, of goods in a market, of an industry's disputes, of rights, of fairs."""
        chance = random.Random(seed)
        return [self._profile(chance, n % 10) for n in range(count)]

    def _profile(self, chance: random.Random, turn: int) -> Criteria:
        exclude = tuple(chance.sample(_EXCLUDED, chance.randint(0, 2)))
        regions = frozenset(chance.sample(sorted(set(self.regions)), chance.randint(0, 2)))
        industries = frozenset(chance.sample(self.industries, chance.randint(1, 2)))
        disputes = frozenset(chance.sample(self.dispute_types, chance.randint(1, 2)))
        if turn < 4:
            rivals = tuple(dict.fromkeys(chance.choices(self.companies, k=chance.randint(1, 5))))
            return Criteria(regions=regions, competitors=rivals, exclude=exclude)
        if turn < 7:
            words = []
            for _ in range(chance.randint(1, 3)):
                words += [
                    _goods(chance, chance.choice(PRODUCTS), chance.randint(0, 1)),
                    chance.choice(self.marks),
                ]
            return Criteria(industries=industries, regions=regions, include=tuple(words), exclude=exclude)
        if turn == 7:
            product = chance.choice(PRODUCTS)
            return Criteria(regions=regions, dispute_types=disputes, include=product, exclude=exclude)
        if turn == 8:
            rights = tuple(chance.sample(self.rights, chance.randint(1, 4)))
            return Criteria(rights=rights, competitors=(chance.choice(self.companies),))
        return Criteria(
            regions=regions,
            industries=industries,
            exhibitions=tuple(chance.sample(_FAIRS, 2)),
            exclude=exclude,
        )

    def cases(self, count: int, *, seed: int = 3, length: int = 1_500) -> Iterator[Facts]:
        """``count`` new cases with captions, parties, tags, rights and texts of about ``length`` signs."""
        chance = random.Random(seed)
        for _ in range(count):
            yield self._case(chance, length)

    def _case(self, chance: random.Random, length: int) -> Facts:
        parties = chance.sample(self.companies, chance.randint(2, 4))
        goods = chance.sample(PRODUCTS, chance.randint(1, 2))
        caption = f"{parties[0]} v. {parties[1]}"
        rights = chance.sample(self.rights, chance.randint(0, 3))
        tags = {
            "industry": frozenset(chance.sample(self.industries, chance.randint(1, 2))),
            "region": frozenset({chance.choice(self.regions)}),
            "dispute_type": frozenset(chance.sample(self.dispute_types, chance.randint(1, 2))),
        }
        texts = [
            ("caption", caption),
            ("title", f"{caption}: {goods[0][1]}s"),
            *(("parties", party) for party in parties),
            ("text", self._text(chance, goods, length)),
        ]
        return Facts(tags, texts, frozenset(key for number in rights for key in right_keys(number)))

    def _text(self, chance: random.Random, goods: Sequence[tuple[str, str]], length: int) -> str:
        in_chinese = chance.random() < 0.4
        written = ""
        while len(written) < (length // 3 if in_chinese else length):
            product = chance.choice(goods)
            if in_chinese:
                written += f"{chance.choice(_OPENINGS_ZH)}{_goods(chance, product, 0)}。"
                written += "，".join(chance.sample(_FILLER_ZH, 3)) + "。"
            else:
                written += f"{chance.choice(_OPENINGS_EN)} {_goods(chance, product, 1)}. "
                written += " ".join(chance.choices(_ORDER_EN.split(), k=25)).capitalize() + ". "
            told = chance.random()
            if told < 0.1:
                written += f"{chance.choice(self.marks)} "
            elif told < 0.13:
                written += f"{chance.choice(_FAIRS)} "
            elif told < 0.16:
                written += f"{chance.choice(_EXCLUDED)} "
            elif told < 0.2:
                written += f"{chance.choice(self.companies)} "
        return written
