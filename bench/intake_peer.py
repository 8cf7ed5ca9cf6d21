"""The naive peer of `bench intake`: a FastAPI socket, one XADD and one committed INSERT per report, then the ack."""

from __future__ import annotations

import json
import socket
import sys

import redis.asyncio
import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from pysqlite3 import dbapi2 as sqlite

TABLE = "CREATE TABLE incidents (id TEXT PRIMARY KEY, at TEXT, title TEXT, lon REAL, lat REAL, body TEXT)"


def app_of(redis_url: str, database: str) -> FastAPI:
    """What one would write first."""
    app = FastAPI()
    # The default pool refuses the 101st busy link, a larger one is searched for milliseconds: this one lets them wait.
    pool = redis.asyncio.BlockingConnectionPool.from_url(redis_url, max_connections=100, timeout=None)
    client = redis.asyncio.Redis(connection_pool=pool)
    store = sqlite.connect(database, isolation_level=None)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("PRAGMA synchronous=FULL")
    store.execute(TABLE)

    @app.websocket("/v1/feed")
    async def feed(link: WebSocket) -> None:
        await link.accept()
        try:
            while True:
                raw = await link.receive_text()
                message = json.loads(raw)
                if message["type"] == "hello":
                    await link.send_text('{"type":"welcome"}')
                elif message["type"] == "beat":
                    await link.send_text('{"type":"beat"}')
                elif message["type"] == "position":
                    await client.xadd("positions", {"body": raw})
                else:
                    await client.xadd("reports", {"body": raw})
                    row = (message["id"], message["at"], message["title"], message["lon"], message["lat"], raw)
                    store.execute("INSERT INTO incidents VALUES (?,?,?,?,?,?)", row)
                    await link.send_text(json.dumps({"type": "ack", "id": message["id"], "ok": True}))
        except WebSocketDisconnect:
            pass

    return app


def main(redis_url: str, database: str) -> None:
    """Serve on a free port until killed."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app_of(redis_url, database), log_level="error", loop="uvloop", ws_per_message_deflate=False)
    print(bound.getsockname()[1], flush=True)
    uvicorn.Server(config).run(sockets=[bound])


if __name__ == "__main__":
    main(*sys.argv[1:3])
