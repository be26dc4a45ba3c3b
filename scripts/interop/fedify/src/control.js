// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The control API: JSON over HTTP on a port of its own, for tests. README.md lists
// the routes.

import { read } from "./documents.js";
import { deliver, get } from "./deliver.js";
import { decide } from "./federation.js";
import { follow, lookup, publish, unfollow, webfinger } from "./publish.js";
import { understood } from "./server.js";
import { newActor, Problem } from "./world.js";

/** Routes: method, path with :names, handler(world, {params, query, body}). */
const routes = [
  ["GET", "/health", (world) => ({ origin: world.origin, actors: world.actors.size })],
  ["POST", "/reset", (world) => (world.reset(), {})],

  ["GET", "/actors", (world) => [...world.actors.values()].map((actor) => show(world, actor))],
  ["POST", "/actors", addActor],
  ["GET", "/actors/:name", (world, { params }) => show(world, world.actor(params.name))],
  ["PATCH", "/actors/:name", changeActor],
  ["POST", "/actors/:name/rotate", rotate],
  ["POST", "/actors/:name/follow", (world, { params, body }) => follow(world, params.name, body)],
  ["POST", "/actors/:name/unfollow", (world, { params, body }) => unfollow(world, params.name, body)],
  ["POST", "/actors/:name/accept", (world, { params, body }) => answer(world, params.name, body, true)],
  ["POST", "/actors/:name/reject", (world, { params, body }) => answer(world, params.name, body, false)],
  ["POST", "/actors/:name/publish", (world, { params, body }) => publish(world, params.name, body)],
  ["POST", "/actors/:name/deliver", (world, { params, body }) => deliver(world, world.actor(params.name).name, body)],
  ["POST", "/actors/:name/fetch", fetchAs],

  ["POST", "/webfinger", (_, { body }) => webfinger(body.resource)],
  ["POST", "/lookup", async (_, { body }) => understand((await lookup(body.id)).document)],
  ["POST", "/read", (_, { body }) => understand(body)],

  ["GET", "/inbox", (world, { query }) => world.inbox.filter((entry) => wanted(entry, query)).map(short)],
  ["GET", "/inbox/:seq", (world, { params }) => entryOf(world, params.seq)],
  ["GET", "/requests", (world, { query }) => world.requests.filter((entry) => wanted(entry, query))],
  ["GET", "/outgoing", (world, { query }) => world.outgoing.filter((entry) => wanted(entry, query))],

  ["GET", "/faults", (world) => world.faults],
  ["PUT", "/faults", (world, { body }) => (world.faults = body)],
  ["DELETE", "/faults", (world) => (world.faults = {})],
  ["PUT", "/documents", putDocument],
  ["DELETE", "/documents", (world) => (world.documents.clear(), {})],
].map(([method, path, handle]) => ({ method, handle, pattern: new RegExp(`^${path.replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`) }));

/** controlDoor is the handler of the control port. */
export function controlDoor(world) {
  return async (request) => {
    const url = new URL(request.url);
    const route = routes.find((r) => r.method === request.method && r.pattern.test(url.pathname));
    if (!route) throw new Problem(404, `no route ${request.method} ${url.pathname}`);
    const params = { ...route.pattern.exec(url.pathname).groups };
    const text = await request.text();
    const result = await route.handle(world, { params, query: Object.fromEntries(url.searchParams), body: parse(text) });
    return Response.json(result ?? null);
  };
}

function parse(text) {
  try {
    return text ? JSON.parse(text) : {};
  } catch {
    throw new Problem(400, "the body is no JSON");
  }
}

async function addActor(world, { body }) {
  if (world.actors.has(body.name)) throw new Problem(409, `${body.name} is there already`);
  const actor = await newActor(world, body);
  world.actors.set(actor.name, actor);
  return show(world, actor);
}

function changeActor(world, { params, body }) {
  const actor = world.actor(params.name);
  for (const member of ["policy", "displayName", "summary", "type", "deleted", "aliases", "movedTo"]) {
    if (member in body) actor[member] = body[member];
  }
  return show(world, actor);
}

/** rotate puts a new key in the old one's place, under the old one's name. */
async function rotate(world, { params, body }) {
  const actor = world.actor(params.name);
  const at = actor.keys.indexOf(body.key ?? "rsa");
  if (at < 0) throw new Problem(404, `${params.name} has no such key`);
  actor.keyPairs[at] = await world.keyPair(actor.name, actor.keys[at], true);
  return show(world, actor);
}

function show(world, actor) {
  const { name, type, displayName, policy, keys, deleted } = actor;
  return {
    name, type, displayName, policy, keys, deleted,
    id: world.uri(name),
    handle: `@${name}@${new URL(world.origin).host}`,
    inbox: `${world.uri(name)}/inbox`,
    sharedInbox: `${world.origin}/inbox`,
    followers: [...actor.followers.keys()],
    pending: [...actor.pending.keys()],
    following: Object.fromEntries([...actor.following].map(([uri, { state }]) => [uri, state])),
  };
}

async function answer(world, name, { follower, ...how }, yes) {
  const sent = await decide(world, name, follower, yes, how);
  if (!sent) throw new Problem(404, `no Follow of ${follower} waits for ${name}`);
  return sent;
}

async function fetchAs(world, { params, body }) {
  const answer = await get(world, world.actor(params.name).name, body);
  let document;
  try {
    document = JSON.parse(answer.text);
  } catch {
    return answer; // not JSON: the text says it all
  }
  return typeof document === "object" && document ? { ...answer, ...(await understand(document)) } : answer;
}

const understand = async (document) => ({ document, ...(await read(document)) });

/** wanted filters a log: after=seq, and any member by its value. */
function wanted(entry, { after = 0, ...members }) {
  return entry.seq > Number(after) && Object.entries(members).every(([name, value]) => String(entry[name]) === value);
}

/** short leaves out of an entry what fills the screen. */
function short({ headers, text, parsed, ...entry }) {
  return entry;
}

async function entryOf(world, seq) {
  const entry = world.inbox[Number(seq) - 1];
  if (!entry) throw new Problem(404, `the inbox has no entry ${seq}`);
  return await understood(entry);
}

function putDocument(world, { body }) {
  if (!body.path?.startsWith("/")) throw new Problem(400, "path: begins with /");
  world.documents.set(body.path, body);
  return { url: world.origin + body.path };
}
