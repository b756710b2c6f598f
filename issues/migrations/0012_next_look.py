"""When the planner looks next at each open referral and claim."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


FILL = """
    INSERT INTO issues_look (referral_id, at)
    SELECT id, 'epoch' FROM issues_referral WHERE ended_at IS NULL;
    INSERT INTO issues_claimlook (issue_id, at)
    SELECT id, 'epoch' FROM issues_issue WHERE status = 'resolved';
"""


class Migration(migrations.Migration):

    dependencies = [
        ('issues', '0011_approval_and_pauses'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClaimLook',
            fields=[
                ('issue', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='next_look', serialize=False, to='issues.issue')),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Look',
            fields=[
                ('referral', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='next_look', serialize=False, to='issues.referral')),
                ('at', models.DateTimeField()),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='call',
            trigger=pgtrigger.compiler.Trigger(name='is_looked_at', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."issue_id" IS NOT NULL)', func="\n        INSERT INTO issues_claimlook (issue_id, at) \n        SELECT id, 'epoch'::timestamptz FROM issues_issue\n         WHERE id = NEW.issue_id AND status = 'resolved'\n    \n            ON CONFLICT (issue_id) DO UPDATE SET at = excluded.at;\n     RETURN NULL;", hash='96ce144aa0571fe0ba1aca3466098cf3fd055bb0', operation='INSERT', pgid='pgtrigger_is_looked_at_6c76b', table='issues_call', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='concern',
            trigger=pgtrigger.compiler.Trigger(name='is_looked_at', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        INSERT INTO issues_look (referral_id, at) \n        SELECT id, 'epoch'::timestamptz FROM issues_referral\n         WHERE issue_id = COALESCE(NEW.issue_id, OLD.issue_id) AND ended_at IS NULL ORDER BY id\n    \n            ON CONFLICT (referral_id) DO UPDATE SET at = excluded.at;\n     RETURN NULL;", hash='7f0ffadac3e866a1a4eeec30531e90ca3adab08d', operation='INSERT OR DELETE', pgid='pgtrigger_is_looked_at_b4db6', table='issues_concern', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issue',
            trigger=pgtrigger.compiler.Trigger(name='is_looked_at', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."status" = \'resolved\')', func="\n        INSERT INTO issues_claimlook (issue_id, at) SELECT NEW.id, 'epoch'::timestamptz WHERE NEW.status = 'resolved'\n            ON CONFLICT (issue_id) DO UPDATE SET at = excluded.at;\n     RETURN NULL;", hash='47a74121572caaf140ed5bc9939e2ce5c16011a6', operation='INSERT', pgid='pgtrigger_is_looked_at_8ea55', table='issues_issue', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issue',
            trigger=pgtrigger.compiler.Trigger(name='is_looked_at_again', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."claims" IS DISTINCT FROM (NEW."claims") OR OLD."organization_id" IS DISTINCT FROM (NEW."organization_id") OR OLD."pressured_at" IS DISTINCT FROM (NEW."pressured_at") OR OLD."priority" IS DISTINCT FROM (NEW."priority") OR OLD."province_id" IS DISTINCT FROM (NEW."province_id") OR OLD."resolved_at" IS DISTINCT FROM (NEW."resolved_at") OR OLD."status" IS DISTINCT FROM (NEW."status"))', func="\n        INSERT INTO issues_look (referral_id, at) \n        SELECT id, 'epoch'::timestamptz FROM issues_referral\n         WHERE issue_id = NEW.id AND ended_at IS NULL ORDER BY id\n    \n            ON CONFLICT (referral_id) DO UPDATE SET at = excluded.at;\n    \n        INSERT INTO issues_claimlook (issue_id, at) SELECT NEW.id, 'epoch'::timestamptz WHERE NEW.status = 'resolved'\n            ON CONFLICT (issue_id) DO UPDATE SET at = excluded.at;\n     RETURN NULL;", hash='b6adce4b9e7470d19fbe11a2d468f2b3b54434c9', operation='UPDATE', pgid='pgtrigger_is_looked_at_again_7274d', table='issues_issue', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='referral',
            trigger=pgtrigger.compiler.Trigger(name='is_looked_at', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        INSERT INTO issues_look (referral_id, at) SELECT NEW.id, 'epoch'::timestamptz\n            ON CONFLICT (referral_id) DO UPDATE SET at = excluded.at;\n     RETURN NULL;", hash='eb341a0295b3abe13cd4bd1e14c2fe6031b6f448', operation='INSERT', pgid='pgtrigger_is_looked_at_a5362', table='issues_referral', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='referral',
            trigger=pgtrigger.compiler.Trigger(name='is_looked_at_again', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."authority_id" IS DISTINCT FROM (NEW."authority_id") OR OLD."due_on" IS DISTINCT FROM (NEW."due_on") OR OLD."due_version" IS DISTINCT FROM (NEW."due_version") OR OLD."ended_at" IS DISTINCT FROM (NEW."ended_at") OR OLD."handed_over_on" IS DISTINCT FROM (NEW."handed_over_on") OR OLD."kept_low_at" IS DISTINCT FROM (NEW."kept_low_at") OR OLD."ladder_since" IS DISTINCT FROM (NEW."ladder_since") OR OLD."ladder_version" IS DISTINCT FROM (NEW."ladder_version") OR OLD."paused_on" IS DISTINCT FROM (NEW."paused_on") OR OLD."released_at" IS DISTINCT FROM (NEW."released_at") OR OLD."role" IS DISTINCT FROM (NEW."role") OR OLD."suspended_until" IS DISTINCT FROM (NEW."suspended_until"))', func="\n        INSERT INTO issues_look (referral_id, at) SELECT NEW.id, 'epoch'::timestamptz\n            ON CONFLICT (referral_id) DO UPDATE SET at = excluded.at;\n     RETURN NULL;", hash='84fda0a37ede394d70b95335cf1314dd521e1d9d', operation='UPDATE', pgid='pgtrigger_is_looked_at_again_ce873', table='issues_referral', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='claimlook',
            index=models.Index(fields=['at'], name='claim_look_by_time'),
        ),
        migrations.AddIndex(
            model_name='look',
            index=models.Index(fields=['at'], name='look_by_time'),
        ),
        # What is open already is looked at once; last, since foreign keys are checked at the end.
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
