"""Set for Matrix."""

from monitoring.delivery.setting import named, text, url


def _rooms(rooms: dict[str, str]) -> str:
    sound = all(room.startswith("!") for room in rooms.values())
    return "" if sound else "must name rooms by their ids, which begin with an exclamation mark."


MATRIX_HOMESERVER = url("MATRIX_HOMESERVER", "the homeserver, as https://matrix.example.org")
MATRIX_ACCESS_TOKEN = text("MATRIX_ACCESS_TOKEN", "access token of the account that writes")
MATRIX_ROOMS = named(
    "MATRIX_ROOMS",
    "room ids by who reads there, team=room separated by spaces: critical, a team's name, or all",
    check=_rooms,
)
