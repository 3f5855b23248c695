"""Words that the command line takes where there are few."""

from __future__ import annotations

from enum import Enum


class VoteWord(str, Enum):
    """A vote."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


class OpinionWord(str, Enum):
    """A regulator's opinion."""

    FAVOURABLE = "favourable"
    NEUTRAL = "neutral"
    ADVERSE = "adverse"


class RoleWord(str, Enum):
    """A role of a participant."""

    CONSUMER = "consumer"
    PROVIDER = "provider"
    COORDINATOR = "coordinator"
    HOST = "host"
    CHANNEL_PARTNER = "channel_partner"
    REGULATOR = "regulator"
