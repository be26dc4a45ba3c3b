// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The peer's public door: notes what comes, misbehaves as told, and hands the rest
// to Fedify.

import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { contextLoader, judgeProof, judgeRequest, read } from "./documents.js";
import { signatureKind } from "./loopback.js";

/** How large a body may be: what the peer is for is smaller than this. */
const BODY_LIMIT = 4 << 20;

/** listen serves handler(Request) → Response on host:port, 0 for a free one. */
export async function listen(host, port, handler) {
  const server = http.createServer((message, answer) => {
    toRequest(message)
      .then(handler)
      .catch((error) => Response.json({ error: String(error.message ?? error) }, { status: error.status ?? 500 }))
      .then((response) => write(answer, response))
      .catch(() => answer.destroy());
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  return server;
}

async function toRequest(message) {
  const chunks = [];
  let size = 0;
  for await (const chunk of message) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw Object.assign(new Error("body too large"), { status: 413 });
    chunks.push(chunk);
  }
  const headers = new Headers();
  for (let i = 0; i < message.rawHeaders.length; i += 2) headers.append(message.rawHeaders[i], message.rawHeaders[i + 1]);
  const body = ["GET", "HEAD"].includes(message.method) ? undefined : Buffer.concat(chunks);
  return new Request(`http://${message.headers.host ?? "localhost"}${message.url}`, { method: message.method, headers, body });
}

async function write(answer, response) {
  answer.writeHead(response.status, Object.fromEntries(response.headers));
  answer.end(Buffer.from(await response.arrayBuffer()));
}

/** publicDoor is the handler of the public port. */
export function publicDoor(world) {
  return async (request) => {
    const { pathname } = new URL(request.url);
    const entry = { seq: world.requests.length + 1, method: request.method, path: pathname, url: request.url, signature: signatureKind(request.headers) };
    world.requests.push(entry);
    const answer = (await misbehave(world, request, pathname, entry)) ?? (await serve(world, request, pathname, entry));
    entry.status = answer.status;
    return answer;
  };
}

/** misbehave answers as the faults say, or not at all. */
async function misbehave(world, request, pathname, entry) {
  const { path = "/", refuse = [], status, headers = {}, delayMs = 0 } = world.faults;
  if (!pathname.startsWith(path)) return null;
  if (delayMs) await sleep(delayMs);
  if (request.method === "POST" && refuse.includes(entry.signature)) return refusal(401, headers);
  if (!status || world.faults.times === 0) return null;
  if (world.faults.times) world.faults.times--;
  return refusal(status, headers);
}

const refusal = (status, headers) => new Response(`${status}\n`, { status, headers });

async function serve(world, request, pathname, entry) {
  const given = world.documents.get(pathname);
  if (given) return await fromTest(given);
  const own = world.published.get(pathname);
  if (own && request.method === "GET") return await fromWorld(world, request, own, entry);
  if (request.method === "POST" && /(^|\/)inbox$/.test(pathname)) return await receive(world, request, pathname);
  return await world.federation().fetch(request, { contextData: {}, onNotAcceptable: () => refusal(406, {}) });
}

async function fromTest({ status = 200, headers = {}, body = "", delayMs = 0 }) {
  if (delayMs) await sleep(delayMs);
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Response(text, { status, headers: { "content-type": "application/activity+json", ...headers } });
}

/** fromWorld serves an object or activity, to signers only where that is set. */
async function fromWorld(world, request, own, entry) {
  entry.http = await judgeRequest(request, entry.signature);
  if (world.faults.authorizedFetch && !entry.http.verified) return refusal(401, {});
  const document = await own.object.toJsonLd({ contextLoader });
  return new Response(JSON.stringify(document), { status: own.gone ? 410 : 200, headers: { "content-type": "application/activity+json" } });
}

/** receive notes a POST to an inbox with all that can be said about it. */
async function receive(world, request, pathname) {
  const text = await request.clone().text();
  const entry = {
    seq: world.inbox.length + 1,
    path: pathname,
    url: request.url,
    signature: signatureKind(request.headers),
    headers: Object.fromEntries(request.headers),
    text,
    accepted: false,
  };
  world.inbox.push(entry);
  entry.http = await judgeRequest(request.clone(), entry.signature);
  try {
    entry.document = JSON.parse(text);
    entry.proof = await judgeProof(entry.document);
  } catch (error) {
    entry.error = String(error);
  }
  const response = await world.federation().fetch(request, { contextData: { entry } });
  entry.status = response.status;
  return response;
}

/** understood adds to an entry of the inbox how it reads as JSON-LD. */
export async function understood(entry) {
  return entry.document ? { ...entry, ...(await read(entry.document)) } : entry;
}
