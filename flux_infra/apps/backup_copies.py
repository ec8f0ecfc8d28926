"""The vaults of copies, one stack for each environment that copies its backups to a second region.

An app of its own, because an environment is seven stacks in one region, and because an administrator deploys it once,
before the environment:
`cdk deploy --app '.venv/bin/python -m flux_infra.apps.backup_copies' --build '' Flux-backup-copies-prod`.
"""

from .entry import build_app, one_line_errors

with one_line_errors():
    from ..config import Backups
    from ..copies.stack import BackupCopiesStack
    from ..environments import environments

    app = build_app()
    for config in environments():
        if isinstance(config.backups, Backups) and isinstance(config.backups.copy_region, str):
            BackupCopiesStack(app, config=config, settings=config.backups, region=config.backups.copy_region)
    app.synth()
