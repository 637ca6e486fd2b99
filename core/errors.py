"""One family of errors. Each is named by its consequence and carries data only: what happened, where, how to mend it."""

from __future__ import annotations


class SeamarkError(Exception):
    """Base of every error Seamark raises on purpose.

    Args:
        message: what happened and where, one sentence.
        fix: what the reader can do about it, one sentence ("" when there is nothing).
        details: machine-readable facts (ids, names, counts); never secrets.
    """

    #: stable name for APIs and logs
    code = "error"
    #: HTTP status a page or the API answers with
    status = 500
    #: exit code of the command line
    exit_code = 1

    def __init__(self, message: str, *, fix: str = "", **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.details = details

    def __str__(self) -> str:
        return f"{self.message} {self.fix}".strip()


class SettingInvalid(SeamarkError):
    """An environment variable holds a value Seamark cannot use."""

    code, exit_code = "setting_invalid", 2


class BadInput(SeamarkError):
    """What was sent or typed cannot be understood; nothing was changed."""

    code, status, exit_code = "bad_input", 422, 2


class NotFound(SeamarkError):
    """There is no such record, or this actor may not know of it."""

    code, status = "not_found", 404


class NotAllowed(SeamarkError):
    """The actor is known but may not do this."""

    code, status = "not_allowed", 403


class StaleWrite(SeamarkError):
    """Somebody else changed the record first; both texts stand in ``details``."""

    code, status = "stale_write", 409


class TransitionRefused(SeamarkError):
    """The record's state does not allow this step."""

    code, status = "transition_refused", 409


class StoreBusy(SeamarkError):
    """Another process holds the embedded store's writer."""

    code, status = "store_busy", 503


class StoreFull(SeamarkError):
    """The disk is full; the write was not made."""

    code, status = "store_full", 507


class EvidenceDamaged(SeamarkError):
    """Stored bytes no longer match their SHA-256."""

    code = "evidence_damaged"


class VaultDamaged(SeamarkError):
    """A private file no longer opens: its bytes were changed, or it is not the file it stands for."""

    code = "vault_damaged"


class VaultLocked(SeamarkError):
    """A private file needs a key this house does not hold."""

    code = "vault_locked"


class IndexNotReady(SeamarkError):
    """The search index cannot answer now; SQL still can."""

    code, status = "index_not_ready", 503


class GenerationRefused(SeamarkError):
    """A new index generation was not promoted: it rejected documents or differs from SQL."""

    code = "generation_refused"


class SourceBlocked(SeamarkError):
    """The source answered with a challenge page, a refusal, or its robots.txt forbids the visit."""

    code = "source_blocked"


class SourceDrifted(SeamarkError):
    """The source's bytes no longer have the shape its parser was written for."""

    code = "source_drifted"


class FetchFailed(SeamarkError):
    """The bytes could not be had: time-out, server error, truncation, over the size cap."""

    code = "fetch_failed"


class AddressRefused(FetchFailed):
    """The URL leads into a private network or uses a forbidden scheme."""

    code = "address_refused"


class DeliveryFailed(SeamarkError):
    """A message was not accepted by the channel; whether another try could help stands in ``is_final``."""

    code = "delivery_failed"

    def __init__(self, message: str, *, fix: str = "", is_final: bool = False, **details: object) -> None:
        super().__init__(message, fix=fix, **details)
        self.is_final = is_final


class RecordRejected(SeamarkError):
    """One item of a source or one row of a file is unusable; the rest goes on."""

    code, exit_code = "record_rejected", 1


class RulebookInvalid(SeamarkError):
    """A rule or a vocabulary entry is malformed, or one of its examples fails."""

    code = "rulebook_invalid"


class AuditBroken(SeamarkError):
    """The audit chain does not verify."""

    code = "audit_broken"


class RenderingUnavailable(SeamarkError):
    """This machine lacks a library or a font that a document needs; everything else runs."""

    code, status = "rendering_unavailable", 503


class JobCancelled(SeamarkError):
    """The person who started a long job asked it to stop."""

    code = "job_cancelled"
