"""The outbox: a courier for development that leaves messages where only their owner can read them."""

from __future__ import annotations

import asyncio
import json
import os
import stat

import pytest

from consentry.sources import Channel, Contact, Courier, Message, Outbox, OutboxNotPrivate, OutboxUnusable

CONTACT = Contact(Channel.SMS, "+33639980001")
OTHER = Contact(Channel.EMAIL, "wei@example.org")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "outbox"


@pytest.fixture
def outbox(folder):
    return Outbox(folder)


def message(code):
    return Message("Northern Bank", code, 1_900_000_300)


def send(outbox, contact, code):
    courier: Courier = outbox
    asyncio.run(courier.send(contact, message(code)))


def test_messages_are_read_by_address_the_oldest_first(outbox):
    send(outbox, CONTACT, "000001")
    send(outbox, OTHER, "000002")
    send(outbox, CONTACT, "000003")
    assert outbox.messages(CONTACT.address) == (message("000001"), message("000003"))
    assert outbox.messages(OTHER.address) == (message("000002"),)
    assert outbox.messages("+33600000000") == ()


def test_an_outbox_that_nothing_came_to_is_empty(outbox, folder):
    assert outbox.messages(CONTACT.address) == ()
    assert not folder.exists()


def test_a_file_says_what_a_person_would_read(outbox, folder):
    send(outbox, CONTACT, "000001")
    (file,) = folder.iterdir()
    assert json.loads(file.read_text(encoding="utf-8")) == {
        "channel": "sms",
        "address": "+33639980001",
        "sender": "Northern Bank",
        "code": "000001",
        "expires_at": 1_900_000_300,
        "text": "Northern Bank: your sign-in code is 000001. Nobody who works here will ever ask you for it.",
    }
    assert "33639980001" not in file.name


def test_nobody_else_can_read_what_is_left_there(outbox, folder):
    before = os.umask(0)
    try:
        send(outbox, CONTACT, "000001")
    finally:
        os.umask(before)
    (file,) = folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o710, 0o704, 0o750, 0o701, 0o777])
def test_refuses_a_folder_that_is_open_to_others(outbox, folder, mode):
    send(outbox, CONTACT, "000001")
    folder.chmod(mode)
    with pytest.raises(OutboxNotPrivate) as refused:
        send(outbox, CONTACT, "000002")
    assert refused.value.folder == str(folder)
    with pytest.raises(OutboxNotPrivate):
        outbox.messages(CONTACT.address)
    folder.chmod(0o700)
    assert outbox.messages(CONTACT.address) == (message("000001"),)


def test_refuses_a_folder_that_is_somebody_elses(outbox, monkeypatch):
    send(outbox, CONTACT, "000001")
    monkeypatch.setattr(os, "getuid", lambda: 4_242)
    with pytest.raises(OutboxNotPrivate):
        outbox.messages(CONTACT.address)


def test_refuses_a_link_that_leads_elsewhere(outbox, folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    folder.symlink_to(elsewhere)
    with pytest.raises(OutboxUnusable, match="it is not a folder"):
        send(outbox, CONTACT, "000001")
    assert list(elsewhere.iterdir()) == []


def test_refuses_a_file_in_its_place(outbox, folder):
    folder.write_text("")
    with pytest.raises(OutboxUnusable):
        send(outbox, CONTACT, "000001")
    with pytest.raises(OutboxUnusable, match="it is not a folder"):
        outbox.messages(CONTACT.address)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"code": 1}', "\udcff"])
def test_names_a_file_that_is_no_message(outbox, folder, text):
    send(outbox, CONTACT, "000001")
    (folder / "x.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(OutboxUnusable, match=r"x\.json is not a message: remove it"):
        outbox.messages(CONTACT.address)


def test_neither_code_nor_address_is_shown(outbox):
    assert "000001" not in repr(message("000001"))
    assert "33639980001" not in repr(CONTACT)
