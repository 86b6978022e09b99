"""Lists, custom fields and tags: the operations of their endpoints."""

from ._custom_fields import (
    add_field,
    create_field,
    delete_field,
    field_view,
    find_fields,
    get_field,
    put_field,
)
from ._lists import (
    add_list,
    create_list,
    delete_list,
    find_list_xrefs,
    find_lists,
    get_list,
    list_view,
    put_list,
)
from ._tags import add_tag, create_tag, delete_tag, find_tags, get_tag, put_tag, tag_view

__all__ = [
    "add_field", "add_list", "add_tag", "create_field", "create_list", "create_tag", "delete_field",
    "delete_list", "delete_tag", "field_view", "find_fields", "find_list_xrefs", "find_lists",
    "find_tags", "get_field", "get_list", "get_tag", "list_view", "put_field", "put_list",
    "put_tag", "tag_view",
]  # fmt: skip
