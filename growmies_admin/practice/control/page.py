"""The web page for people, and what it shows of a member's view."""

from aiohttp import web

routes = web.RouteTableDef()
