"""Matching: which experts and agencies can help with a dispute, why, and why the others cannot.

Pure: values in, values out; no database, no clock, no chance. The answer depends on the request and on each candidate
alone, never on the order they come in. Entry points: :func:`read_request`, :func:`read_candidate`, :func:`match`.
"""

from experts.matching.rank import VERSION, match
from experts.matching.request import (
    Admission,
    Candidate,
    Client,
    Exclusion,
    Hold,
    MatchRequest,
    MatchResult,
    PastCase,
    Ranked,
)
from experts.matching.shape import as_json, read_candidate, read_request

__all__ = [
    "VERSION",
    "Admission",
    "Candidate",
    "Client",
    "Exclusion",
    "Hold",
    "MatchRequest",
    "MatchResult",
    "PastCase",
    "Ranked",
    "as_json",
    "match",
    "read_candidate",
    "read_request",
]
