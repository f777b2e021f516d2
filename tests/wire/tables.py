"""What was sent to Application Insights, as rows of its tables: the shape that queries see.

Columns and their types are those of a component's Logs
(learn.microsoft.com/azure/azure-monitor/app/data-model-complete and .../reference/tables-category). What the service
adds by itself (`_ResourceId`, `client_*`, `appId`, …) is left out.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]
Tables = dict[str, list[Row]]
_TABLES = {
    "RequestData": "requests",
    "RemoteDependencyData": "dependencies",
    "MessageData": "traces",
    "MetricData": "customMetrics",
    "ExceptionData": "exceptions",
}
_DURATION = re.compile(r"(\d+)\.(\d\d):(\d\d):(\d\d)(?:\.(\d{1,7}))?")


def tables_of(envelopes: Iterable[Mapping[str, Any]]) -> Tables:
    """Every table with its rows, in the order in which they came; empty tables are there, too."""
    tables: Tables = {name: [] for name in _TABLES.values()}
    for envelope in envelopes:
        kind = envelope["data"]["baseType"]
        tables[_TABLES[kind]].extend(_rows(kind, envelope))
    return tables


def _rows(kind: str, envelope: Mapping[str, Any]) -> list[Row]:
    data = envelope["data"]["baseData"]
    everywhere = _of_every_item(envelope, data)
    match kind:
        case "RequestData":
            return [{**everywhere, **_span(data), "resultCode": data["responseCode"], "source": data.get("source", "")}]
        case "RemoteDependencyData":
            more = {"resultCode": data["resultCode"], "type": data["type"], "target": data.get("target", "")}
            return [{**everywhere, **_span(data), **more, "data": data.get("data", "")}]
        case "MessageData":
            return [{**everywhere, "message": data["message"], "severityLevel": data.get("severityLevel")}]
        case "ExceptionData":
            return [{**everywhere, **_exception(data)}]
        case _:
            return [{**everywhere, **_number(metric)} for metric in data["metrics"]]


def _of_every_item(envelope: Mapping[str, Any], data: Mapping[str, Any]) -> Row:
    tags = envelope.get("tags", {})
    return {
        "timestamp": datetime.fromisoformat(envelope["time"].replace("Z", "+00:00")).astimezone(UTC),
        "operation_Id": tags.get("ai.operation.id", ""),
        "operation_ParentId": tags.get("ai.operation.parentId", ""),
        "operation_Name": tags.get("ai.operation.name", ""),
        "cloud_RoleName": tags.get("ai.cloud.role", ""),
        "cloud_RoleInstance": tags.get("ai.cloud.roleInstance", ""),
        "application_Version": tags.get("ai.application.ver", ""),
        "sdkVersion": tags.get("ai.internal.sdkVersion", ""),
        "iKey": envelope["iKey"],
        "itemCount": round(100 / (envelope.get("sampleRate") or 100)),
        "customDimensions": dict(data.get("properties") or {}),
    }


def _span(data: Mapping[str, Any]) -> Row:
    """`success` is a string there, `duration` is in milliseconds."""
    return {
        "id": data["id"],
        "name": data["name"],
        "success": str(data["success"]),
        "duration": _milliseconds(data["duration"]),
    }


def _exception(data: Mapping[str, Any]) -> Row:
    first = data["exceptions"][0]
    return {
        "type": first["typeName"],
        "outerMessage": first["message"],
        "severityLevel": data.get("severityLevel"),
        "details": json.dumps(data["exceptions"]),
    }


def _number(metric: Mapping[str, Any]) -> Row:
    """A single measurement is its own smallest and largest; `value` is the sum."""
    value, count = metric["value"], metric.get("count") or 1
    low, high = (metric.get(name) for name in ("min", "max"))
    return {
        "name": metric["name"],
        "value": float(value),
        "valueSum": float(value),
        "valueCount": count,
        "valueMin": float(value if low is None else low),
        "valueMax": float(value if high is None else high),
    }


def _milliseconds(duration: str) -> float:
    found = _DURATION.fullmatch(duration)
    assert found is not None, f"{duration!r} is no duration as the service reads it"
    days, hours, minutes, seconds = (int(part) for part in found.groups()[:4])
    fraction = float(f"0.{found[5] or 0}")
    return ((days * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1000 + round(fraction * 1000, 4)
