# pip install standardwebhooks; SIGNING_SECRET=whsec_… python3 receiver.py
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from standardwebhooks import Webhook

webhook = Webhook(os.environ["SIGNING_SECRET"])
seen = set()  # ids of the last days; keep them in your database

class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            data = webhook.verify(body, dict(self.headers))["data"]
        except Exception:
            return self.send_error(400)
        if self.headers["webhook-id"] not in seen:  # a retry comes with the same id
            seen.add(self.headers["webhook-id"])
            print(data["task"]["id"], data["state"], data["actor"]["name"], flush=True)
        self.send_response_only(200)
        self.end_headers()

server = HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "5001"))), Receiver)
print("listening on", server.server_port, flush=True)
server.serve_forever()
