"""Blocks are packed in another way: all records are tallied anew."""

from __future__ import annotations

from django.db import migrations

ANEW = (
    "INSERT INTO register_untallied (initiative_id) SELECT initiative_id FROM register_catalogueentry;"
    " DELETE FROM register_talliedblock"
)


class Migration(migrations.Migration):
    dependencies = [("register", "0016_asks_told_once_asked")]
    operations = [migrations.RunSQL(ANEW, ANEW)]
