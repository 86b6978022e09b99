"""One sign-up at a time, as behind a web form: with the checks and the limit of a bulk sign-up."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

import attrs

from cc_async.errors import InvalidRequestError
from cc_async.jobs import JobStore
from cc_async.lookups import Directory, RememberedNames
from cc_async.models import SignUp, SignUpResult
from cc_async.resources import Contacts, sign_up_request
from cc_async.sign_ups._attempts import AttemptLimiter
from cc_async.sign_ups._consent import require_consent
from cc_async.sign_ups._counted_transport import REFUSALS, CountedTransport, send_counted
from cc_async.sources import Rejection, Rules, open_source, sign_up_values
from cc_async.wire import CONVERTER


@attrs.define(eq=False)
class _AccountAttempts:
    """The attempts of the account, opened with the first sign-up."""

    jobs: JobStore
    _limiter: AttemptLimiter | None = None

    async def open(self) -> AttemptLimiter:
        await self.jobs.clock.read()
        if self._limiter is None:
            account = await self.jobs.account()
            self._limiter = AttemptLimiter(self.jobs.store, account, self.jobs.clock)
        return self._limiter


@attrs.frozen(eq=False, repr=False)
class ContactsWithSignUp(Contacts):
    """Contacts of the account, one at a time; `bulk` is for many."""

    _attempts: _AccountAttempts = attrs.field(alias="jobs", converter=_AccountAttempts)
    _names: RememberedNames = attrs.field(init=False)

    @_names.default
    def _remember_names(self) -> RememberedNames:
        return RememberedNames(self._session)

    async def sign_up(self, sign_up: SignUp, *, consent: str) -> SignUpResult:
        """Create or update one contact with the explicit consent of the person.

        ::

            person = SignUp("dlang@example.com", ["Newsletter"], first_name="Debora")
            result = await cc.contacts.sign_up(person, consent="explicit")

        Only the given properties change; lists and custom fields are added. The permission
        becomes explicit, even for an unsubscribed or deleted contact. The service may send a
        welcome mail, or one that asks for a confirmation. Values are checked as in a bulk
        sign-up. An address is attempted at most three times in 24 hours, by all sign-ups of the
        account together: the service blocks it for two days after five.
        https://developer.constantcontact.com/api_guide/contacts_create_or_update.html

        Args:
            sign_up: The person. Lists are given by id or exact name; names are remembered for
                five minutes.
            consent: `explicit`: you confirm that the person asked to be mailed.

        Raises:
            ConsentRequiredError: *consent* is not `explicit`; nothing was sent.
            UnknownNameError: The account has no such list; nothing was sent.
            TooManyAttemptsError: The address was attempted three times within a day.
            InvalidRequestError: A value cannot be sent; there is no list, or more than 50; or
                there is neither address nor SMS number.
            AddressRefusedError: The service calls the address invalid; it may be blocked for two days.
            BadRequestError: The service refuses the values.
            StoreError: The attempt cannot be written down; nothing was sent.

        Cancellation:
            The contact may have been signed up; a repeat does no harm.
        """
        require_consent(consent)
        if not sign_up.email_address and sign_up.sms_channel is None:
            raise InvalidRequestError(
                "a sign-up needs an e-mail address or an SMS number", "Set email_address."
            )
        directory = await self._names.directory_for(
            sign_up.list_memberships, has_fields=bool(sign_up.custom_fields)
        )
        identity, values = await _checked(sign_up, directory)
        attempts = await self._attempts.open()
        network = CountedTransport(self._session.transport, attempts, identity)
        try:
            result = await send_counted(
                self._session, sign_up_request(values), network, self._session.request_count
            )
            attempts.note_answer(identity)
        except REFUSALS:
            attempts.note_answer(identity)
            raise
        finally:
            await attempts.write_returns()
        return result


async def _checked(sign_up: SignUp, directory: Directory) -> tuple[str, Mapping[str, Any]]:
    """Return the identity of the person, and the values to be sent, checked as in bulk.

    A bulk sign-up takes no number for text messages; it is sent as it is.

    Raises:
        InvalidRequestError: A value cannot be sent.
    """
    list_ids = directory.list_ids(sign_up.list_memberships)
    body = CONVERTER.unstructure(attrs.evolve(sign_up, list_memberships=list_ids))
    if not sign_up.email_address:
        return f"sms:{body['sms_channel'].get('sms_address', '')}", body
    item = attrs.evolve(sign_up, list_memberships=(), sms_channel=None)
    rules = Rules(target="sign_up", custom_fields=directory.custom_fields)
    async with aclosing(open_source([item]).read(rules)) as batches:
        ((row,),) = [batch async for batch in batches]
    if isinstance(row, Rejection):
        column = f"{row.column}: " if row.column else ""
        raise InvalidRequestError(f"this sign-up cannot be sent: {column}{row.reason}")
    values = sign_up_values(row, directory.custom_fields, list_ids)
    sms = {"sms_channel": body["sms_channel"]} if "sms_channel" in body else {}
    return row.identity, values | sms
