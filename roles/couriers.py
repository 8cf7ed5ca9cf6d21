"""Webhooks from the intake role: whichever intake holds the lease tells all subscriptions."""

from __future__ import annotations

import logging
import os
from datetime import datetime

from cases.webhooks import Subscription, secrets_of
from feeds.webhooks.courier import Courier
from room import Room, now
from settings import BadSetting
from storage.webhooks import SqlWebhooks
from webhook_admin import postman_of
from webhook_keys import room_key

log = logging.getLogger("room.webhooks")
LEASE_S = 5.0


async def deliver(room: Room) -> None:
    """Until cancelled. A WEBHOOK_NETS that cannot be read is said once, and nothing is told."""
    try:
        postman = postman_of(room.settings)
    except BadSetting as problem:
        log.error("no webhooks: %s", problem)
        return
    owner = f"{room.settings.intake_name}-{os.getpid()}"

    def signing(each: Subscription, at: datetime) -> list[str]:
        return secrets_of(room_key(room.settings.data_dir), each, at)

    book = SqlWebhooks(room.engine, room.settings.public_address)
    await Courier(book, postman.send, signing, now).run(lambda: room.leases.hold("webhooks", owner, now(), LEASE_S))
