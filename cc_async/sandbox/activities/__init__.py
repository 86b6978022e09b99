"""Bulk activities: imports, exports, memberships, tags and deletions, and their progress."""

from ._activities import find_activities, get_activity, refuse_full_queue, start_activity
from ._activity_views import activity_view, internal_view
from ._bulk_edits import (
    add_list_memberships,
    add_taggings,
    remove_list_memberships,
    remove_taggings,
)
from ._contact_exports import get_export, start_export
from ._deletions import (
    delete_contacts,
    delete_custom_fields,
    delete_lists,
    delete_tags,
    drop_field,
    drop_lists,
    drop_tags,
)
from ._import_operations import start_file_import, start_json_import

__all__ = [
    "activity_view", "add_list_memberships", "add_taggings", "delete_contacts",
    "delete_custom_fields", "delete_lists", "delete_tags", "drop_field", "drop_lists", "drop_tags",
    "find_activities", "get_activity", "get_export", "internal_view", "refuse_full_queue",
    "remove_list_memberships", "remove_taggings", "start_activity", "start_export",
    "start_file_import", "start_json_import",
]  # fmt: skip
