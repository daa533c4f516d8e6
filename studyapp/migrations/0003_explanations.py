import django.db.models.deletion
from django.db import migrations, models


def read_manifests(apps, schema_editor):
    """What sets imported before have of alternative text, structures and parts, from their manifests.

    A file that was not imported then is missing until its set is imported again; the page says so.
    """
    Artefact = apps.get_model("studyapp", "Artefact")
    StimulusSet = apps.get_model("studyapp", "StimulusSet")
    for stimulus_set in StimulusSet.objects.all():
        entries = {
            (stimulus["key"], name): entry
            for stimulus in stimulus_set.manifest["stimuli"]
            for name, entry in stimulus["explanations"].items()
        }
        artefacts = Artefact.objects.filter(stimulus__stimulus_set=stimulus_set)
        for artefact in artefacts.select_related("stimulus"):
            fill(apps, artefact, entries[artefact.stimulus.key, artefact.name])


def fill(apps, artefact, entry):
    structure = entry.get("structure")
    artefact.kind = structure["kind"] if structure else "map"
    artefact.target = entry["target"]
    artefact.style = entry.get("style", "heat")
    artefact.alt = entry.get("alt", "Colours over the picture.")
    artefact.structure = structure
    artefact.save()
    for position, part in enumerate(entry.get("parts", [])):
        layer = part["layer"]
        apps.get_model("studyapp", "MediaFile").objects.get_or_create(
            sha256=layer["sha256"],
            defaults={"media_type": layer["media_type"], "bytes": layer["bytes"]},
        )
        apps.get_model("studyapp", "ArtefactPart").objects.create(
            artefact=artefact,
            position=position,
            key=part["key"],
            layer_id=layer["sha256"],
            alt=part["alt"],
        )


class Migration(migrations.Migration):

    dependencies = [
        ('studyapp', '0002_player'),
    ]

    operations = [
        migrations.AddField(
            model_name='artefact',
            name='kind',
            field=models.CharField(choices=[('map', 'Map'), ('concepts', 'Concepts'), ('graph', 'Graph')], default='map', max_length=8),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='artefact',
            name='target',
            field=models.CharField(default='', help_text='the species whose evidence is explained', max_length=100),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='artefact',
            name='style',
            field=models.CharField(choices=[('heat', 'Heat'), ('contours', 'Contours')], default='heat', max_length=8),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='artefact',
            name='alt',
            field=models.TextField(default='', help_text='what the layer shows, in words; names no species'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='artefact',
            name='structure',
            field=models.JSONField(null=True),
        ),
        migrations.CreateModel(
            name='ArtefactPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('key', models.CharField(help_text='as the structure names it, such as n0', max_length=100)),
                ('alt', models.TextField(help_text='what the layer shows, in words; names no species')),
                ('artefact', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='studyapp.artefact')),
                ('layer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='studyapp.mediafile')),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.AlterField(
            model_name='plannedstimulus',
            name='stage_key',
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddConstraint(
            model_name='artefactpart',
            constraint=models.UniqueConstraint(fields=('artefact', 'key'), name='part_key_once_per_artefact'),
        ),
        migrations.AddConstraint(
            model_name='artefactpart',
            constraint=models.UniqueConstraint(fields=('artefact', 'position'), name='part_position_once_per_artefact'),
        ),
        migrations.AddConstraint(
            model_name='artefactpart',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('key', ''), _negated=True), models.Q(('alt', ''), _negated=True)), name='part_named_and_said_in_words'),
        ),
        migrations.RunPython(read_manifests, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='artefact',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'map'), ('structure__isnull', True)), models.Q(('kind__in', ['concepts', 'graph']), ('structure__isnull', False)), _connector='OR'), name='artefact_structured_iff_no_map'),
        ),
        migrations.AddConstraint(
            model_name='artefact',
            constraint=models.CheckConstraint(condition=models.Q(('style__in', ['heat', 'contours'])), name='artefact_style_known'),
        ),
        migrations.AddConstraint(
            model_name='artefact',
            constraint=models.CheckConstraint(condition=models.Q(('alt', ''), _negated=True), name='artefact_said_in_words'),
        ),
    ]
