"""What facts can be exchanged (schemas) and what for (purposes)."""

from __future__ import annotations

from consentry.schemas.catalogue import (
    ACCOUNT_OPENING,
    BANK_ACCOUNT,
    DRIVING_LICENCE,
    LICENCE_RENEWAL,
    PERSON_IDENTITY,
    RESIDENCE_ADDRESS,
    TENANCY_SCREENING,
    UTILITY_CONNECTION,
    Attribute,
    Purpose,
    PurposeUrn,
    Schema,
    SchemaUrn,
    all_purposes,
    all_schemas,
    load_purpose,
    load_schema,
)
from consentry.schemas.errors import (
    AttributeUnknown,
    PurposeLanguageMissing,
    PurposeUnknown,
    SchemaError,
    SchemaFileInvalid,
    SchemaUnknown,
)

__all__ = [
    "ACCOUNT_OPENING",
    "BANK_ACCOUNT",
    "DRIVING_LICENCE",
    "LICENCE_RENEWAL",
    "PERSON_IDENTITY",
    "RESIDENCE_ADDRESS",
    "TENANCY_SCREENING",
    "UTILITY_CONNECTION",
    "Attribute",
    "AttributeUnknown",
    "Purpose",
    "PurposeLanguageMissing",
    "PurposeUnknown",
    "PurposeUrn",
    "Schema",
    "SchemaError",
    "SchemaFileInvalid",
    "SchemaUnknown",
    "SchemaUrn",
    "all_purposes",
    "all_schemas",
    "load_purpose",
    "load_schema",
]
