from django.db import migrations
from django.utils.crypto import salted_hmac


def add_the_key(apps, schema_editor):
    """Fingerprints were made of public digests; with the server's key nobody else can make them."""
    people = apps.get_model("studyapp", "RecruitedPerson").objects
    for pk, unkeyed in list(people.values_list("pk", "fingerprint")):
        keyed = salted_hmac("larus.fingerprint", unkeyed, algorithm="sha256").hexdigest()
        people.filter(pk=pk).update(fingerprint=keyed)


class Migration(migrations.Migration):

    dependencies = [
        ('studyapp', '0004_recruiters'),
    ]

    operations = [
        # What was keyed stays keyed.
        migrations.RunPython(add_the_key, migrations.RunPython.noop),
    ]
