"""What is sold: products, prices, coupons, promotion codes."""

from stripe_sandbox.account import Account
from stripe_sandbox.errors import ApiError
from stripe_sandbox.params import emptied, merged
from stripe_sandbox.periods import shifted
from stripe_sandbox.routes import page, route

# --- Products ---------------------------------------------------------------------------------------------------------

PRODUCT_FIELDS = (
    "active description images marketing_features metadata name statement_descriptor tax_code unit_label url"
)


@route("POST", "/v1/products", params="ProductCreateParams", takes=f"id {PRODUCT_FIELDS}", answers="product")
def create_product(account: Account, params: dict) -> dict:
    if params.get("id") in account.objects:
        raise ApiError("Product already exists.", code="resource_already_exists", param="id")
    given = {name: emptied(value) for name, value in params.items()}
    product = account.add(
        "product",
        "prod",
        **{"active": True, "images": [], "marketing_features": [], "metadata": {}, "type": "service", **given},
        updated=account.now,
    )
    account.tell("product.created", product)
    return product


@route("GET", "/v1/products", params="ProductListParams", takes="active ids url", answers="list:product")
def list_products(account: Account, params: dict) -> dict:
    found = account.all("product", active=params.get("active"), url=params.get("url"))
    wanted = params.get("ids")
    return page(account, (one for one in found if not wanted or one["id"] in wanted), params, "/v1/products")


@route("GET", "/v1/products/{product}", params="ProductRetrieveParams", answers="product")
def retrieve_product(account: Account, params: dict, product: str) -> dict:
    return account.find("product", product)


@route(
    "POST",
    "/v1/products/{product}",
    params="ProductUpdateParams",
    takes=f"default_price {PRODUCT_FIELDS}",
    answers="product",
)
def update_product(account: Account, params: dict, product: str) -> dict:
    found = account.find("product", product)
    values = {name: emptied(value) for name, value in params.items()}
    if "metadata" in params:
        values["metadata"] = merged(found["metadata"], params["metadata"])
    return account.change(found, "product.updated", **values, updated=account.now)


# --- Prices -----------------------------------------------------------------------------------------------------------


@route(
    "POST",
    "/v1/prices",
    params="PriceCreateParams",
    takes="active billing_scheme currency lookup_key metadata nickname product recurring tax_behavior "
    "transfer_lookup_key unit_amount",
    answers="price",
)
def create_price(account: Account, params: dict) -> dict:
    account.find("product", params.get("product", ""), param="product")
    if "unit_amount" not in params:
        raise ApiError("Missing required param: unit_amount.", code="parameter_missing", param="unit_amount")
    take_lookup_key(account, params)
    recurring = params.get("recurring")
    price = account.add(
        "price",
        "price",
        active=params.get("active", True),
        billing_scheme="per_unit",
        currency=params["currency"].lower(),
        lookup_key=params.get("lookup_key"),
        metadata=params.get("metadata") or {},
        nickname=params.get("nickname"),
        product=params["product"],
        recurring={"interval_count": 1, "usage_type": "licensed", **recurring} if recurring else None,
        tax_behavior=params.get("tax_behavior", "unspecified"),
        type="recurring" if recurring else "one_time",
        unit_amount=params["unit_amount"],
        unit_amount_decimal=str(params["unit_amount"]),
    )
    account.tell("price.created", price)
    return price


def take_lookup_key(account: Account, params: dict, price: dict | None = None) -> None:
    """Only one price has a lookup key; another takes it over when asked to. Raises ApiError."""
    wanted = params.get("lookup_key")
    for holder in account.all("price", lookup_key=wanted) if wanted else ():
        if holder is price:
            continue
        if not params.get("transfer_lookup_key"):
            raise ApiError(
                f"A price (`{holder['id']}`) already uses that lookup key.",
                code="resource_already_exists",
                param="lookup_key",
            )
        account.change(holder, "price.updated", lookup_key=None)


@route(
    "GET",
    "/v1/prices",
    params="PriceListParams",
    takes="active currency lookup_keys product recurring type",
    answers="list:price",
)
def list_prices(account: Account, params: dict) -> dict:
    equal = {name: params.get(name) for name in ("active", "currency", "product", "type")}
    found = [one for one in account.all("price", **equal) if is_wanted(one, params)]
    return page(account, found, params, "/v1/prices")


def is_wanted(price: dict, params: dict) -> bool:
    keys, recurring = params.get("lookup_keys"), params.get("recurring", {})
    return (keys is None or price["lookup_key"] in keys) and all(
        (price["recurring"] or {}).get(name) == value for name, value in recurring.items()
    )


@route("GET", "/v1/prices/{price}", params="PriceRetrieveParams", answers="price")
def retrieve_price(account: Account, params: dict, price: str) -> dict:
    return account.find("price", price)


@route(
    "POST",
    "/v1/prices/{price}",
    params="PriceUpdateParams",
    takes="active lookup_key metadata nickname tax_behavior transfer_lookup_key",
    answers="price",
)
def update_price(account: Account, params: dict, price: str) -> dict:
    found = account.find("price", price)
    take_lookup_key(account, params, found)
    values = {name: emptied(value) for name, value in params.items() if name != "transfer_lookup_key"}
    if "metadata" in params:
        values["metadata"] = merged(found["metadata"], params["metadata"])
    return account.change(found, "price.updated", **values)


# --- Coupons and promotion codes --------------------------------------------------------------------------------------


@route(
    "POST",
    "/v1/coupons",
    params="CouponCreateParams",
    takes="amount_off currency duration duration_in_months id max_redemptions metadata name percent_off redeem_by",
    answers="coupon",
)
def create_coupon(account: Account, params: dict) -> dict:
    if ("percent_off" in params) == ("amount_off" in params):
        raise ApiError("You must pass exactly one of percent_off and amount_off.", code="parameter_missing")
    if "amount_off" in params and "currency" not in params:
        raise ApiError("You must pass currency when passing amount_off", code="parameter_missing", param="currency")
    if params.get("duration") == "repeating" and "duration_in_months" not in params:
        raise ApiError(
            "Missing required param: duration_in_months.", code="parameter_missing", param="duration_in_months"
        )
    if params.get("id") in account.objects:
        raise ApiError("Coupon already exists.", code="resource_already_exists", param="id")
    coupon = account.add(
        "coupon",
        "",
        **{"id": account.new_id("c", 8)[2:], "duration": "once", "metadata": {}, **params},
        times_redeemed=0,
        valid=True,
    )
    account.tell("coupon.created", coupon)
    return coupon


@route("GET", "/v1/coupons", params="CouponListParams", answers="list:coupon")
def list_coupons(account: Account, params: dict) -> dict:
    return page(account, account.all("coupon"), params, "/v1/coupons")


@route("GET", "/v1/coupons/{coupon}", params="CouponRetrieveParams", answers="coupon")
def retrieve_coupon(account: Account, params: dict, coupon: str) -> dict:
    return account.find("coupon", coupon)


@route("DELETE", "/v1/coupons/{coupon}", params="CouponDeleteParams", answers="coupon")
def delete_coupon(account: Account, params: dict, coupon: str) -> dict:
    return account.delete(account.find("coupon", coupon), "coupon.deleted")


@route(
    "POST",
    "/v1/promotion_codes",
    params="PromotionCodeCreateParams",
    takes="active code customer expires_at max_redemptions metadata promotion restrictions",
    answers="promotion_code",
)
def create_promotion_code(account: Account, params: dict) -> dict:
    coupon = account.find("coupon", params["promotion"].get("coupon", ""), param="promotion[coupon]")
    code = params.get("code") or account.new_id("p", 8)[2:].upper()
    if any(one["code"].lower() == code.lower() for one in account.all("promotion_code", active=True)):
        raise ApiError(f"An active promotion code with `code: {code}` already exists.", param="code")
    given = params | {
        "code": code,
        "promotion": {"type": "coupon", "coupon": coupon["id"]},
        "restrictions": {"first_time_transaction": False} | params.get("restrictions", {}),
    }
    made = account.add("promotion_code", "promo", **{"active": True, "metadata": {}, "times_redeemed": 0, **given})
    account.tell("promotion_code.created", made)
    return made


@route(
    "GET",
    "/v1/promotion_codes",
    params="PromotionCodeListParams",
    takes="active code coupon customer",
    answers="list:promotion_code",
)
def list_promotion_codes(account: Account, params: dict) -> dict:
    found = account.all("promotion_code", **{name: params.get(name) for name in ("active", "customer")})
    code, coupon = params.get("code"), params.get("coupon")
    rows = [
        one
        for one in found
        if (code is None or one["code"].lower() == code.lower()) and coupon in (None, one["promotion"]["coupon"])
    ]
    return page(account, rows, params, "/v1/promotion_codes")


@route("GET", "/v1/promotion_codes/{code}", params="PromotionCodeRetrieveParams", answers="promotion_code")
def retrieve_promotion_code(account: Account, params: dict, code: str) -> dict:
    return account.find("promotion_code", code)


@route(
    "POST",
    "/v1/promotion_codes/{code}",
    params="PromotionCodeUpdateParams",
    takes="active metadata",
    answers="promotion_code",
)
def update_promotion_code(account: Account, params: dict, code: str) -> dict:
    found = account.find("promotion_code", code)
    values = dict(params)
    if "metadata" in params:
        values["metadata"] = merged(found["metadata"], params["metadata"])
    return account.change(found, "promotion_code.updated", **values)


def redeemable(account: Account, code: str, *, customer: str | None, amount: int) -> dict:
    """The active promotion code that somebody typed. Raises ApiError in words for that person."""
    for one in account.all("promotion_code", active=True):
        if one["code"].lower() == code.strip().lower():
            refuse_spent(account, one)
            refuse_unfit(account, one, customer, amount)
            return one
    raise ApiError("This code is invalid.", param="promotion_code")


def refuse_spent(account: Account, one: dict) -> None:
    coupon = account.objects[one["promotion"]["coupon"]]
    if one["max_redemptions"] is not None and one["times_redeemed"] >= one["max_redemptions"]:
        raise ApiError("This code has been redeemed already.", param="promotion_code")
    if not is_valid(account, coupon) or (one["expires_at"] or account.now) < account.now:
        raise ApiError("This code has expired.", param="promotion_code")


def is_valid(account: Account, coupon: dict) -> bool:
    if coupon.get("deleted") or not coupon["valid"]:
        return False
    return coupon["redeem_by"] is None or coupon["redeem_by"] > account.now


def refuse_unfit(account: Account, one: dict, customer: str | None, amount: int) -> None:
    """Whoever may not use it, and for what it is not meant."""
    if one["customer"] and one["customer"] != customer:
        raise ApiError("This code is invalid.", param="promotion_code")
    if amount < (one["restrictions"]["minimum_amount"] or 0):
        raise ApiError("Your order doesn't meet the minimum amount for this code.", param="promotion_code")
    bought_before = customer and any(charge["paid"] for charge in account.all("charge", customer=customer))
    if one["restrictions"]["first_time_transaction"] and bought_before:
        raise ApiError("This code is for the first purchase only.", param="promotion_code")


def redeem(account: Account, *, coupon: dict, promotion_code: dict | None, **where) -> dict:
    """A discount for the customer, subscription … that `where` names; the coupon's count goes up."""
    discount = account.add(
        "discount",
        "di",
        source={"type": "coupon", "coupon": coupon["id"]},
        promotion_code=promotion_code and promotion_code["id"],
        start=account.now,
        end=end_of(coupon, account.now),
        **where,
    )
    for one in filter(None, (coupon, promotion_code)):
        account.change(one, None, times_redeemed=one["times_redeemed"] + 1)
    if coupon["max_redemptions"] is not None and coupon["times_redeemed"] >= coupon["max_redemptions"]:
        account.change(coupon, "coupon.updated", valid=False)
    return discount


def end_of(coupon: dict, start: int) -> int | None:
    """Only "repeating" has a date; "once" ends with the invoice that it was used on."""
    if coupon["duration"] != "repeating":
        return None
    return shifted(start, {"interval": "month", "interval_count": 1}, coupon["duration_in_months"])


def amount_off(coupon: dict, amount: int) -> int:
    if coupon["amount_off"] is not None:
        return min(coupon["amount_off"], amount)
    return round(amount * coupon["percent_off"] / 100)
