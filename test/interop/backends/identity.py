"""A WSGI application that says whom the headers of a request name, in every spelling it can see.

PORT=9000 python3 identity.py, or under gunicorn: identity:app
"""
import json
import os
import re
from wsgiref.simple_server import WSGIRequestHandler, make_server


def named(environ, name):
    return [value for key, value in environ.items() if re.sub(r"[^A-Z0-9]", "_", key.upper()) == name]


def app(environ, start_response):
    body = {
        "user": named(environ, "HTTP_X_GATEPASS_USER_ID"),
        "session": named(environ, "HTTP_X_GATEPASS_SESSION_ID"),
        "role": named(environ, "HTTP_X_GATEPASS_CLAIM_ROLE"),
    }
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]


class Silent(WSGIRequestHandler):
    def log_message(self, *_):
        pass


if __name__ == "__main__":
    make_server("127.0.0.1", int(os.environ["PORT"]), app, handler_class=Silent).serve_forever()
