// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The judge proven by an honest actor, by one that lacks an outbox, and by none.

import assert from "node:assert/strict";
import http from "node:http";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, it } from "node:test";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../judge.js", import.meta.url));
let server, origin;

/** documents that the server serves, by path. */
function documents() {
  const collection = (path) => ({ "@context": "https://www.w3.org/ns/activitystreams", id: origin + path, type: "OrderedCollection", totalItems: 0, orderedItems: [] });
  const actor = { "@context": "https://www.w3.org/ns/activitystreams", id: `${origin}/ana`, type: "Person", inbox: `${origin}/inbox`, outbox: `${origin}/outbox`, followers: `${origin}/followers`, following: `${origin}/following` };
  const { outbox, ...bad } = { ...actor, id: `${origin}/bad` };
  return {
    "/ana": actor, "/bad": bad,
    "/inbox": collection("/inbox"), "/outbox": collection("/outbox"), "/followers": collection("/followers"), "/following": collection("/following"),
  };
}

before(async () => {
  server = http.createServer((request, answer) => {
    const document = documents()[request.url];
    const status = request.method === "GET" ? (document ? 200 : 404) : 405; // as one without a client API
    answer.writeHead(status, { "content-type": 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"' });
    answer.end(JSON.stringify(document ?? {}));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  origin = `http://judged.localhost:${server.address().port}`;
});
after(() => (server.closeAllConnections(), server.close()));

/** run judges a URL in a process of its own. */
async function run(...args) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  child.stdout.on("data", (chunk) => (text += chunk));
  child.stderr.on("data", (chunk) => (text += chunk));
  const [code] = await once(child, "exit");
  return { code, text };
}

it("passes an honest actor", async () => {
  const { code, text } = await run(`${origin}/ana`);
  assert.equal(code, 0, text);
  assert.match(text, /^passed +actor-must-serve-as2-object-to-get$/m);
  assert.doesNotMatch(text, /^failed/m);
});

it("fails one without an outbox", async () => {
  const { code, text } = await run(`${origin}/bad`);
  assert.equal(code, 1, text);
  assert.match(text, /^failed +actor-objects-must-have-inbox-outbox-properties/m);
});

it("fails where there is none", async () => {
  const { code } = await run(`${origin}/nobody`);
  assert.equal(code, 1);
});

it("tells results as JSON", async () => {
  const { text } = await run("--json", `${origin}/ana`);
  assert.ok(JSON.parse(text).some(({ outcome }) => outcome === "passed"));
});

it("judges nobody outside this machine", async () => {
  assert.equal((await run("https://example.com/ana")).code, 2);
});
