"""The authorization server beside the API.

::

    GET, POST  /oauth2/default/v1/authorize           a page with Allow and Deny
    POST       /oauth2/default/v1/token               codes, device codes and refresh tokens
    POST       /oauth2/default/v1/device/authorize    a code for a device to show
    GET, POST  /activate                              the page where a user enters that code

https://developer.constantcontact.com/api_guide/auth_overview.html
"""

from ._sign_in_routes import sign_in

__all__ = ["sign_in"]
