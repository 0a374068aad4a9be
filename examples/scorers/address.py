"""A scorer as an HTTP server: python examples/scorers/address.py [PORT], then

workbench evaluate --scorer http://127.0.0.1:8123/ --data DIR -o OUT
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

PREDICTION = "formbench.prediction/1"


def duration_s(asked: dict) -> float:
    """Return how long a repetition takes."""
    return len(asked["keypoints"]) / asked["fps"]


class Answers(BaseHTTPRequestHandler):
    """Says how near a repetition's duration is to that of good ones."""

    usual_s = 2.0

    def do_POST(self) -> None:
        """Answer one message."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if asked["ask"] == "about":
            answer = {"name": "duration-server", "version": "1", "fits": True}
        elif asked["ask"] == "fit":
            Answers.usual_s = sum(map(duration_s, asked["good"])) / len(asked["good"])
            answer = {"ok": True}
        elif not any(any(frame) for frame in asked["confidence"]):
            answer = {"schema": PREDICTION, "id": asked["id"], "abstained": "nobody is seen"}
        else:
            off = abs(duration_s(asked) / Answers.usual_s - 1)
            answer = {"schema": PREDICTION, "id": asked["id"], "score": 100 / (1 + off)}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *about: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    with HTTPServer(
        ("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8123), Answers
    ) as server:
        print(f"http://127.0.0.1:{server.server_port}/", flush=True)
        server.serve_forever()
