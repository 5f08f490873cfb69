"""Pages to look at: a gallery that works from the disk alone, and a contact sheet."""

from equime_builder.gallery.sheet import write_contact_sheet
from equime_builder.gallery.writing import write_gallery

__all__ = ["write_contact_sheet", "write_gallery"]
