"""Which release of the site is live: one entry in a store that every edge reads."""

from pathlib import Path

from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

from ..config import FluxConfig
from ..constructs.removal import state_removal

_HERE = Path(__file__).parent


class SiteReleases(Construct):
    """The store, and the functions at the edge that read it.

    CloudFormation makes the store and never writes the entry: a deployment cannot change what is live, so it cannot
    undo a rollback either. `ops/site.py` writes it.

    Attributes:
        store: the key value store.
        associations: the functions, for the behavior that serves pages.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig) -> None:
        super().__init__(scope, construct_id)
        self.store = cloudfront.KeyValueStore(self, "Store", comment=f"Flux {config.name}: the site's live release")
        self.store.apply_removal_policy(state_removal(config))  # without its entry there is no site
        self.associations = [
            cloudfront.FunctionAssociation(
                event_type=cloudfront.FunctionEventType.VIEWER_REQUEST,
                function=self._function("Request", comment="pages from the live release", store=self.store),
            ),
            cloudfront.FunctionAssociation(
                event_type=cloudfront.FunctionEventType.VIEWER_RESPONSE,
                function=self._function("Response", comment="status 404 for unknown pages"),
            ),
        ]

    def _function(
        self, construct_id: str, *, comment: str, store: cloudfront.IKeyValueStore | None = None
    ) -> cloudfront.Function:
        return cloudfront.Function(
            self,
            construct_id,
            comment=f"Flux site: {comment}",
            code=cloudfront.FunctionCode.from_file(file_path=str(_HERE / f"release_{construct_id.lower()}.js")),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            key_value_store=store,
        )
