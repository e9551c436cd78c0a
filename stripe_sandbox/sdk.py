"""What the annotations of the installed SDK say about requests and answers.

Stripe generates them from its OpenAPI description, so they are the nearest thing to the API that can be had without an
account. `read` turns what a client sent into values or refuses it; `differences` lists where an answer isn't what the
SDK's class promises; `complete` fills what may be null with null.
"""

import ast
import importlib
import inspect
import re
import sys
import types
import typing
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Literal, Union

import typing_extensions
from stripe import StripeObject
from stripe._api_version import _ApiVersion
from stripe._list_object import ListObject
from stripe._object_classes import OBJECT_CLASSES, V2_OBJECT_CLASSES
from stripe._request_options import RequestOptions
from stripe._stripe_object import UntypedStripeObject
from stripe.v2 import DeletedObject
from stripe.v2.core import Event

from stripe_sandbox.errors import ApiError

UNIONS = (Union, types.UnionType)
NOTHING = type(None)
NOT_WIRE = frozenset(RequestOptions.__annotations__)  # options of the call itself, in the same dict since stripe 12
LIST_KEYS = {"object", "data", "has_more", "url"}
# What Stripe leaves out unless a request expands it, or the object is deleted, so that null would be a lie.
LEFT_OUT = {
    "customer": {"cash_balance", "invoice_credit_balance", "sources", "subscriptions", "tax", "tax_ids"},
    "price": {"currency_options", "tiers"},
    "coupon": {"applies_to", "currency_options"},
    "invoice": {"confirmation_secret", "payments"},
    "checkout.session": {"line_items"},
    "charge": {"refunds"},
    "webhook_endpoint": {"secret"},
    "payment_method": None,  # one key for each of fifty ways to pay, of which an object has its own
}


def api_version() -> str:
    return _ApiVersion.CURRENT


# --- Requests ---------------------------------------------------------------------------------------------------------


@cache
def params(name: str) -> type:
    """The TypedDict of an operation: "CustomerCreateParams", "checkout.SessionCreateParams"."""
    package, _, plain = name.rpartition(".")
    module = ".".join(filter(None, ["stripe.params", package, f"_{snake(plain)}"]))
    return getattr(importlib.import_module(module), plain)


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def read(hint: Any, sent: Any, path: str = "") -> Any:
    """The value of what was sent under `path`: text and dicts of text (version 1 of the API), or JSON (version 2).

    Raises ApiError in Stripe's words for what is unknown, missing or of the wrong kind.
    """
    if typing_extensions.is_typeddict(hint):
        return read_dict(hint, sent, path)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in UNIONS:
        return read_union(arguments, sent, path)
    if origin is Literal:
        return read_choice(arguments, sent, path)
    if origin is list:
        return read_list(arguments[0], sent, path)
    if origin in (dict, UntypedStripeObject):
        return read_map(arguments[-1], sent, path)
    return read_scalar(hint, sent, path)


@cache
def fields(hint: type) -> dict[str, Any]:
    wire = {name: value for name, value in hint.__annotations__.items() if name not in NOT_WIRE}
    return typing_extensions.get_type_hints(
        types.SimpleNamespace(__annotations__=wire), vars(sys.modules[hint.__module__])
    )


def read_dict(hint: type, sent: Any, path: str) -> dict:
    if not isinstance(sent, dict):
        raise ApiError("Invalid object", param=path)
    known = fields(hint)
    for name in sent:
        if name not in known:
            unknown = below(path, name)
            raise ApiError(f"Received unknown parameter: {unknown}", code="parameter_unknown", param=unknown)
    for name in known:
        if name in hint.__required_keys__ and name not in sent:
            wanted = below(path, name)
            raise ApiError(f"Missing required param: {wanted}.", code="parameter_missing", param=wanted)
    return {name: read(known[name], value, below(path, name)) for name, value in sent.items()}


def below(path: str, name: Any) -> str:
    return f"{path}[{name}]" if path else str(name)


def read_union(members: tuple, sent: Any, path: str) -> Any:
    choices = {value for member in members if typing.get_origin(member) is Literal for value in typing.get_args(member)}
    if isinstance(sent, str) and sent in choices:
        return sent
    # `Literal["a", "b"] | str` is a choice that may grow; `Literal[""] | str` is a text that may be emptied.
    others = [member for member in members if typing.get_origin(member) is not Literal]
    if choices - {""}:
        others = [member for member in others if member is not str]
    refusal = None
    for member in sorted(others, key=lambda member: member is str):
        try:
            return read(member, sent, path)
        except ApiError as error:
            refusal = error
    return read_choice(tuple(sorted(choices)), sent, path) if refusal is None else refuse(refusal)


def refuse(error: ApiError) -> Any:
    raise error


def read_choice(choices: tuple, sent: Any, path: str) -> Any:
    if sent in choices:
        return sent
    named = ", ".join(str(choice) for choice in choices if choice != "")
    raise ApiError(f"Invalid {path}: must be one of {named}", param=path)


def read_list(hint: Any, sent: Any, path: str) -> list:
    if isinstance(sent, dict) and all(name.isdigit() for name in sent):
        sent = [sent[name] for name in sorted(sent, key=int)]
    if not isinstance(sent, list):
        raise ApiError("Invalid array", param=path)
    return [read(hint, one, below(path, number)) for number, one in enumerate(sent)]


def read_map(hint: Any, sent: Any, path: str) -> dict:
    if not isinstance(sent, dict):
        raise ApiError("Invalid object", param=path)
    return {name: read(hint, value, below(path, name)) for name, value in sent.items()}


def read_scalar(hint: Any, sent: Any, path: str) -> Any:
    if hint is Any:
        return sent
    if hint is bool and sent in (True, False, "true", "false"):
        return sent in (True, "true")
    if hint is int and is_number(sent, r"-?\d+"):
        return int(sent)
    if hint is float and is_number(sent, r"-?\d+(\.\d+)?"):
        return float(sent)
    if hint is Decimal:
        return read_decimal(sent, path)
    if hint is str and isinstance(sent, str):
        return sent
    words = {bool: "boolean", int: "integer", float: "decimal"}.get(hint, "string")
    raise ApiError(f"Invalid {words}: {sent}", code=f"parameter_invalid_{words}", param=path)


def is_number(sent: Any, pattern: str) -> bool:
    return not isinstance(sent, bool) and re.fullmatch(pattern, str(sent)) is not None


def read_decimal(sent: Any, path: str) -> Decimal:
    try:
        return Decimal(str(sent))
    except InvalidOperation as error:
        raise ApiError(f"Invalid decimal: {sent}", code="parameter_invalid_decimal", param=path) from error


# --- Answers ----------------------------------------------------------------------------------------------------------


def resource(name: str) -> type[StripeObject]:
    """The SDK's class of an object, by what its `object` says: "customer", "checkout.session"."""
    if name == "v2.deleted_object":
        return DeletedObject
    module, plain_name = OBJECT_CLASSES.get(name) or V2_OBJECT_CLASSES[name]
    return getattr(importlib.import_module(module), plain_name)


@cache
def annotations(cls: type) -> dict[str, Any]:
    """Those of the class and of what it extends, as far as the SDK's own classes go."""
    found = {}
    for one in reversed(cls.__mro__):
        if issubclass(one, StripeObject) and one is not StripeObject:
            found |= own_annotations(one)
    return found


def own_annotations(cls: type) -> dict[str, Any]:
    given = {name: hint for name, hint in vars(cls).get("__annotations__", {}).items() if not name.startswith("_")}
    return {name: hint for name, hint in given.items() if typing.get_origin(hint) is not typing.ClassVar}


@cache
def thin_class(kind: str) -> type[StripeObject] | None:
    """The class of the thin event with that type; None when Stripe has none."""
    try:
        module = importlib.import_module(f"stripe.events._{kind.replace('.', '_')}_event")
    except ModuleNotFoundError:
        return None
    classes = (one for one in vars(module).values() if isinstance(one, type) and issubclass(one, Event))
    return next(one for one in classes if vars(one).get("LOOKUP_TYPE") == kind)


def answer_differences(answers: str, value: Any) -> list[str]:
    """The same for the answer of a route: an object, or a list ("list:customer") of either version of the API."""
    if not answers.startswith("list:"):
        return differences(answers, value)
    name = answers.removeprefix("list:")
    around = {"data", "next_page_url", "previous_page_url"} if name.startswith("v2.") else LIST_KEYS
    if not isinstance(value, dict) or value.keys() != around:
        return [f"{answers} is no list object"]
    if around is LIST_KEYS and not (value["object"] == "list" and isinstance(value["has_more"], bool)):
        return [f"{answers} is no list object"]
    return [found for one in value["data"] for found in differences(name, one)]


def differences(name: str, value: Any) -> list[str]:
    """Where the value isn't what the SDK's class of that object says, as sentences; none when all is well."""
    cls = (name == "v2.core.event" and thin_class(str(value.get("type")))) or resource(name)
    return list(object_differences(cls, value, name))


def object_differences(cls: type, value: Any, path: str):
    if not isinstance(value, dict):
        yield f"{path} is {value!r} instead of an object"
        return
    if value.get("deleted") is True:
        yield from deleted_differences(cls, value, path)
        return
    hints = annotations(cls)
    for name in value.keys() - hints.keys():
        yield f"{path}.{name} is unknown"
    for name, hint in hints.items():
        if name in value:
            yield from value_differences(cls, hint, value[name], f"{path}.{name}")
        elif not may_be_null(hint):
            yield f"{path}.{name} is missing"


def deleted_differences(cls: type, value: dict, path: str):
    if value.keys() - {"id", "object", "deleted"}:
        yield f"{path} is deleted and has more than its id"
    yield from value_differences(cls, annotations(cls)["object"], value.get("object"), f"{path}.object")


def may_be_null(hint: Any) -> bool:
    return hint is Any or (typing.get_origin(hint) in UNIONS and NOTHING in typing.get_args(hint))


def value_differences(cls: type, hint: Any, value: Any, path: str):
    """`cls` is the class in whose module the hint was written, for names that it only imports for type checkers."""
    hint = resolved(hint, cls)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return
    if origin in UNIONS:
        yield from union_differences(cls, arguments, value, path)
    elif origin is Literal:
        if value not in arguments:
            yield f"{path} is {value!r}, which is none of {', '.join(map(repr, arguments))}"
    elif origin is ListObject:
        yield from list_differences(cls, arguments[0], value, path)
    elif origin is list:
        yield from array_differences(cls, arguments[0], value, path)
    elif origin in (dict, UntypedStripeObject):
        yield from map_differences(cls, arguments[-1], value, path)
    elif isinstance(hint, type) and issubclass(hint, StripeObject):
        yield from object_differences(hint, value, path)
    elif not is_scalar(hint, value):
        yield f"{path} is {value!r} instead of {getattr(hint, '__name__', hint)}"


def union_differences(cls: type, members: tuple, value: Any, path: str):
    if value is None and NOTHING in members:
        if is_map_of_objects(Union[members]):  # noqa: UP007 -- the members are only known now
            yield f"{path} is null, which the SDK can't read"
        return
    literal = [member for member in members if typing.get_origin(member) is Literal]
    others = [member for member in members if member is not NOTHING]
    if literal and str in others:  # a choice that may grow, but not by words of ours
        others.remove(str)
    found = [list(value_differences(cls, member, value, path)) for member in others]
    if not all(found):
        return
    # Of several classes, the one that the value says it is explains best what is wrong.
    yield from min(found, key=len) if found else [f"{path} is {value!r} instead of null"]


def list_differences(cls: type, hint: Any, value: Any, path: str):
    if not isinstance(value, dict) or value.keys() != LIST_KEYS or value["object"] != "list":
        yield f"{path} is no list object"
        return
    if not isinstance(value["has_more"], bool) or not isinstance(value["url"], str):
        yield f"{path} doesn't say whether there is more, and where"
    yield from array_differences(cls, hint, value["data"], f"{path}.data")


def array_differences(cls: type, hint: Any, value: Any, path: str):
    if not isinstance(value, list):
        yield f"{path} is {value!r} instead of an array"
        return
    for number, one in enumerate(value):
        yield from value_differences(cls, hint, one, f"{path}[{number}]")


def map_differences(cls: type, hint: Any, value: Any, path: str):
    if not isinstance(value, dict):
        yield f"{path} is {value!r} instead of an object"
        return
    for name, one in value.items():
        yield from value_differences(cls, hint, one, f"{path}.{name}")


def is_scalar(hint: Any, value: Any) -> bool:
    if hint is Decimal:  # travels as text
        return isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value) is not None
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, hint) and (hint is bool or not isinstance(value, bool))


def resolved(hint: Any, cls: type) -> Any:
    if isinstance(hint, str):
        return named_in(cls.__module__, hint)
    if isinstance(hint, typing.ForwardRef):
        return named_in(cls.__module__, hint.__forward_arg__)
    return hint


@cache
def named_in(module: str, name: str) -> Any:
    """What a type checker takes the name for, which the module itself may never import."""
    if found := getattr(sys.modules[module], name, None):
        return found
    source, original = imports_for_checkers(module)[name]
    return getattr(importlib.import_module(source), original)


@cache
def imports_for_checkers(module: str) -> dict[str, tuple[str, str]]:
    """The names below the module's `if TYPE_CHECKING:`, each with where it is from and what it is called there."""
    lines = inspect.getsource(sys.modules[module]).split("\n")
    start = lines.index("if TYPE_CHECKING:")
    end = next(number for number, line in enumerate(lines) if number > start and line and line[0] not in " )")
    block = ast.parse("\n".join(lines[start:end]).replace("if TYPE_CHECKING:", "if True:"))
    found = {}
    for statement in block.body[0].body:
        if isinstance(statement, ast.ImportFrom):
            found |= {name.asname or name.name: (statement.module, name.name) for name in statement.names}
    return found


def complete(name: str, given: dict) -> dict:
    """The object with null for all that may be null and wasn't given, and its name.

    Raises KeyError when something that can't be null is missing.
    """
    return fill(resource(name), {"object": name, **given}, LEFT_OUT.get(name, set()), name)


def fill(cls: type, given: dict, left_out: set | None, path: str) -> dict:
    filled = {}
    for key, hint in annotations(cls).items():
        if key in given:
            filled[key] = fill_value(cls, hint, given[key], f"{path}.{key}")
        elif not may_be_null(hint):
            raise KeyError(f"{path}.{key} is missing")
        elif left_out is not None and key not in left_out and key != "deleted" and not is_map_of_objects(hint):
            filled[key] = None
    if unknown := [key for key in given if key not in filled and not key.startswith("_")]:
        raise KeyError(f"{path} has no {unknown}")
    return filled | {key: value for key, value in given.items() if key.startswith("_")}


def is_map_of_objects(hint: Any) -> bool:
    """The SDK looks into such a one without asking whether it is null, so that Stripe must leave it out instead."""
    inner = [one for one in typing.get_args(hint) if typing.get_origin(one) is UntypedStripeObject]
    return any(isinstance(of, type) and issubclass(of, StripeObject) for one in inner for of in typing.get_args(one))


def fill_value(cls: type, hint: Any, value: Any, path: str) -> Any:
    inner = nested_class(hint)
    if inner and isinstance(value, dict):
        return fill(inner, value, set(), path)
    if inner and isinstance(value, list):
        return [fill(inner, one, set(), path) if isinstance(one, dict) else one for one in value]
    return value


def nested_class(hint: Any) -> type | None:
    """The class that the hint is of, when it was written inside another's: no object of its own."""
    if isinstance(hint, type) and issubclass(hint, StripeObject):
        return hint if "OBJECT_NAME" not in vars(hint) and hint is not UntypedStripeObject else None
    if typing.get_origin(hint) in (*UNIONS, list):
        return next(filter(None, map(nested_class, typing.get_args(hint))), None)
    return None
