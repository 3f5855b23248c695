"""Consentry: verified facts about a person, from an institution that knows them, with their consent.

`consentry.client` talks to the contracts, `consentry.records` makes and checks what everyone keeps,
`consentry.credentials` and `consentry.delivery` carry the facts, `consentry.deployment` puts a network in place.
Nothing here connects anywhere or reads the environment when it is imported.
"""

__version__ = "0.1.0.dev0"
