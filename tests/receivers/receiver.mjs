// npm install standardwebhooks; SIGNING_SECRET=whsec_… node receiver.mjs
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.SIGNING_SECRET);
const seen = new Set(); // ids of the last days; keep them in your database

const server = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString();
  try {
    const { data } = webhook.verify(body, request.headers);
    if (!seen.has(request.headers["webhook-id"])) { // a retry comes with the same id
      seen.add(request.headers["webhook-id"]);
      console.log(data.task.id, data.state, data.actor.name);
    }
    response.writeHead(200).end();
  } catch {
    response.writeHead(400).end();
  }
});
server.listen(process.env.PORT ?? 5001, "127.0.0.1", () => console.log("listening on", server.address().port));
