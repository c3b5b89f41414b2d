"""Slash-command options: what a member typed, checked against what the bot registered."""

from typing import Any

from growmies_admin.practice import invoking
from growmies_admin.practice.context import Practice
from growmies_admin.practice.errors import ControlError, Json

SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN = 1, 2, 3, 4, 5
USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = 6, 7, 8, 9, 10, 11


class Options:
    """Builds `data.options` and `data.resolved` of one command. Raises ControlError."""

    def __init__(self, practice: Practice, *, partial: bool = False) -> None:
        self._practice = practice
        self._partial = partial
        self._users: list[str] = []
        self._roles: dict[str, Json] = {}
        self._channels: dict[str, Json] = {}

    def build(self, declared: list[Json], words: list[str], given: dict[str, Any]) -> list[Json]:
        """The options, below the subcommand that `words` name."""
        if words or any(option["type"] in (SUBCOMMAND, GROUP) for option in declared):
            return [self._subcommand(declared, words, given)]
        known = {option["name"]: option for option in declared}
        for name in given:
            if name not in known:
                raise ControlError(400, f"The command has no option {name}.")
        built = []
        for name, option in known.items():
            if given.get(name) is not None:
                built.append(self._value(option, given[name]))
            elif option.get("required") and not self._partial:
                raise ControlError(400, f"The option {name} is required.")
        return built

    def resolved(self) -> Json:
        """The users, members, roles and channels that the options name."""
        resolved: Json = {}
        if self._users:
            resolved = invoking.resolved_users(self._practice, self._users)
        if self._roles:
            resolved["roles"] = self._roles
        if self._channels:
            resolved["channels"] = self._channels
        return resolved

    def _subcommand(self, declared: list[Json], words: list[str], given: Json) -> Json:
        names = [o["name"] for o in declared if o["type"] in (SUBCOMMAND, GROUP)]
        if not words or words[0] not in names:
            raise ControlError(400, f"Name a subcommand: {', '.join(names) or 'there is none'}.")
        chosen = next(o for o in declared if o["name"] == words[0])
        inner = self.build(chosen.get("options") or [], words[1:], given)
        return {"name": chosen["name"], "type": chosen["type"], "options": inner}

    def _value(self, option: Json, value: Any) -> Json:
        convert = {
            STRING: self._string,
            INTEGER: self._number,
            NUMBER: self._number,
            BOOLEAN: self._boolean,
            USER: self._user,
            ROLE: self._role,
            CHANNEL: self._channel,
            MENTIONABLE: self._mentionable,
        }.get(option["type"])
        if convert is None:
            raise ControlError(400, f"The option {option['name']} can't be given here.")
        converted = convert(option, value)
        choices = option.get("choices")
        if choices and not self._partial:
            for choice in choices:
                if converted in (choice["value"], choice["name"]):
                    converted = choice["value"]
                    break
            else:
                names = ", ".join(str(choice["value"]) for choice in choices)
                raise ControlError(400, f"{option['name']} must be one of {names}.")
        return {"name": option["name"], "type": option["type"], "value": converted}

    def _string(self, option: Json, value: Any) -> str:
        text = str(value)
        low, high = option.get("min_length", 0), option.get("max_length", 6000)
        if not low <= len(text) <= high and not self._partial:
            raise ControlError(400, f"{option['name']} must have {low} to {high} characters.")
        return text

    def _number(self, option: Json, value: Any) -> int | float | str:
        if self._partial:
            return str(value)
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise ControlError(400, f"{option['name']} must be a number.") from None
        if option["type"] == INTEGER:
            if number != int(number):
                raise ControlError(400, f"{option['name']} must be a whole number.")
            number = int(value)
        low, high = option.get("min_value"), option.get("max_value")
        if (low is not None and number < low) or (high is not None and number > high):
            raise ControlError(400, f"{option['name']} is out of range.")
        return number

    def _boolean(self, option: Json, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        if str(value).lower() in ("true", "false"):
            return str(value).lower() == "true"
        raise ControlError(400, f"{option['name']} must be true or false.")

    def _user(self, option: Json, value: Any) -> str:
        user = self._practice.world.by_name("users", str(value), "username")
        if user is None:
            raise ControlError(400, f"{option['name']}: nobody is called {value}.")
        self._users.append(user["id"])
        return str(user["id"])

    def _role(self, option: Json, value: Any) -> str:
        role = self._practice.world.by_name("roles", str(value))
        if role is None:
            raise ControlError(400, f"{option['name']}: there is no role {value}.")
        self._roles[role["id"]] = role
        return str(role["id"])

    def _channel(self, option: Json, value: Any) -> str:
        channel = self._practice.world.by_name("channels", str(value))
        if channel is None:
            raise ControlError(400, f"{option['name']}: there is no channel {value}.")
        keys = ("id", "name", "type", "parent_id", "flags", "position", "topic", "nsfw")
        shape = {key: channel[key] for key in keys if key in channel}
        self._channels[channel["id"]] = shape | {"permissions": "0"}
        return str(channel["id"])

    def _mentionable(self, option: Json, value: Any) -> str:
        if self._practice.world.by_name("roles", str(value)) is not None:
            return self._role(option, value)
        return self._user(option, value)
