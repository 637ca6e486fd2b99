"""Names of firms: what is left when form, trade and place are taken away, and who among many a party may be.

A score of 80 and more (confirm) is a name that only this firm can mean; one of 50 to 79 (review) is for a person. A core
that is an ordinary word, very short, or spelled as many firms' names are, is never more than a review, nor is one core in
another place, of another trade, or of several firms: no name alone can tell such firms apart.
"""

from __future__ import annotations

from cases.names.aliases import names_in, split_aliases
from cases.names.doubts import is_bare, is_ordinary
from cases.names.index import NameIndex, names_from_rows
from cases.names.model import CONFIRM, REVIEW, FirmName, Match, Normalised, StopPair
from cases.names.normal import normalise, pinyin_core
from cases.names.sharing import asked_keys, kept_keys, letters_of, near_in_letters
from cases.names.words import is_form, is_ordinary_word

__all__ = [
    "CONFIRM",
    "REVIEW",
    "FirmName",
    "Match",
    "NameIndex",
    "Normalised",
    "StopPair",
    "asked_keys",
    "is_bare",
    "is_form",
    "is_ordinary",
    "is_ordinary_word",
    "kept_keys",
    "letters_of",
    "names_from_rows",
    "names_in",
    "near_in_letters",
    "normalise",
    "pinyin_core",
    "split_aliases",
]
