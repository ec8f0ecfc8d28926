"""The vaults of copies, one stack for each environment that copies its backups to a second region.

An app of its own, because an environment is seven stacks in one region, and because an administrator deploys it once,
before the environment:
`cdk deploy --app '.venv/bin/python -m flux_infra.apps.backup_copies' --build '' Flux-backup-copies-prod`.
"""

from aws_cdk import App

from flux_infra.config import Backups
from flux_infra.copies.stack import BackupCopiesStack
from flux_infra.environments import environments

app = App()
for config in environments():
    if isinstance(config.backups, Backups) and isinstance(config.backups.copy_region, str):
        BackupCopiesStack(app, config=config, settings=config.backups, region=config.backups.copy_region)
app.synth()
