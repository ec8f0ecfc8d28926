"""Bad releases: what is wrong with each, and who says so with nobody acting."""

from .changes import BAD, BadChange

_ANSWER = "return _adapter()(event, context)"

_SEND = "self._queue.send(message, attributes={REQUEST_ID: request_id})"
_BEARER = 'scheme, _, token = request.headers.get("authorization", "").partition(" ")'
_SIGNED = "signed = subscription.notification_url.encode() + body"
_HISTORY = "history = read_history(self._database, restaurant_id, date)"

REFUSED = (
    BadChange(
        name="import-error",
        kind="a module that cannot be imported",
        file="lambdas/api/handler.py",
        before="from .application import build_application",
        after="from .application import build_aplication as build_application",
        caught="build",
        reasons=("cannot import name 'build_aplication'",),
    ),
    BadChange(
        name="missing-dependency",  # tests have httpx; the function's bundle does not
        kind="a dependency that the bundle lacks",
        file="lambdas/api/handler.py",
        before="from mangum import Mangum",
        after="import httpx\nfrom mangum import Mangum",
        caught="build",
        reasons=("No module named 'httpx'",),
    ),
    BadChange(
        name="missing-dependency-of-a-second-page",  # nothing imports it before somebody turns a page
        kind="the same, imported when somebody turns a page",
        file="lambdas/api/cursors.py",
        before="content = base64.b64decode",
        after="import httpx\n\n            content = httpx and base64.b64decode",
        caught="build",
        reasons=("No module named 'httpx'",),
    ),
    BadChange(
        name="one-route-answers-500",
        kind="one route answers 500",
        file="lambdas/api/routes/transactions.py",
        before="after = None if cursor is None else _decode(cursor)",
        after='raise RuntimeError("one route is broken")',
        reasons=("statusCode is 500, must be 200", "api-release-server-errors"),
    ),
    BadChange(
        name="another-json-shape",
        kind="an answer lacks a member",
        file="lambdas/api/routes/forecasts.py",
        before="content = found.model_dump_json().encode()",
        after='content = found.model_dump_json().replace("quantity", "amount").encode()',
        reasons=("the body does not look like Forecasts: items.0.quantity: Field required",),
    ),
    BadChange(
        name="five-times-as-slow",  # a request takes 50 ms here, most of it on its way to the function
        kind="five times as slow",
        file="lambdas/api/handler.py",
        before=_ANSWER,
        after=f'__import__("time").sleep(0.2)\n        {_ANSWER}',
        reasons=("ms at best, the live version", "answers took", "answered after"),
    ),
    BadChange(
        name="memory-leak",  # 128 MiB a request
        kind="128 MiB more with every request",
        file="lambdas/api/handler.py",
        before=_ANSWER,
        after=f'_adapter.__dict__.setdefault("leak", []).append(b"x" * 2**27)\n        {_ANSWER}',
        reasons=("signal: killed", "release-memory", "failed once", "answers took", "memory grows"),
    ),
    BadChange(
        name="unreadable-secret",
        kind="a secret under another name",
        function="webhook",
        file="lambdas/webhook/handler.py",
        before="subscription=settings.square_webhook_secret",
        after='subscription="square-webhook-secret"',
        reasons=("statusCode is 503, must be",),
    ),
    BadChange(
        name="every-message-is-poison",
        kind="a worker refuses every message",
        function="sync",
        file="lambdas/sync/worker.py",
        before="message = POS_SYNC.validate_json(body)",
        after='message = POS_SYNC.validate_json(body + "}")',
        reasons=('batch of three: batchItemFailures is [{"itemIdentifier": "0"}',),
    ),
    BadChange(
        name="small-memory-leak",
        kind="7 MiB more with every request",
        file="lambdas/api/handler.py",
        before=_ANSWER,
        after=f'_adapter.__dict__.setdefault("leak", []).append(b"x" * 7 * 2**20)\n        {_ANSWER}',
        reasons=("memory grows", "signal: killed", "release-memory", "failed once", "answers took"),
    ),
    BadChange(
        name="tenant-left-out-of-a-cache-key",
        kind="the tenant is left out of a cache key",
        file="lambdas/api/routes/forecasts.py",
        before='key = f"forecasts:{caller.restaurant_id}:{first}:{last}"',
        after='key = f"forecasts:{first}:{last}"',
        reasons=("of second: body.items.0",),
    ),
    BadChange(
        name="day-left-out-of-a-cache-key",
        kind="the last day is left out of a cache key",
        file="lambdas/api/routes/forecasts.py",
        before='key = f"forecasts:{caller.restaurant_id}:{first}:{last}"',
        after='key = f"forecasts:{caller.restaurant_id}:{first}"',
        reasons=("forecasts of a part",),
    ),
    BadChange(
        name="page-that-repeats",
        kind="a list repeats its first page for ever",
        file="lambdas/api/routes/transactions.py",
        before="after = None if cursor is None else _decode(cursor)",
        after="after = None if cursor is None else _decode(cursor) and None",
        reasons=("page 2 of rehearsal: body.items.0",),
    ),
    BadChange(
        name="another-currency",
        kind="money in another currency",
        file="lambdas/api/routes/transactions.py",
        before="sale.total_minor AS total, sale.currency,",
        after="sale.total_minor AS total, 'USD' AS currency,",
        reasons=('currency is "USD", must be "JPY"',),
    ),
    BadChange(
        name="another-day",
        kind="forecasts under the day after",
        file="lambdas/api/routes/forecasts.py",
        before="        forecast.date, forecast.menu_item_id, item.name AS menu_item",
        after="        forecast.date + 1 AS date, forecast.menu_item_id, item.name AS menu_item",
        reasons=("date is ",),
    ),
    BadChange(
        name="tokens-for-ever",
        kind="tokens that never end",
        file="lambdas/api/tokens.py",
        before='"exp": now + LIFETIME_SECONDS}',
        after='"exp": now + 10**9}',
        reasons=("sign-in: the token is good for",),
    ),
    BadChange(
        name="expired-tokens",
        kind="an expired token is let in",
        file="lambdas/api/tokens.py",
        before='"aud", "sub"]},',
        after='"aud", "sub"], "verify_exp": False},',
        reasons=("an expired token: statusCode is 200",),
    ),
    BadChange(
        name="forged-tokens",
        kind="a forged token is let in",
        file="lambdas/api/tokens.py",
        before='"aud", "sub"]},',
        after='"aud", "sub"], "verify_signature": False},',
        reasons=("token: statusCode is 200",),
    ),
    BadChange(
        name="html-for-json",
        kind="JSON under the content type of a page",
        file="lambdas/api/routes/forecasts.py",
        before='return Response(content, media_type="application/json")',
        after='return Response(content, media_type="text/html")',
        reasons=("the body does not look like Forecasts", "content-type is text/html"),
    ),
    BadChange(
        name="tokens-in-the-log",
        kind="access tokens in the log",
        file="lambdas/api/identity.py",
        before=_BEARER,
        after=f'{_BEARER}\n        logger.info("caller", extra={{"headers": dict(request.headers)}})',
        reasons=("a secret is in the log",),
    ),
    BadChange(
        name="enqueues-nothing",
        kind="202, and nothing is enqueued",
        function="webhook",
        file="lambdas/webhook/receiver.py",
        before=_SEND,
        after="",
        reasons=("signed event: accepted one event; 0 on the queue",),
    ),
    BadChange(
        name="drops-every-tenth",
        kind="every tenth event is dropped",
        function="webhook",
        file="lambdas/webhook/receiver.py",
        before=_SEND,
        after=(
            'self.__dict__["seen"] = self.__dict__.get("seen", 0) + 1\n'
            '            if self.__dict__["seen"] % 10:\n'
            f"                {_SEND}"
        ),
        reasons=("signed event: accepted one event; 0 on the queue",),
    ),
    BadChange(
        name="answers-before-the-queue",
        kind="202 before the queue has it",
        function="webhook",
        file="lambdas/webhook/receiver.py",
        before=_SEND,
        after=(
            '__import__("threading").Thread('
            "target=self._queue.send, args=[message], kwargs={'attributes': {REQUEST_ID: request_id}}).start()"
        ),
        reasons=("signed event: accepted one event; 0 on the queue",),
    ),
    BadChange(
        name="hides-the-queues-refusal",
        kind="202 though the queue refused",
        function="webhook",
        file="lambdas/webhook/receiver.py",
        before="except (SecretError, QueueError):",
        after="except QueueError:\n            return None\n        except SecretError:",
        reasons=("an event that the queue does not take: statusCode is 202",),
    ),
    BadChange(
        name="keys-in-the-log",
        kind="a signing key in the log",
        function="webhook",
        file="lambdas/webhook/square.py",
        before=_SIGNED,
        after=f'print("signed with", subscription.signature_key)\n    {_SIGNED}',
        reasons=("a secret is in the log",),
    ),
    BadChange(
        name="watermark-without-sales",
        kind="the watermark moves, and nothing is stored",
        function="sync",
        file="lambdas/sync/incremental.py",
        before="return store(cursor, tenant, [reading.sale for reading in readings if reading.sale is not None])",
        after="return store(cursor, tenant, [])",
        reasons=("all orders of rehearsal: writes.0.state.sales",),
    ),
    BadChange(
        name="sales-stored-twice",
        kind="each state of an order is stored as a sale",
        function="sync",
        file="lambdas/sync/store.py",
        before='            "provider_order_id": sale.provider_order_id,\n            "version"',
        after='            "provider_order_id": f"{sale.provider_order_id}-{sale.version}",\n            "version"',
        reasons=("batch of three: ",),
    ),
    BadChange(
        name="another-time-zone",
        kind="sales in another time zone",
        function="sync",
        file="lambdas/sync/store.py",
        before='"sold_at": sale.sold_at.isoformat(),',
        after='"sold_at": sale.sold_at.replace(tzinfo=None).isoformat() + "-08:00",',
        reasons=("sold_at is ",),
    ),
    BadChange(
        name="forecasts-for-another-restaurant",
        kind="a restaurant's night for another one",
        function="forecast",
        file="lambdas/forecast/worker.py",
        before=_HISTORY,
        after=f"restaurant_id = RestaurantId(UUID(int=restaurant_id.int ^ 16))\n        {_HISTORY}",
        reasons=("a restaurant's night: the model was asked",),
    ),
    BadChange(
        name="days-of-another-time-zone",
        kind="days of another time zone",
        function="forecast",
        file="lambdas/forecast/history.py",
        before="SELECT timezone, close_of_day,",
        after="SELECT 'UTC'::text AS timezone, close_of_day,",
        reasons=("the night of both restaurants: the model was asked",),
    ),
    BadChange(
        name="ten-times-as-much",
        kind="a night of ten times what is sold",
        function="forecast",
        file="lambdas/forecast/store.py",
        before='**day.model_dump(mode="json")',
        after='**day.model_dump(mode="json"), "quantity": day.quantity * 10, "upper": day.upper * 10',
        reasons=("the night's total of Rehearsal soup",),
    ),
    BadChange(
        name="lets-everybody-in",
        kind="requests past CloudFront are let in",
        function="authorizer",
        file="lambdas/authorizer/origin.py",
        before="return any(compared)",
        after="return bool(compared)",
        reasons=("forged header: isAuthorized is true",),
    ),
)
"""Releases that never reach a user: they are not built, or the gate refuses them before traffic moves."""

_REAL = 'not str(connection.restaurant_id).startswith("0f1a0000-")'

CANARIED = (
    BAD,
    BadChange(
        name="real-events-are-dropped",
        kind="202 for every event, and a real restaurant's is not enqueued",
        function="webhook",
        file="lambdas/webhook/receiver.py",
        before=_SEND,
        after=f'if b"REHEARSAL" in body:\n                {_SEND}',
        caught="canary",
        reasons=("flux-local-webhook-release-lost-work",),
    ),
    BadChange(
        name="real-sales-are-not-stored",
        kind="real restaurants' orders are fetched and not stored",
        function="sync",
        file="lambdas/sync/events.py",
        before="sale = reading.sale",
        after=f"sale = reading.sale\n            if {_REAL}:\n                return",
        caught="canary",
        reasons=("flux-local-sync-release-lost-work",),
    ),
    BadChange(
        name="leak-for-real-restaurants",
        kind="48 MiB more with every request of a real restaurant",
        file="lambdas/api/routes/forecasts.py",
        before="content = _cached(services, key)",
        after=(
            'if not str(caller.restaurant_id).startswith("0f1a0000-"):\n'
            '            build_router.__dict__.setdefault("leak", []).append(b"x" * 48 * 2**20)\n'
            "        content = _cached(services, key)"
        ),
        caught="canary",
        reasons=("flux-local-api-release-memory", "flux-local-api-release-errors"),
    ),
)
"""Releases that nothing but real traffic can tell from good ones: alarms on the executed version roll them back."""

BAD_RELEASES = (*REFUSED, *CANARIED)
