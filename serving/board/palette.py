"""Colours by what they stand for: one palette for products, one for kinds of movement, the same in every form.

Belongs here: roles, and the colour of the theme behind each. Does not: the theme's own colours, which are the master's
(master.pptx): a designer who restyles it restyles every form.

A role is one of the names below, or ``product:<n>``, the n-th product of the catalogue. No product has the colour of a
gain or a loss, and colour alone says nothing: gains and losses carry their sign, states their word.
"""

import colorsys
import zipfile
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec
from defusedxml import ElementTree

MASTER = Path(__file__).with_name("master.pptx")
Slot = Literal["accent1", "accent2", "accent3", "accent4", "accent5", "accent6", "dk1", "dk2", "lt1", "lt2"]


class Shade(msgspec.Struct, frozen=True):
    """A colour of the theme, lighter (above 0) or darker (below 0) by so much of what there is to go."""

    slot: Slot
    brightness: float = 0.0


GAIN: Slot = "accent5"
LOSS: Slot = "accent6"
ROLES: dict[str, Shade] = {
    "movement:start": Shade("dk2"),
    "movement:new": Shade(GAIN),
    "movement:expansion": Shade(GAIN, 0.4),
    "movement:returned": Shade(GAIN, -0.35),
    "movement:contraction": Shade(LOSS, 0.4),
    "movement:churned": Shade(LOSS),
    "movement:other": Shade("dk2", 0.6),
    "movement:end": Shade("dk2"),
    "actual": Shade("accent1"),
    "plan": Shade("dk2", 0.6),
    "revenue": Shade("accent1"),
    "cost": Shade("accent3"),
    "on_track": Shade(GAIN, -0.2),
    "at_risk": Shade("accent3", -0.25),
    "off_track": Shade(LOSS),
    "text": Shade("dk1"),
    "muted": Shade("dk2", 0.4),
    "line": Shade("lt2"),
    "ground": Shade("lt1"),
}
OF_PRODUCTS: tuple[Slot, ...] = ("accent1", "accent2", "accent3", "accent4")
PRODUCTS = tuple(Shade(slot, brightness) for brightness in (0.0, 0.45, -0.35) for slot in OF_PRODUCTS)


def shade(role: str) -> Shade:
    """The colour of a role. Products beyond the twelfth begin again."""
    if role.startswith("product:"):
        return PRODUCTS[int(role.removeprefix("product:")) % len(PRODUCTS)]
    return ROLES[role]


def rgb(role: str) -> str:
    """The same as six hexadecimal digits: the theme of the master, lighter or darker as PowerPoint makes it."""
    one = shade(role)
    red, green, blue = (int(_theme()[one.slot][at : at + 2], 16) / 255 for at in (0, 2, 4))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    lighter = lightness * (1 - abs(one.brightness)) + max(one.brightness, 0.0)
    return "".join(f"{round(part * 255):02X}" for part in colorsys.hls_to_rgb(hue, lighter, saturation))


@cache
def _theme() -> dict[str, str]:
    drawing = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
    with zipfile.ZipFile(MASTER) as file:
        scheme = ElementTree.fromstring(file.read("ppt/theme/theme1.xml")).find(f".//{drawing}clrScheme")
    return {child.tag.removeprefix(drawing): child[0].get("val") or child[0].get("lastClr") for child in scheme}
