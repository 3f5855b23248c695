"""The root of every exception that Consentry raises on purpose.

Each package has an ``errors.py`` of its own with one branch of this tree, so that a caller can
catch one cause, one package, or everything::

    ConsentryError
    ├── CredentialError     consentry.credentials.errors
    ├── DeliveryError       consentry.delivery.errors
    ├── RecordError         consentry.records.errors
    └── …                   one branch for each further package

The text of an exception is one line that says what is wrong and what to do about it. It never
holds personal data: attributes and fields are named, their values are not shown.
"""

from __future__ import annotations


class ConsentryError(Exception):
    """Base of every exception that Consentry raises on purpose."""
