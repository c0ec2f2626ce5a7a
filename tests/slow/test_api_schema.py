"""The API held against its own description: requests made from it, good and bad ones, and what comes back."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from pydantic import SecretStr

from qa import server
from qa.settings import Settings
from qa.web.library import Desk
from tests.catalogue import catalogued_answerer
from tests.fakes import LIGHTHOUSE_SCRIPT, PatientAnswerer

pytestmark = pytest.mark.slow

TOKEN = "correct-horse-battery-staple"
# every glob finds something: that one finds nothing depends on the index, and no description tells it
ANSWERER = PatientAnswerer(catalogued_answerer().index, LIGHTHOUSE_SCRIPT)
APP = server.application(
    Desk(answerer=ANSWERER),
    hosts=["*"],
    settings=Settings.model_construct(
        token=SecretStr(TOKEN), requests_per_minute=1_000_000, max_request_kilobytes=1_000_000
    ),
)
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", APP, headers={"authorization": f"Bearer {TOKEN}"})


@SCHEMA.auth()
class Token:
    """Shows the token, or not where the test is whether it is asked for."""

    def get(self, case: schemathesis.Case, context: schemathesis.AuthContext) -> str:
        return TOKEN

    def set(self, case: schemathesis.Case, data: str, context: schemathesis.AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


@SCHEMA.parametrize()
@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_what_comes_back_is_as_described(case: schemathesis.Case) -> None:
    case.call_and_validate()
