"""How a one-time code reaches a person, and a courier for development that leaves it in a private folder."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import stat
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from consentry.sources.errors import OutboxNotPrivate, OutboxUnusable
from consentry.sources.source import Contact

_MEMBERS: Final = {"channel": str, "address": str, "sender": str, "code": str, "expires_at": int, "text": str}


@dataclass(frozen=True, slots=True)
class Message:
    """What a courier brings to a person.

    Attributes:
        sender: The institution, as people know it.
        code: The one-time code; not shown by ``repr``.
        expires_at: First instant at which the code is refused; Unix seconds.
    """

    sender: str
    code: str = field(repr=False)
    expires_at: int

    @property
    def text(self) -> str:
        """The message in English; a courier may say it in the person's language instead."""
        return f"{self.sender}: your sign-in code is {self.code}. Nobody who works here will ever ask you for it."


class Courier(Protocol):
    """Brings messages to people: an SMS gateway, a mail server, or what an institution has."""

    async def send(self, contact: Contact, message: Message) -> None:
        """Bring a message to a person.

        Args:
            contact: Where the institution's record says that the person is reached.
            message: What to bring.

        Raises:
            CourierError: It could not be handed on.
        """
        ...


class Outbox:
    """A folder that only its owner can read, with a file for each message. For development: nothing is sent.

    It is a :class:`Courier`.
    """

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made when the first message comes.

        Args:
            folder: The folder.
        """
        self._folder = folder

    async def send(self, contact: Contact, message: Message) -> None:
        """Leave a message in the folder.

        Raises:
            OutboxNotPrivate: Others may read the folder.
            OutboxUnusable: It cannot be written.
        """
        await asyncio.to_thread(self._write, contact, message)

    def messages(self, address: str) -> tuple[Message, ...]:
        """Read what was left for an address, the oldest first.

        Args:
            address: Telephone number (E.164) or e-mail address.

        Raises:
            OutboxNotPrivate: Others may read the folder.
            OutboxUnusable: It cannot be read, or something in it is not a message.
        """
        try:
            self._check()
            files = sorted(self._folder.glob("*.json"))
            read = [_read(file) for file in files]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise OutboxUnusable(str(self._folder), error.strerror or "it cannot be read") from None
        return tuple(message for at, message in read if at == address)

    def _check(self) -> None:
        found = self._folder.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise OutboxUnusable(str(self._folder), "it is not a folder")
        if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise OutboxNotPrivate(str(self._folder))

    def _write(self, contact: Contact, message: Message) -> None:
        document = {
            "channel": contact.channel.value,
            "address": contact.address,
            "sender": message.sender,
            "code": message.code,
            "expires_at": message.expires_at,
            "text": message.text,
        }
        # Named after the instant, so that the names are in the order of the messages.
        file = self._folder / f"{time.time_ns():020}-{secrets.token_hex(4)}.json"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._check()
            file.touch(mode=0o600, exist_ok=False)
            file.write_text(json.dumps(document, ensure_ascii=False, indent=2), encoding="utf-8")
        except OSError as error:
            raise OutboxUnusable(str(self._folder), error.strerror or "it cannot be written") from None


def _read(file: Path) -> tuple[str, Message]:
    """Read a file of an outbox: the address, and the message."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        document = None
    if not isinstance(document, dict) or any(type(document.get(name)) is not kind for name, kind in _MEMBERS.items()):
        raise OutboxUnusable(str(file.parent), f"{file.name} is not a message: remove it")
    return document["address"], Message(document["sender"], document["code"], document["expires_at"])
