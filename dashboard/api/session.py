"""`POST /session`: a program's way in, answered with a bearer token."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from dashboard.api.parameters import Refused
from dashboard.services import Services
from dashboard.shapes import instant
from dashboard.signin import BadForm, SignIn, checked

LONGEST = timedelta(hours=12)


class Credentials(BaseModel):
    """Name and password; `code` where a second factor is due."""

    model_config = ConfigDict(extra="forbid")
    name: str
    password: str
    code: str | None = None


def add(router: APIRouter, services: Services, sign_in: SignIn) -> None:
    """Register the route."""

    @router.post("/session")
    async def begin_session(credentials: Credentials) -> dict[str, Any]:
        try:
            name, password = checked(credentials.name, credentials.password)
        except BadForm as problem:
            raise Refused(422, "BAD_TEXT", str(problem)) from None
        begun = services.clock()
        token = await sign_in.token(name, password)
        return {"token": token, "expires_at": instant(begun + LONGEST)}
