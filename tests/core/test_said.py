"""Sentences that remember their template."""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields, validate

from core.errors import BadInput
from core.said import Said, plain, problems_of, said


def test_a_sentence_reads_as_english_and_remembers_how_it_was_made() -> None:
    sentence = said("There is no firm %(ref)s.", ref="x%s")
    assert sentence == "There is no firm x%s."
    assert (sentence.template, sentence.values) == ("There is no firm %(ref)s.", {"ref": "x%s"})


def test_an_error_carries_it_unchanged() -> None:
    assert isinstance(BadInput(said("No.")).message, Said)
    assert str(BadInput(said("No."), fix=said("Try."))) == "No. Try."


def test_every_sentence_of_the_validators_in_use_has_plain_words() -> None:
    class Strict(Schema):
        missing = fields.String(required=True)
        null = fields.String()
        day = fields.Date()
        number = fields.Integer()
        truth = fields.Boolean()
        identity = fields.UUID()
        choice = fields.String(validate=validate.OneOf(["a", "b"]))
        long = fields.String(validate=validate.Length(max=2))
        short = fields.String(validate=validate.Length(min=2))
        between = fields.String(validate=validate.Length(min=2, max=3))
        shape = fields.String(validate=validate.Regexp("^x$"))
        many = fields.List(fields.String(validate=validate.OneOf(["a"])))

    try:
        Strict().load(
            {
                "null": None,
                "day": "x",
                "number": "x",
                "truth": "x",
                "identity": "x",
                "choice": "c",
                "long": "abc",
                "short": "a",
                "between": "a",
                "shape": "y",
                "many": ["b", "c", "a"],
            }
        )
    except ValidationError as error:
        problems = problems_of(error.normalized_messages())
    assert len(problems) == 12
    for name, sentences in problems.items():
        assert len(sentences) == 1, name
        assert isinstance(sentences[0], Said), (name, sentences)
    assert problems["between"] == ["This needs 2 to 3 characters."]


def test_what_nobody_foresaw_is_told_as_it_is() -> None:
    assert plain("Something new.") == "Something new."
