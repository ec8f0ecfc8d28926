"""The api as a FastAPI application."""

from fastapi import FastAPI

from .errors import PROBLEMS, add_error_handlers
from .middleware import ResponseRules
from .routes import auth, connections, forecasts, health, passwords, team, transactions
from .services import Services


def build_application(services: Services) -> FastAPI:
    """Every route, without pages of documentation: docs/openapi.json describes the api to whom it concerns."""
    app = FastAPI(title="Flux", version="1", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    for routes in (health, auth, passwords, team, connections, forecasts, transactions):
        app.include_router(routes.build_router(services), prefix="/api/v1", responses=PROBLEMS)
    add_error_handlers(app)
    app.add_middleware(ResponseRules, deadline=services.deadline)
    return app
