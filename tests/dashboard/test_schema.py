"""What the OpenAPI promises is what the doors do: generated requests meet no fault of ours and no answer untold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, given
from schemathesis import Case, GenerationMode, checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cases.model import Device
from dashboard.api.description import OPERATIONS
from feeds.filing import Clerk
from feeds.http_door import HttpDoor
from storage.sources import SqlSources
from tests.dashboard.rig import Rig, rigged, served

KEY = "src-open.a-secret"
CHECKS: list[Any] = [
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A room with the real door for devices."""
    with rigged(Path(tmp_path_factory.mktemp("schema"))) as rig:
        given_ = rig.services
        door = HttpDoor(Clerk(given_.desk, given_.grids, rig.now), rig.directory, rig.now)
        rig.services = replace(given_, intake=door, sources=SqlSources(rig.engine))
        rig.directory.put_device(Device("src-open", "citizen", "*"), KEY)
        with served(rig):
            rig.report("楼上噪声")
            rig.alarm("人群聚集")
            yield rig


@pytest.fixture(scope="module")
def told(room: Rig) -> dict[str, Any]:
    """The description as a program gets it."""
    answer = room.program("duty").get(f"{room.url}/api/v1/openapi.json").json()
    return dict(answer)


def test_every_operation_tells_its_body_its_answers_and_its_refusals(told: dict[str, Any]) -> None:
    ours = {path: each for path, each in told["paths"].items() if path.startswith("/api/v1/")}
    named = {(method, path.removeprefix("/api/v1")) for path, each in ours.items() for method in each}
    assert named <= set(OPERATIONS)
    assert set(OPERATIONS) - named <= {("post", "/registers/files")}  # there where something reads such files
    for path, operations in ours.items():
        for method, operation in operations.items():
            assert {"401", "404", "422", "503"} <= set(operation["responses"]), path
            assert method == "get" or operation["requestBody"]["content"], path


def keyed(case: Case, room: Rig, token: str) -> dict[str, str]:
    """The key with which one may ask this."""
    if case.path.startswith("/open311/"):
        for given_ in (case.query, case.body):
            if isinstance(given_, dict) and given_.get("api_key"):
                given_["api_key"] = KEY
    return {"Authorization": f"Bearer {KEY}" if case.path == "/api/v1/reports" else token}


@pytest.mark.parametrize(
    "examples", [3, pytest.param(300, marks=[pytest.mark.long, pytest.mark.timeout(3600)])], ids=["few", "many"]
)
@pytest.mark.parametrize("mode", list(GenerationMode), ids=["fitting", "unfitting"])
def test_no_generated_request_meets_a_fault_or_an_answer_untold(
    room: Rig, told: dict[str, Any], mode: GenerationMode, examples: int
) -> None:
    token = str(room.program("duty").headers["Authorization"])
    session, broken = room.session(), []
    settings = hypothesis.settings(
        max_examples=examples,
        database=None,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    operations = [each.ok() for each in schemathesis.openapi.from_dict(told).get_all_operations()]
    assert len(operations) == sum(len(each) for each in told["paths"].values())
    for operation in operations:
        if mode is GenerationMode.NEGATIVE and not (list(operation.iter_parameters()) or operation.body):
            continue  # nothing can be wrong with it

        @settings
        @given(case=operation.as_strategy(generation_mode=mode))
        def keeps_its_word(case: Case) -> None:
            headers = keyed(case, room, token)
            case.call_and_validate(base_url=room.url, session=session, headers=headers, checks=CHECKS, timeout=20)

        try:
            keeps_its_word()
        except Exception as problem:  # each operation has its say
            broken.append(f"{operation.label}: {problem}")
    assert not broken, "\n\n".join(broken)
