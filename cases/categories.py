"""The catalogue of what is reported: code, name, default difficulty and the kind of unit that answers for it.

Dispute kinds follow the justice statistics' fifteen (domain.md b13, H17–H18); public-order and city-management kinds
follow domain.md b4 (六大类). Codes are ours; every row may be replaced by a room's own catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cases.model import Difficulty

OTHER = "other"


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of matter. `unit_kind` names who usually handles it (职责清单, domain.md G20)."""

    code: str
    name: str
    group: str
    difficulty: Difficulty
    unit_kind: str
    severity: int = 3


_SIMPLE, _COMPLEX, _HARD = Difficulty.SIMPLE, Difficulty.COMPLEX, Difficulty.HARD

_ROWS: tuple[tuple[str, str, str, Difficulty, str, int], ...] = (
    ("dispute.neighbour", "邻里纠纷", "矛盾纠纷", _SIMPLE, "justice", 3),
    ("dispute.marriage", "婚姻家庭纠纷", "矛盾纠纷", _COMPLEX, "women", 3),
    ("dispute.homestead", "房屋宅基地纠纷", "矛盾纠纷", _HARD, "land", 3),
    ("dispute.land", "土地边界纠纷", "矛盾纠纷", _HARD, "land", 3),
    ("dispute.demolition", "征地拆迁纠纷", "矛盾纠纷", _HARD, "land", 2),
    ("dispute.wages", "拖欠工资", "矛盾纠纷", _COMPLEX, "labour", 2),
    ("dispute.labour", "劳动争议", "矛盾纠纷", _COMPLEX, "labour", 3),
    ("dispute.property", "物业纠纷", "矛盾纠纷", _COMPLEX, "housing", 3),
    ("dispute.contract", "合同纠纷", "矛盾纠纷", _COMPLEX, "justice", 3),
    ("dispute.business", "生产经营纠纷", "矛盾纠纷", _COMPLEX, "market", 3),
    ("dispute.damage", "损害赔偿纠纷", "矛盾纠纷", _COMPLEX, "justice", 3),
    ("dispute.consumer", "消费纠纷", "矛盾纠纷", _SIMPLE, "market", 4),
    ("dispute.medical", "医疗纠纷", "矛盾纠纷", _HARD, "health", 2),
    ("dispute.traffic", "交通事故纠纷", "矛盾纠纷", _COMPLEX, "police", 3),
    ("dispute.debt", "民间借贷纠纷", "矛盾纠纷", _COMPLEX, "justice", 3),
    ("dispute.school", "校园纠纷", "矛盾纠纷", _COMPLEX, "education", 2),
    ("environment.noise", "噪声扰民", "环境与城管", _SIMPLE, "urban", 4),
    ("environment.smoke", "油烟扰民", "环境与城管", _SIMPLE, "urban", 4),
    ("environment.water", "水体污染", "环境与城管", _COMPLEX, "environment", 2),
    ("environment.dust", "扬尘污染", "环境与城管", _COMPLEX, "environment", 3),
    ("environment.rubbish", "暴露垃圾", "环境与城管", _SIMPLE, "urban", 4),
    ("city.street_trade", "占道经营", "环境与城管", _SIMPLE, "urban", 4),
    ("city.illegal_building", "违法搭建", "环境与城管", _HARD, "urban", 3),
    ("city.manhole", "井盖缺失", "环境与城管", _SIMPLE, "urban", 2),
    ("city.street_light", "路灯不亮", "环境与城管", _SIMPLE, "urban", 4),
    ("city.advert", "乱贴小广告", "环境与城管", _SIMPLE, "urban", 4),
    ("city.parking", "乱停车", "环境与城管", _SIMPLE, "police", 4),
    ("safety.fire_exit", "消防通道被占", "安全隐患", _SIMPLE, "emergency", 2),
    ("safety.fire", "火情", "安全隐患", _SIMPLE, "emergency", 1),
    ("safety.ebike", "电动车违规充电", "安全隐患", _SIMPLE, "emergency", 3),
    ("safety.gas", "燃气隐患", "安全隐患", _SIMPLE, "emergency", 1),
    ("safety.lift", "电梯故障困人", "安全隐患", _SIMPLE, "market", 1),
    ("safety.work", "施工安全隐患", "安全隐患", _COMPLEX, "emergency", 2),
    ("safety.food", "食品安全", "安全隐患", _COMPLEX, "market", 2),
    ("safety.water_cut", "停水停电", "民生服务", _SIMPLE, "housing", 3),
    ("order.fight", "打架斗殴", "社会治安", _SIMPLE, "police", 1),
    ("order.theft", "盗窃", "社会治安", _COMPLEX, "police", 2),
    ("order.fraud", "电信诈骗", "社会治安", _COMPLEX, "police", 2),
    ("order.gathering", "人员聚集", "社会治安", _COMPLEX, "centre", 1),
    ("people.lost_child", "儿童走失", "民生服务", _SIMPLE, "police", 1),
    ("people.lost_elder", "老人走失", "民生服务", _SIMPLE, "police", 1),
    ("people.hardship", "生活困难救助", "民生服务", _COMPLEX, "civil", 3),
    ("people.elder_care", "独居老人探访", "民生服务", _SIMPLE, "civil", 3),
    ("people.registration", "落户与证照", "民生服务", _COMPLEX, "police", 4),
    ("people.consulting", "政策咨询", "民生服务", _SIMPLE, "centre", 4),
    (OTHER, "其他", "其他", _COMPLEX, "centre", 3),
)

CATEGORIES: Mapping[str, Category] = {row[0]: Category(*row) for row in _ROWS}


def category_of(code: str) -> Category:
    """The catalogue's row for a code; 其他 for a code it does not have."""
    return CATEGORIES.get(code, CATEGORIES[OTHER])
