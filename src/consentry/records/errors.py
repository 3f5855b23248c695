"""What can be wrong with a JSON document, a consent record or a receipt.

::

    RecordError
    ├── JsonError
    │   ├── MalformedJsonError       not JSON, or JSON that two readers could read differently
    │   └── OversizedJsonError       longer than the limit
    ├── InvalidIdentifierError       an address, DID, hash or country code in the wrong form
    ├── InvalidRecordError           a consent record breaks its schema or contradicts itself
    ├── InvalidEventError            an event cannot follow the ones the record already has
    └── ReceiptError
        ├── InvalidReceiptError      a receipt breaks its schema or contradicts itself
        ├── ReceiptNotCanonicalError the file is not the RFC 8785 form of itself
        ├── ReceiptIdMismatchError   the file was changed after it was made
        └── ReceiptTermsMismatchError  the record is not the one that was signed

Messages name fields by JSON pointer (RFC 6901) and never show a value.
"""

from __future__ import annotations

from consentry.errors import ConsentryError


class RecordError(ConsentryError):
    """Base of every error of :mod:`consentry.records`."""


class JsonError(RecordError):
    """Base of what can be wrong with a JSON text before anyone looks at its fields."""


class MalformedJsonError(JsonError):
    """Raised when a text is not JSON that every reader understands in the same way.

    Attributes:
        reason: What is wrong, without any part of the text.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"not acceptable JSON: {reason}")


class OversizedJsonError(JsonError):
    """Raised when a JSON text is longer than the limit.

    Attributes:
        size_bytes: Length of the text in bytes.
        limit_bytes: Greatest length accepted, in bytes.
    """

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes
        super().__init__(f"the JSON is {size_bytes} bytes long; at most {limit_bytes} are accepted")


class InvalidIdentifierError(RecordError):
    """Raised when an identifier is not written in its one accepted form.

    Attributes:
        kind: What the identifier should be, such as ``address``.
    """

    def __init__(self, kind: str, expected: str) -> None:
        self.kind = kind
        super().__init__(f"not a usable {kind}: write it as {expected}")


class InvalidRecordError(RecordError):
    """Raised when a consent record breaks its schema or contradicts itself.

    Attributes:
        pointer: JSON pointer (RFC 6901) to the field; empty for the record as a whole.
        reason: What is wrong with that field.
    """

    def __init__(self, pointer: str, reason: str) -> None:
        self.pointer = pointer
        self.reason = reason
        super().__init__(f"the consent record is not valid at {pointer or 'its root'}: {reason}")


class InvalidEventError(RecordError):
    """Raised when an event cannot follow the events that a record already has.

    Attributes:
        reason: Which rule the event breaks.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the event cannot be added to the consent record: {reason}")


class ReceiptError(RecordError):
    """Base of what can be wrong with a receipt file."""


class InvalidReceiptError(ReceiptError):
    """Raised when a receipt breaks its schema or contradicts itself.

    Attributes:
        pointer: JSON pointer (RFC 6901) to the field; empty for the receipt as a whole.
        reason: What is wrong with that field.
    """

    def __init__(self, pointer: str, reason: str) -> None:
        self.pointer = pointer
        self.reason = reason
        super().__init__(f"the receipt is not valid at {pointer or 'its root'}: {reason}")


class ReceiptNotCanonicalError(ReceiptError):
    """Raised when the bytes of a receipt file are not the RFC 8785 form of what they say."""

    def __init__(self) -> None:
        super().__init__(
            "the receipt file is not in its canonical form (RFC 8785): it was edited or"
            " reformatted; get the original file"
        )


class ReceiptIdMismatchError(ReceiptError):
    """Raised when a receipt's id is not the hash of the rest of the receipt.

    Attributes:
        stated: The id that the file states.
        computed: The id that its contents have.
    """

    def __init__(self, stated: str, computed: str) -> None:
        self.stated = stated
        self.computed = computed
        super().__init__(
            f"the receipt says its id is {stated} but its contents have id {computed}:"
            " it was changed after it was made; get the original file"
        )


class ReceiptTermsMismatchError(ReceiptError):
    """Raised when the consent in a receipt does not carry the hash of the record beside it.

    Attributes:
        stated: The terms hash that the consent carries.
        computed: The hash of the record.
    """

    def __init__(self, stated: str, computed: str) -> None:
        self.stated = stated
        self.computed = computed
        super().__init__(
            f"the consent carries terms {stated} but the record beside it hashes to {computed}:"
            " this record is not the one that was signed"
        )
