"""A letter as people and machines get it: Chinese first, English beside it, as text, as HTML and as JSON.

Works without Flask, since jobs send mail: the catalogue is read directly.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.said import Said, said
from core.text import collapse
from notify.letters import Item, Letter, Text, Words

#: the order of a mail: language of the page's html, name of the catalogue
_LANGUAGES = (("zh", "zh-CN"), ("en", "en"))
_SUBJECT_LIMIT = 180
_MORE = said("More stands on the site.")


@dataclass(frozen=True)
class Rendered:
    """A letter in every form a channel may want."""

    subject: str
    text: str
    html: str
    data: dict[str, Any]
    #: blocks of the Markdown that chat robots understand: the first always stands, the others while there is room
    blocks: tuple[str, ...] = ()
    #: what stands in place of blocks left out, the last of which says what a reader must know
    more: str = ""

    #: for an SMS: Chinese words, and the link that follows them
    line: str = ""
    link: str = ""

    def short(self, most: int) -> str:
        """The words and the link in at most ``most`` units of UTF-16; the words are cut, the link never."""
        room = most - (units(self.link) + 1 if self.link else 0)
        words = self.line
        if units(words) > room:
            while words and units(words) > room - 1:
                words = words[:-1]
            words += "…"
        return f"{words} {self.link}".strip()

    def markdown(self, most_bytes: int) -> str:
        """As Markdown of at most ``most_bytes`` in UTF-8, for robots: whole entries, and a word on what is left out."""
        told = self.blocks[0]
        for index, block in enumerate(self.blocks[1:], start=1):
            is_last = index == len(self.blocks) - 1
            room = most_bytes - (0 if is_last else len(self.more.encode()) + 2)
            if len(f"{told}\n\n{block}".encode()) > room:
                return f"{told}\n\n{self.more}"
            told = f"{told}\n\n{block}"
        return told


def one_line(text: str, limit: int = 500) -> str:
    """``text`` as one line that no header, log or terminal can trip over: no line ends, no control or direction marks."""
    if not text.isprintable():
        text = "".join(" " if ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u2028\u2029" else c for c in text)
    line = collapse(text)
    return line if len(line) <= limit else line[: limit - 1] + "…"


#: characters that mean something in a robot's Markdown -> ones that look alike and mean nothing
_MARKS = str.maketrans("[]<>*_`#|~\\", "［］＜＞＊＿｀＃｜～＼")


def plain_mark(text: str, limit: int = 300) -> str:
    """``text`` as one line that a chat robot shows as it stands: no link, no mention, no mark-up.

    The robots' Markdown has no escapes, so what would be mark-up is replaced by its full-width twin.
    """
    return one_line(text, limit).translate(_MARKS).replace("://", "：//")


def units(text: str) -> int:
    """Length as an SMS counts it: units of UTF-16."""
    return len(text.encode("utf-16-le")) // 2


class Renderer:
    """Renders letters.

    Args:
        root: the project's folder, which holds ``templates`` and ``translations``.
        base_url: where the site is, for links.
    """

    def __init__(self, root: Path, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._chinese = Translations.load(str(root / "translations"), ["zh_Hans_CN"])
        self._pages = Environment(
            loader=FileSystemLoader(root / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
        )

    def speak(self, text: Text, language: str) -> str:
        """``text`` in "zh" or "en", on one line."""
        return one_line(self._speak(text, language))

    def _speak(self, text: Any, language: str) -> Any:
        if isinstance(text, Words):
            return text.zh if language == "zh" else text.en
        if not isinstance(text, Said):
            return text
        template = self._chinese.gettext(text.template) if language == "zh" else text.template
        values = {name: self._speak(value, language) for name, value in text.values.items()}
        return template % values if values else template

    def url(self, path: str) -> str:
        """The whole address of a page."""
        return self._base_url + path

    def render(self, letter: Letter) -> Rendered:
        """Every form of ``letter``."""
        subject = f"{self.speak(letter.subject, 'zh')} | {self.speak(letter.subject, 'en')}"
        say = self._voices()
        html = self._pages.get_template("notify/mail.html").render(
            letter=letter,
            parts=[(say[language], html) for language, html in _LANGUAGES],
            url=self.url,
            line=one_line,
            settings_link=said("Choose what you receive"),
            why_heading=said("Why you are told"),
        )
        text = "\n\n――――――――――\n\n".join(self._text(letter, say[language]) for language, _ in _LANGUAGES)
        return Rendered(
            one_line(subject, _SUBJECT_LIMIT),
            text + "\n",
            html,
            self._data(letter),
            self._blocks(letter, say["zh"], say["en"]),
            f"[{say['zh'](_MORE)} {say['en'](_MORE)}]({self.url(letter.short_path or '/alerts')})\n\n{plain_mark(say['zh'](letter.closing))}",
            say["zh"](letter.short or letter.subject),
            self.url(letter.short_path) if letter.short_path else "",
        )

    def entry(self, item: Item, closing: Said) -> str:
        """One item as HTML in both languages, for a feed."""
        say = self._voices()
        return self._pages.get_template("notify/entry.html").render(
            item=item,
            closing=closing,
            parts=[(say[language], html) for language, html in _LANGUAGES],
            url=self.url,
            line=one_line,
            why_heading=said("Why you are told"),
        )

    def _voices(self) -> dict[str, Callable[[Text], str]]:
        return {
            language: lambda text, language=language: self.speak(text, language)  # type: ignore[misc]
            for language, _ in _LANGUAGES
        }

    def _blocks(
        self, letter: Letter, zh: Callable[[Text], str], en: Callable[[Text], str]
    ) -> tuple[str, ...]:
        """Chinese, with the heading of each entry in English beside it; facts in Chinese alone, a robot's room is small."""
        blocks = [f"**{plain_mark(zh(letter.subject), 200)}**\n{plain_mark(en(letter.subject), 200)}"]
        for item in letter.items:
            lines = [
                f"**{plain_mark(zh(item.heading))}**",
                plain_mark(en(item.heading)),
                f"> {plain_mark(item.title)}",
            ]
            lines += [f"> {plain_mark(zh(label))}: {plain_mark(zh(value))}" for label, value in item.facts]
            lines.append(f"[{plain_mark(zh(item.link))} {plain_mark(en(item.link))}]({self.url(item.path)})")
            blocks.append("\n".join(lines))
        return (*blocks, plain_mark(zh(letter.closing)))

    def _text(self, letter: Letter, say: Callable[[Text], str]) -> str:
        blocks = [say(letter.opening)]
        blocks += ["\n".join(self._item_lines(item, say)) for item in letter.items]
        blocks += [say(letter.closing), f"{say(said('Choose what you receive'))}: {self.url('/notices')}"]
        return "\n\n".join(blocks)

    def _item_lines(self, item: Item, say: Callable[[Text], str]) -> list[str]:
        lines = [f"■ {say(item.heading)}", f"  {one_line(item.title)}"]
        lines += [f"  {say(label)}: {say(value)}" for label, value in item.facts]
        if item.reasons:
            lines += [f"  {say(said('Why you are told'))}:", *(f"  - {say(r)}" for r in item.reasons)]
        return lines + [
            f"  {say(words)}: {self.url(path)}" for words, path in ((item.link, item.path), *item.links)
        ]

    def _data(self, letter: Letter) -> dict[str, Any]:
        return {
            "subject": self._both(letter.subject),
            "items": [
                {
                    **json.loads(json.dumps(item.data, default=str)),
                    "heading": self._both(item.heading),
                    "reasons": [self._both(reason) for reason in item.reasons],
                    "url": self.url(item.path),
                }
                for item in letter.items
            ],
            "notice": self._both(letter.closing),
        }

    def _both(self, text: Text) -> dict[str, str]:
        return {language: self.speak(text, language) for language, _ in _LANGUAGES}
