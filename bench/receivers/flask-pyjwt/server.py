"""Microsoft's sample for Python, "How to secure webhook endpoints and websocket connections" (November 2026):
https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint

Follows it: Flask and PyJWT, a new PyJWKClient for each request, the order of the steps, the status codes. Differs: the settings
come from the environment, and the 500 of another error comes from Flask: the sample's own line for it raises a TypeError.
"""

import os

import jwt
from flask import Flask, abort, jsonify, request

app = Flask(__name__)


@app.route("/api/callback", methods=["POST"])
def callback():
    token = request.headers.get("authorization").split()[1]
    if not token:
        abort(401)
    try:
        key = jwt.PyJWKClient(os.environ["JWKS_URL"]).get_signing_key_from_jwt(token).key
        jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            issuer=os.environ["ISSUER"],
            audience=os.environ["AUDIENCE"],
        )
        return jsonify(success=True)
    except jwt.InvalidTokenError:
        abort(401)


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
