"""Names, numbers and dates for generated training text: every one invented, one manner of writing for each text."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

Forms = dict[str, str]  # ways of writing one value: "" in full, ".last" and so on in part

_ENDINGS = (("ia", "ian"), ("ova", "ovan"), ("ora", "oran"), ("enia", "enian"), ("esh", "eshi"), ("antine", "antinian"))
_CURRENCIES = ("${}", "€{}", "£{}", "{} crowns", "{} francs", "{} pesos", "{} marks", "US${}", "{} dinars")
_SMALL = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_PARTICLES = (*[""] * 36, "van ", "de ", "von ", "al-")


@cache
def words() -> Mapping[str, Any]:
    """The lists of words.toml."""
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


class Names:
    """Draws values by the name of their kind; dates, numbers and sums are written alike throughout one object."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._months: Sequence[str] = words()["lists"]["month"]
        self._date = chance.choice(
            ["{d} {m} {y}", "{d} {m} {y}", "{m} {d}, {y}", "{m} {d}, {y}", "{d} {s} {y}", "{iso}"]
        )
        self._percent = chance.choice(["{}%", "{} %", "{} per cent", "{} percent"])
        self._made: dict[str, Callable[..., Forms]] = {
            "person": self._person, "place": self._place, "country": self._country, "company": self._company,
            "body": self._body, "year": self._year, "date": self._day, "number": self._number, "few": self._few,
            "money": self._money, "price": self._price, "percent": self._share, "version": self._version,
            "program": self._program, "product": self._product, "clock": self._clock, "code": self._code,
        }  # fmt: skip

    def draw(self, kind: str) -> Forms | None:
        """A value of a kind such as "person" or "number 10 400", in all its forms; None for a kind that isn't known."""
        name, *arguments = kind.split()
        made = self._made.get(name)
        return made(*map(int, arguments)) if made else None

    def _tongue(self) -> Mapping[str, Sequence[str]]:
        tongue: Mapping[str, Sequence[str]] = self._chance.choice(words()["tongue"])
        return tongue

    def _stem(self, tongue: Mapping[str, Sequence[str]]) -> str:
        return self._chance.choice(tongue["starts"])

    def _person(self) -> Forms:
        pick, tongue = self._chance.choice, self._tongue()
        female = pick([True, False])
        first = self._stem(tongue) + pick(tongue["female" if female else "male"])
        last = self._stem(tongue) + pick(tongue["family"])
        if self._chance.random() < 0.12:
            other = self._tongue()
            last += "-" + self._stem(other) + pick(other["family"])
        last = pick(_PARTICLES) + last
        middle = pick([f"{pick('ABCDEFGHJKLMNPRSTVW')}. ", "", "", "", "", ""])
        forms = ("she", "her", "her") if female else ("he", "him", "his")
        return {"": f"{first} {middle}{last}", ".last": last, ".first": first} | dict(
            zip([".he", ".him", ".his"], forms, strict=True)
        )

    def _place(self) -> Forms:
        tongue = self._tongue()
        town = self._stem(tongue) + self._chance.choice(tongue["town"])
        name = self._chance.choice([*[""] * 10, "Port ", "Upper ", "New "]) + town
        return {"": name, ".up": name.upper()}

    def _country(self) -> Forms:
        stem = self._stem(self._tongue()) + self._chance.choice(["", "", "al", "ov", "und", "er"])
        noun, adjective = self._chance.choice(_ENDINGS)
        return {"": stem + noun, ".adj": stem + adjective}

    def _company(self) -> Forms:
        pick, lists = self._chance.choice, words()["lists"]
        stem = pick([self._place()[""], self._person()[".last"].rpartition(" ")[2]])
        stem = stem[:1].upper() + stem[1:]
        if self._chance.random() < 0.2:
            return {"": f"{stem} & {self._person()['.first']}", ".short": stem}
        name = f"{stem} {pick(lists['sector'])}"
        return {"": name + pick(["", "", " Ltd", " AG", " Inc.", " Group", " SA"]), ".short": name}

    def _body(self) -> Forms:
        """An organisation with its acronym."""
        pick = self._chance.choice
        head = pick(
            ["Union", "League", "Front", "Council", "Association", "Alliance", "Movement", "Society", "Congress"]
        )
        aim = pick(words()["lists"]["aim"])
        place = self._country()
        name = pick([f"{head} of {aim}", f"{place['.adj']} {head} for {aim}", f"{aim} {head} of {place['']}"])
        short = "".join(word[0] for word in re.split(r"[ -]", name) if word[0].isupper() or word == "for")
        return {"": name, ".short": short.upper(), ".both": f"{name} ({short.upper()})"}

    def _year(self, first: int = 1948, last: int = 2023) -> Forms:
        return {"": str(self._chance.randint(first, last))}

    def _day(self, first: int = 1948, last: int = 2023) -> Forms:
        day, month, year = self._chance.randint(1, 28), self._chance.randrange(12), self._year(first, last)[""]
        name = self._months[month]
        parts = {"d": day, "m": name, "s": name[:3], "y": year, "iso": f"{year}-{month + 1:02}-{day:02}"}
        short = f"{name} {day}" if self._date.startswith("{m}") else f"{day} {name}"
        return {"": self._date.format(**parts), ".year": year, ".day": short, ".month": f"{name} {year}"} | {
            ".long": f"{short}, {year}" if self._date.startswith("{m}") else f"{short} {year}"
        }

    def _number(self, low: int = 3, high: int = 900) -> Forms:
        number = self._chance.randint(low, high)
        if number > 5000 and self._chance.random() < 0.6:
            number = round(number, -2)
        return {"": f"{number:,}"}

    def _few(self) -> Forms:
        return {"": self._chance.choice(_SMALL)}

    def _money(self) -> Forms:
        scale = self._chance.choice(["million", "million", "million", "billion", "", ""])
        amount = f"{self._chance.randint(11, 990) / 10:g} {scale}" if scale else self._number(2000, 900000)[""]
        return {"": self._chance.choice(_CURRENCIES).format(amount)}

    def _price(self) -> Forms:
        amount = self._chance.choice(
            [f"{self._number(5, 900)['']}.{self._chance.randint(10, 99)}", self._number(5, 4000)[""]]
        )
        return {"": self._chance.choice(_CURRENCIES).format(amount)}

    def _share(self) -> Forms:
        number = self._chance.randint(2, 94) + self._chance.choice([0, 0, 0, 0.5, 0.4])
        return {"": self._percent.format(f"{number:g}")}

    def _version(self) -> Forms:
        parts = [self._chance.randint(0, 9), self._chance.randint(0, 14), self._chance.randint(0, 9)]
        return {"": ".".join(map(str, parts[: self._chance.choice([2, 3, 3])]))}

    def _program(self) -> Forms:
        stem = self._stem(self._tongue())
        plain = stem + self._chance.choice(
            ["db", "kit", "flow", "Sheet", "OS", "Studio", "-cli", "Base", "Mail", "Desk"]
        )
        return {"": plain[:1].upper() + plain[1:]}

    def _product(self) -> Forms:
        stem = self._stem(self._tongue()) + self._chance.choice(["ex", "ora", "io", "ent", "ys", "a"])
        return {"": f"{stem} {self._chance.choice(['', 'M', 'X', 'Mk ', 'Pro ', 'S'])}{self._chance.randint(2, 90)}"}

    def _clock(self) -> Forms:
        hour, minute = self._chance.randint(1, 12), self._chance.randint(0, 59)
        return {
            "": self._chance.choice(
                [f"{hour}:{minute:02} a.m.", f"{hour}:{minute:02} p.m.", f"{hour + 11}:{minute:02}"]
            )
        }

    def _code(self) -> Forms:
        letters = "".join(self._chance.choices("ABCDEGHKLMNPRSTVX", k=2))
        return {"": f"{letters}-{self._chance.randint(100, 9999)}"}
