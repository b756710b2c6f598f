"""Gives issues from before tracking codes a code each, and says why issues follow others."""

import secrets

from django.db import migrations
from django.db.models import F

CODES = 10**12


def give_codes(apps, schema_editor):
    issues = apps.get_model("issues", "Issue").objects
    for pk in (
        issues.filter(tracking_code=None).exclude(status="draft").values_list("pk", flat=True)
    ):
        issues.filter(pk=pk).update(tracking_code=f"{secrets.randbelow(CODES):012d}")


def name_links(apps, schema_editor):
    """Until now an issue followed another only for what remained of it."""
    issues = apps.get_model("issues", "Issue").objects
    issues.filter(follows__isnull=False).update(link="remainder", root=F("follows"))
    behind = issues.filter(root__root__isnull=False).exclude(root=F("root__root"))
    while found := list(behind.values_list("pk", "root__root")):
        for pk, root in found:
            issues.filter(pk=pk).update(root=root)


class Migration(migrations.Migration):
    dependencies = [("issues", "0002_intake_talk_and_safety")]
    operations = [
        migrations.RunPython(give_codes, migrations.RunPython.noop),
        migrations.RunPython(name_links, migrations.RunPython.noop),
    ]
