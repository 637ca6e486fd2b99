"""Secrets that stand in a link or are typed from paper: shown once, kept as their SHA-256 alone."""

from __future__ import annotations

import hashlib
import secrets


def new_secret() -> str:
    """A secret of 256 random bits for a link, of letters that need no escape in one."""
    return secrets.token_urlsafe(32)


def sha256_of(secret: str) -> str:
    """What the store keeps of a secret, in hex. A surrogate, which no real secret has, is read as a question mark."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
