"""An API with PyJWT: GATEPASS_URL=http://127.0.0.1:8000 PORT=9000 python3 server.py"""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt

ISSUER = os.environ.get("GATEPASS_URL", "http://127.0.0.1:8000")
keys = jwt.PyJWKClient(f"{ISSUER}/.well-known/jwks.json")


def verify(token):
    """The claims of a valid access token; raises jwt.PyJWTError."""
    claims = jwt.decode(
        token,
        keys.get_signing_key_from_jwt(token).key,
        algorithms=["EdDSA", "ES256", "RS256"],
        options={"require": ["exp", "sub"]},
    )
    if claims.get("token_type") != "access":
        raise jwt.InvalidTokenError("not an access token")
    return claims


class Api(BaseHTTPRequestHandler):
    def do_GET(self):
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        try:
            claims = verify(token if scheme.lower() == "bearer" else "")
        except jwt.PyJWTError:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Bearer realm="api"')
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps({"user": claims["sub"], "session": claims["sid"]}).encode())


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9000"))), Api).serve_forever()
