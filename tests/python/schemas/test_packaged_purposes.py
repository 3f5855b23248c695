"""The packaged purposes: ids, and words that the person can read."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from consentry.schemas import (
    ACCOUNT_OPENING,
    LICENCE_RENEWAL,
    TENANCY_SCREENING,
    UTILITY_CONNECTION,
    Purpose,
    PurposeLanguageMissing,
    PurposeUnknown,
    all_purposes,
    load_purpose,
)


@pytest.fixture(params=[purpose.urn for purpose in all_purposes()])
def purpose(request: pytest.FixtureRequest) -> Purpose:
    return load_purpose(request.param)


def test_there_are_the_four_that_the_cases_need() -> None:
    assert {purpose.urn for purpose in all_purposes()} == {
        TENANCY_SCREENING,
        ACCOUNT_OPENING,
        LICENCE_RENEWAL,
        UTILITY_CONNECTION,
    }


def test_id_is_the_hash_of_the_urn(purpose: Purpose) -> None:
    assert purpose.purpose_id == keccak(purpose.urn.encode())


def test_texts_differ_by_language(purpose: Purpose) -> None:
    assert set(purpose.texts) == {"en", "fr", "zh-Hans"}
    assert len(set(purpose.texts.values())) == 3


@pytest.mark.parametrize(
    ("language", "found"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("FR-ca", "fr"),
        ("zh-Hans", "zh-Hans"),
        ("zh-Hans-CN", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh", "zh-Hans"),
    ],
)
def test_text_is_found_by_language_tag(purpose: Purpose, language: str, found: str) -> None:
    assert purpose.text(language) == purpose.texts[found]


@pytest.mark.parametrize("language", ["de", "zh-Hant", "zh-TW", "", "english"])
def test_no_other_language_takes_the_place_of_a_missing_one(
    purpose: Purpose, language: str
) -> None:
    with pytest.raises(PurposeLanguageMissing, match="en, fr, zh-Hans"):
        purpose.text(language)


def test_unknown_purpose_is_refused_with_the_known_ones() -> None:
    with pytest.raises(PurposeUnknown, match=TENANCY_SCREENING):
        load_purpose("urn:consentry:purpose:marketing")
