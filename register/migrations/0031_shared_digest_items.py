"""What several editions say is one item: an edition keeps the keys of its items, in their order."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

SAY = """
UPDATE register_edition e SET says = items.said
  FROM (SELECT edition_id, array_agg(id ORDER BY position) AS said FROM register_editionitem GROUP BY edition_id) items
 WHERE items.edition_id = e.id
"""
COPY_BACK = """
INSERT INTO register_editionitem (edition_id, position, initiative_id, heading, content)
SELECT e.id, said.place - 1, i.initiative_id, i.heading, i.content
  FROM register_edition e
 CROSS JOIN LATERAL unnest(e.says) WITH ORDINALITY AS said(item, place)
  JOIN register_editionitem i ON i.id = said.item;
DELETE FROM register_editionitem WHERE edition_id IS NULL;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('register', '0030_people'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='editionitem',
            options={},
        ),
        # Nullable first, so that the way back can make them before it fills them.
        migrations.AlterField(
            model_name='editionitem',
            name='edition',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='items', to='register.edition'),
        ),
        migrations.AlterField(
            model_name='editionitem',
            name='position',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='edition',
            name='says',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, help_text='Keys of its items, in their order: thousands of people’s own editions say the same.', size=None),
        ),
        migrations.RunSQL(SAY, COPY_BACK),
        migrations.RemoveConstraint(
            model_name='editionitem',
            name='item_position_once',
        ),
        migrations.RemoveField(
            model_name='editionitem',
            name='edition',
        ),
        migrations.RemoveField(
            model_name='editionitem',
            name='position',
        ),
        migrations.AddIndex(
            model_name='edition',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('person', None)), fields=['says'], name='group_edition_says'),
        ),
    ]
