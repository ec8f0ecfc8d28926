"""The api's OpenAPI document, as the application says it; a review sees in it what changes for its users."""

import json
import os
from unittest.mock import patch

from api.application import build_application
from api.services import build_services
from api.settings import ApiSettings

_NOWHERE = {**dict.fromkeys(ApiSettings.model_fields, "nowhere"), "database_port": 1, "cache_port": 1}


def render_api() -> str:
    """Return docs/openapi.json. Nothing is called: services connect when they are first asked."""
    with patch.dict(os.environ, AWS_DEFAULT_REGION="us-east-1"):
        services = build_services(ApiSettings.model_validate(_NOWHERE))
    return json.dumps(build_application(services).openapi(), indent=1, ensure_ascii=False) + "\n"
