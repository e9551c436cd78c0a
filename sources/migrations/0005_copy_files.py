"""The files uploaded so far become one piece each: their bytes move from the file to the piece."""

from django.db import migrations


def to_pieces(apps, schema_editor):
    Piece = apps.get_model("sources", "ImportFilePiece")
    File = apps.get_model("sources", "ImportFile")
    for pk in File.objects.values_list("pk", flat=True):
        file = File.objects.select_related("run").get(pk=pk)
        Piece.objects.create(file=file, position=0, content=file.content)
        file.name, file.size = file.run.file_name, len(file.content)
        file.rows = sum(file.run.counts.values())
        file.uploaded_by_id, file.uploaded_at = file.run.uploaded_by_id, file.run.uploaded_at
        file.save(update_fields=["name", "size", "rows", "uploaded_by", "uploaded_at"])


def from_pieces(apps, schema_editor):
    File = apps.get_model("sources", "ImportFile")
    File.objects.filter(run__isnull=True).delete()
    for file in File.objects.iterator(chunk_size=1):
        file.content = b"".join(bytes(piece.content) for piece in file.pieces.order_by("position"))
        file.save(update_fields=["content"])


class Migration(migrations.Migration):
    dependencies = [("sources", "0004_files_in_pieces")]
    operations = [migrations.RunPython(to_pieces, from_pieces)]
