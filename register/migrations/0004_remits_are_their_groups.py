"""A remit is its group's, not the person's who set it: shared with the group, without an owner."""

from django.db import migrations

SHARE = """
SELECT set_config('register.source', 'command', true), set_config('register.actor', '', true),
       set_config('register.reason', 'A remit is its group''s', true);
INSERT INTO register_savedviewgroup (view_id, group_id)
  SELECT view_id, group_id FROM register_remit ON CONFLICT DO NOTHING;
UPDATE register_savedview SET owner_id = NULL WHERE id IN (SELECT view_id FROM register_remit);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('register', '0003_saved_views_shared_and_followed'),
    ]

    operations = [migrations.RunSQL(SHARE, migrations.RunSQL.noop)]
