"""Sessions of httpx that refresh by its documented auth_flow, once per request and without a lock.

Reads {"url", "parallel", "sessions": [{"access", "refresh"}]} from the first line; every further
line is a burst of requests of all sessions. Each line is answered with {"failed", "sessions"}.
"""

import asyncio
import json
import sys

import httpx


class RefreshingAuth(httpx.Auth):
    requires_response_body = True

    def __init__(self, url, tokens):
        self.url = url
        self.tokens = tokens

    def auth_flow(self, request):
        request.headers["Authorization"] = f"Bearer {self.tokens['access']}"
        response = yield request
        if response.status_code == 401:
            refreshed = yield httpx.Request(
                "POST",
                f"{self.url}/api/token/refresh",
                json={"refresh": self.tokens["refresh"]},
            )
            if refreshed.status_code == 200:
                self.tokens.update(refreshed.json())
            request.headers["Authorization"] = f"Bearer {self.tokens['access']}"
            yield request


async def burst(clients, parallel):
    requests = [client.get("/api/users/me") for client in clients for _ in range(parallel)]
    responses = await asyncio.gather(*requests, return_exceptions=True)
    return sum(getattr(each, "status_code", None) != 200 for each in responses)


async def main():
    start = json.loads(sys.stdin.readline())
    url, sessions = start["url"], start["sessions"]
    clients = [
        httpx.AsyncClient(base_url=url, auth=RefreshingAuth(url, each), timeout=60)
        for each in sessions
    ]
    while sys.stdin.readline():
        failed = await burst(clients, start["parallel"])
        print(json.dumps({"failed": failed, "sessions": sessions}), flush=True)


asyncio.run(main())
