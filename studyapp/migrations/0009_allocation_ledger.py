from datetime import UTC

from django.db import migrations

from experiments.allocation.ledger import Entry

# One statement each.
SQLITE = [
    """CREATE TRIGGER ledger_stays_as_written BEFORE UPDATE ON studyapp_ledgerentry
       BEGIN SELECT RAISE(ABORT, 'the allocation ledger is append-only'); END""",
    """CREATE TRIGGER ledger_loses_nothing BEFORE DELETE ON studyapp_ledgerentry
       BEGIN SELECT RAISE(ABORT, 'the allocation ledger is append-only'); END""",
    """CREATE TRIGGER slot_changes_its_holder_only
       BEFORE UPDATE OF study_id, recruitment_stage, "index", block, arm, stratum ON studyapp_slot
       BEGIN SELECT RAISE(ABORT, 'of a slot nothing changes but its holder'); END""",
]
POSTGRESQL = [
    """CREATE FUNCTION larus_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
       END $$""",
    """CREATE TRIGGER ledger_stays_as_written BEFORE UPDATE OR DELETE ON studyapp_ledgerentry
       FOR EACH ROW EXECUTE FUNCTION larus_refuse('the allocation ledger is append-only')""",
    """CREATE TRIGGER slot_changes_its_holder_only
       BEFORE UPDATE OF study_id, recruitment_stage, "index", block, arm, stratum ON studyapp_slot
       FOR EACH ROW EXECUTE FUNCTION larus_refuse('of a slot nothing changes but its holder')""",
]
UNDO_SQLITE = [
    'DROP TRIGGER ledger_stays_as_written',
    'DROP TRIGGER ledger_loses_nothing',
    'DROP TRIGGER slot_changes_its_holder_only',
]
UNDO_POSTGRESQL = [
    'DROP TRIGGER ledger_stays_as_written ON studyapp_ledgerentry',
    'DROP TRIGGER slot_changes_its_holder_only ON studyapp_slot',
    'DROP FUNCTION larus_refuse()',
]


def fill_ledger(apps, schema_editor):
    """Until now slots were claimed in order, never released, and drawn in another way.

    So such a study has no seed, and its slots are replayed as they stand.
    """
    Study = apps.get_model('studyapp', 'Study')
    Slot = apps.get_model('studyapp', 'Slot')
    LedgerEntry = apps.get_model('studyapp', 'LedgerEntry')
    for study in Study.objects.all():
        digest = study.digest
        sessions = study.sessions.select_related('slot').order_by('pk')
        for number, session in enumerate(sessions, start=1):
            slot = session.slot
            Slot.objects.filter(pk=slot.pk).update(holder=session)
            entry = Entry(
                number=number,
                kind='claim',
                recruitment_stage=slot.recruitment_stage,
                arm=slot.arm,
                stratum='',
                slot=slot.index,
                session=session.code,
                reason='',
                at=session.started_at.astimezone(UTC).isoformat(),
            )
            digest = entry.digest(digest)
            LedgerEntry.objects.create(
                study=study,
                number=number,
                kind='claim',
                recruitment_stage=slot.recruitment_stage,
                arm=slot.arm,
                slot=slot,
                session=session,
                at=session.started_at,
                digest=digest,
            )


def make_triggers(apps, schema_editor):
    statements = SQLITE if schema_editor.connection.vendor == 'sqlite' else POSTGRESQL
    for statement in statements:
        schema_editor.execute(statement, params=None)


def drop_triggers(apps, schema_editor):
    statements = UNDO_SQLITE if schema_editor.connection.vendor == 'sqlite' else UNDO_POSTGRESQL
    for statement in statements:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    """Fills the ledger, and makes it append-only.

    SQLite drops the triggers of a table that a later migration makes anew: that migration makes
    them again (`make_triggers`). A test tries whether they are there.
    """

    dependencies = [
        ('studyapp', '0008_allocation'),
    ]

    operations = [
        migrations.RunPython(fill_ledger, migrations.RunPython.noop),
        migrations.RunPython(make_triggers, drop_triggers),
    ]
