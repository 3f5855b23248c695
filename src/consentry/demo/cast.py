"""Who takes part in the story and on the development network, each with a well-known development key."""

from __future__ import annotations

from dataclasses import dataclass

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress

from consentry.client.identities import Role
from consentry.devchain import development_account

DEPLOYER = development_account(0)
GUARDIAN = development_account(2)
TREASURER = development_account(3)
STRANGER = development_account(20)
"""Belongs to nobody of the network; carries what anyone may carry."""


@dataclass(frozen=True, slots=True)
class Member:
    """A participant of the story.

    Attributes:
        name: As people read it.
        account: Number of its development account.
        roles: Its roles.
        jurisdiction: ISO 3166-1 alpha-2.
        address_line: Its postal address.
        contact: How a person reaches it.
        founder: Whether it founded the network.
    """

    name: str
    account: int
    roles: Role
    jurisdiction: str
    address_line: str
    contact: str
    founder: bool = False

    @property
    def key(self) -> LocalAccount:
        """Its well-known development key."""
        return development_account(self.account)

    @property
    def identity(self) -> ChecksumAddress:
        """Its address in the registry."""
        return self.key.address


BANK = Member(
    "Northern Bank",
    4,
    Role.PROVIDER | Role.COORDINATOR,
    "CA",
    "1 King Street West, Toronto ON M5H 1A1, Canada",
    "privacy@northern-bank.example",
    founder=True,
)
LICENCE_OFFICE = Member(
    "Licence Office",
    5,
    Role.PROVIDER | Role.CONSUMER,
    "CA",
    "777 Bay Street, Toronto ON M5G 2C8, Canada",
    "privacy@licence-office.example",
    founder=True,
)
UTILITY = Member(
    "City Power",
    6,
    Role.PROVIDER | Role.CONSUMER,
    "CA",
    "14 Carlton Street, Toronto ON M5B 1K5, Canada",
    "privacy@city-power.example",
    founder=True,
)
FIRST_HOST = Member(
    "Lakeside Hosting", 7, Role.HOST, "CA", "20 Bay Street, Toronto ON M5J 2N8, Canada", "noc@lakeside.example"
)
SECOND_HOST = Member(
    "Saint-Laurent Hosting",
    8,
    Role.HOST,
    "CA",
    "1000 rue De La Gauchetière Ouest, Montréal QC H3B 4W5, Canada",
    "noc@saint-laurent.example",
)
CHANNEL_PARTNER = Member(
    "Maple Partners",
    9,
    Role.CHANNEL_PARTNER,
    "CA",
    "55 University Avenue, Toronto ON M5J 2H7, Canada",
    "hello@maple-partners.example",
)
RENTAL_AGENCY = Member(
    "Harbour Rentals",
    10,
    Role.CONSUMER,
    "CA",
    "8 Queens Quay West, Toronto ON M5J 2X1, Canada",
    "privacy@harbour-rentals.example",
)
SECOND_BANK = Member(
    "Prairie Savings",
    11,
    Role.CONSUMER,
    "CA",
    "300 Portage Avenue, Winnipeg MB R3C 5S4, Canada",
    "privacy@prairie-savings.example",
)
CAR_DEALER = Member(
    "Crossing Motors",
    12,
    Role.CONSUMER,
    "CA",
    "2300 Yonge Street, Toronto ON M4P 1E4, Canada",
    "privacy@crossing-motors.example",
)

REGULATOR = Member(
    "Privacy Commissioner",
    13,
    Role.REGULATOR,
    "CA",
    "30 Victoria Street, Gatineau QC K1A 1H3, Canada",
    "opinions@privacy-commissioner.example",
)

FOUNDERS = (BANK, LICENCE_OFFICE, UTILITY)
"""The first seats of the council; named in the deployment's parameters."""

FOURTH_SEAT = SECOND_BANK
"""Takes the network from the pilot to growth."""

MEMBERS = (
    BANK,
    LICENCE_OFFICE,
    UTILITY,
    FIRST_HOST,
    SECOND_HOST,
    CHANNEL_PARTNER,
    RENTAL_AGENCY,
    SECOND_BANK,
    CAR_DEALER,
    REGULATOR,
)
CONSUMERS = tuple(member for member in MEMBERS if Role.CONSUMER in member.roles)
RECRUITED = {RENTAL_AGENCY.identity: CHANNEL_PARTNER.identity}
"""Who recruited whom."""
