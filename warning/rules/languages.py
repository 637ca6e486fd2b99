"""In which languages a record is written: a word counts in its own only. 起訴 is an indictment in Japanese and a suit in
Chinese; die, hat and Boot are German words and English ones."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: the languages words are kept in
KNOWN = frozenset({"en", "zh", "ja", "de", "fr", "ko", "es"})
# Kana, and characters only Japan writes.
_KANA_OR_OWN = re.compile(r"[\u3041-\u30fa権庁営売価処験検込済駅録]")
_OWN_WORDS = ("競争", "請求事件", "請求控訴", "裁判所", "審決", "特許", "意匠")
# One look for the three of them: most texts have none.
_JAPAN_OR_KOREA = re.compile(r"[\u3041-\u30fa権庁営売価処験検込済駅録\uac00-\ud7a3]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
#: little words that tell a language written in Latin letters
_COMMON = {
    "de": """der die das des dem den und oder wegen für gegen zur zum ein eine eines einer durch bei nach von vom im mit
        auf ist sind wird verurteilt verfahren""",
    "en": "the of and for with by to on from certain over at against after finds find grants",
    "fr": "le la les des du un une et sur par pour dans est sont aux contre avec au en",
    "es": "el la los las del de un una y sobre por para con es son contra en se al",
}
_LAST_LETTERS = [code[1] for code in _COMMON]
#: word -> the last letters of the codes of the languages it is a little word of
_TELLING: dict[str, str] = {}
for _code, _words in _COMMON.items():
    for _word in _words.split():
        _TELLING[_word] = _TELLING.get(_word, "") + _code[1]
_GERMAN_WORD = re.compile(r"[äöüßÄÖÜ]|\b[A-ZÄÖÜ]?[a-zäöü]*(?:ung|heit|keit|verfahren|gericht|schutz|recht)\b")
#: a record's language shows in its first words
_ENOUGH = 2000
#: of which one stands in whatever _GERMAN_WORD finds
_UMLAUT = re.compile(r"[äöüßÄÖÜ]")
_GERMAN_ENDS = ("ung", "heit", "keit", "verfahren", "gericht", "schutz", "recht")


def languages_of(texts: Iterable[str], given: str | None) -> frozenset[str]:
    """The languages of a record's texts; ``given`` is believed beside what is seen."""
    text = "\n".join([part[:_ENOUGH] for part in texts])
    found = {given[:2].lower()} & KNOWN if given else set()
    if not text.isascii():
        sign = _JAPAN_OR_KOREA.search(text)
        is_korean = sign is not None and sign.group() >= "\uac00"
        if sign is None or is_korean:
            is_japanese = _holds_any(text, _OWN_WORDS) or (
                is_korean and _KANA_OR_OWN.search(text) is not None
            )
        else:
            is_japanese = True
        if is_japanese:
            found.add("ja")
        elif _HAN.search(text):
            # Han without a sign of Japan is Chinese.
            found.add("zh")
        if is_korean and not is_japanese:
            found.add("ko")
    # What is not in the table is None, and left out.
    told = "".join(filter(None, map(_TELLING.get, text.lower().split())))
    german, english, french, spanish = map(told.count, _LAST_LETTERS)
    is_german = german > english or (german == english and _has_german_word(text))
    if is_german or german == english == 0:
        found.add("de")
    if not is_german or english * 4 >= german > 0:
        found.add("en")
    if french > english and french >= german:
        found.add("fr")
    if spanish > english and spanish >= german:
        found.add("es")
    return frozenset(found)


def _has_german_word(text: str) -> bool:
    if not text.isascii() and _UMLAUT.search(text) is not None:
        return True
    return _holds_any(text, _GERMAN_ENDS) and _GERMAN_WORD.search(text) is not None


def _holds_any(text: str, pieces: Iterable[str]) -> bool:
    # As any() of them, in half the time.
    for piece in pieces:  # noqa: SIM110
        if piece in text:
            return True
    return False
