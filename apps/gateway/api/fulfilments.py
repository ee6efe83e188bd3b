"""How far orders have come on their way to the customer, as a warehouse tells it.

Annotations are real here, not postponed: see `orders`.
"""

from typing import Annotated, Literal

from ninja import Field, Router, Schema
from pydantic import WrapValidator

from apps.gateway.api import schemas
from apps.gateway.api.auth import ApiKeyAuth
from apps.gateway.api.faults import SENDING, faults
from apps.gateway.api.idempotency import IdempotencyKey, KeyedRequest, once
from apps.gateway.api.orders import recorded
from apps.orders import services as orders

router = Router(tags=["Orders"])


class Fulfilment(Schema):
    """A step of an order."""

    source: Annotated[str, schemas.text_of(20, "The order's source")]
    external_id: Annotated[str, schemas.text_of(60, "The order's number")]
    status: Literal["shipped", "ready", "completed"]
    at: schemas.Moment


class Fulfilments(Schema):
    """A batch of steps."""

    fulfilments: list[Annotated[Fulfilment, WrapValidator(schemas.or_unreadable)]] = (
        Field(min_length=1, max_length=schemas.MOST_ROWS)
    )


@router.post(
    "fulfilments",
    auth=ApiKeyAuth("orders:write"),
    response={200: schemas.Results, **faults(*SENDING)},
    exclude_none=True,
)
@once
def send_fulfilments(
    request: KeyedRequest, batch: Fulfilments, idempotency_key: IdempotencyKey = None
) -> schemas.Results:
    """Say that orders were shipped, lie ready, or are completed; a result each.

    Forward only: an earlier step than the recorded one is `unchanged`. Payment and
    cancellation come with the order itself.
    """
    return recorded(batch.fulfilments, _step_in, orders.advance)


def _step_in(row: Fulfilment) -> orders.FulfilmentIn:
    return orders.FulfilmentIn(**row.model_dump())
