"""From keys to values: settings with their defaults filled in, blocks ready to compare, digests."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace

from responder.core.block import ATTRIBUTES, Block, Condition, GroupCondition, TagCondition, TextCondition
from responder.core.folding import fold
from responder.core.rule_settings import DEFAULTS, Bounds, Settings, TaskSettings
from responder.core.rules_model import ALWAYS, BlockKeys, LimitsKeys, SettingsKeys, TaskKeys
from responder.core.window import Window

_SETTINGS = frozenset(field.alias or name for name, field in SettingsKeys.model_fields.items())


def resolved(keys: SettingsKeys, base: Settings, windows: Mapping[str, Window]) -> Settings:
    """The settings that are written, over those of `base`, key by key."""
    gather, poll, verify, retry = keys.gather, keys.poll, keys.verify, keys.retry
    written: dict[str, object | None] = {
        "gather_by": gather and gather.by,
        "gather_for": gather and gather.for_,
        "gather_at_most": gather and gather.at_most,
        "poll_first": poll and poll.first,
        "poll_most": poll and poll.most,
        "verify_after": verify and verify.after,
        "verify_at_most": verify and verify.at_most,
        "retry_attempts": retry and retry.attempts,
        "retry_wait": retry and retry.wait,
        "retry_factor": retry and retry.factor,
        "ask_for": keys.ask_for,
        "cooldown": keys.cooldown,
        "enforcement_modes": keys.enforcement_modes,
        "require_roles": keys.require_roles,
        "allow_wide": keys.allow_wide,
        "backfill": keys.backfill,
        "task": _task(keys.task, base.task) if keys.task else None,
    }
    settings = _over(base, written)
    if keys.grace is not None:
        settings = replace(settings, grace=None if isinstance(keys.grace, str) else keys.grace)
    if keys.during is not None:
        settings = replace(settings, during=None if keys.during == ALWAYS else windows.get(keys.during))
    return settings


def bounds_of(keys: LimitsKeys) -> Bounds:
    """The limits that are written, over the built-in ones."""
    given = {name: value for name, value in keys if value is not None}
    return replace(Bounds(), **given)


def _task(keys: TaskKeys, base: TaskSettings) -> TaskSettings:
    given = {name: value for name, value in keys if value is not None}
    return replace(base, **given)


def _over(base: Settings, written: Mapping[str, object | None]) -> Settings:
    given = {name: value for name, value in written.items() if value is not None}
    return replace(base, **given)  # type: ignore[arg-type]


def blocks_of(blocks: Iterable[BlockKeys] | None) -> tuple[Block, ...]:
    """The blocks, with what any event can tell before what must be read."""
    return tuple(Block(tuple(_conditions(block))) for block in blocks or ())


def _conditions(block: BlockKeys) -> Iterable[Condition]:
    read_last = ("effect", "location")
    for key in sorted(ATTRIBUTES, key=lambda key: key in read_last):
        globs = {
            "assignment": block.assignment,
            "definition": block.definition,
            "referenceId": block.reference_id,
            "effect": block.effect,
            "resource": block.resource,
            "resourceType": block.resource_type,
            "resourceGroup": block.resource_group,
            "subscription": block.subscription,
            "location": block.location,
        }[key]
        if globs is not None:
            yield TextCondition(key, ATTRIBUTES[key], globs)
    if block.management_group is not None:
        yield GroupCondition(block.management_group)
    for name, (values, absent) in (block.tags or {}).items():
        yield TagCondition(fold(name), values, absent)


def digest_of(text: Mapping[str, object], settings: Settings) -> str:
    """SHA-256 of a rule's own words and of the settings it uses.

    Settings count only where they differ from the built-in ones, so that a setting that a later version adds
    changes no digest.
    """
    words = {key: value for key, value in text.items() if key not in _SETTINGS}
    canonical = json.dumps([words, _differing(settings, DEFAULTS)], sort_keys=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _differing(settings: Settings | TaskSettings, base: Settings | TaskSettings) -> dict[str, object]:
    found: dict[str, object] = {}
    for field in fields(settings):
        value, usual = getattr(settings, field.name), getattr(base, field.name)
        if value != usual:
            found[field.name] = _differing(value, usual) if isinstance(value, TaskSettings) else str(value)
    return found
