// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The Fedify side: actors, collections, and the inbox with its ordinary answers.

import { createFederation, MemoryKvStore } from "@fedify/fedify";
import { Accept, Activity, Endpoints, Follow, Reject, Undo } from "@fedify/vocab";
import * as vocab from "@fedify/vocab";
import { loaders, contextLoader } from "./documents.js";
import { sendActivity } from "./deliver.js";

/** How many entries a page of a collection has. */
const PAGE = 3;

/**
 * newFederation makes a Fedify server over the world. firstKnock is the signature
 * that a host that we do not know yet is asked with: rfc9421 or
 * draft-cavage-http-signatures-12.
 */
export function newFederation(world, firstKnock) {
  const federation = createFederation({
    kv: new MemoryKvStore(), // no queue: what is sent is sent before the answer
    origin: world.origin,
    firstKnock,
    circuitBreaker: false,
    ...loaders,
  });
  actors(federation, world);
  collections(federation, world);
  inbox(federation, world);
  federation.setNodeInfoDispatcher("/nodeinfo/2.1", () => ({
    software: { name: "fedify-peer", version: "2.3.6" },
    protocols: ["activitypub"],
    usage: { users: { total: world.actors.size }, localPosts: 0, localComments: 0 },
  }));
  return federation;
}

function actors(federation, world) {
  federation
    .setActorDispatcher("/users/{identifier}", async (ctx, name) => {
      const actor = world.actors.get(name);
      if (!actor) return null;
      if (actor.deleted) return new vocab.Tombstone({ id: ctx.getActorUri(name) });
      const keys = await ctx.getActorKeyPairs(name);
      return new vocab[actor.type]({
        id: ctx.getActorUri(name),
        preferredUsername: name,
        name: actor.displayName,
        summary: actor.summary,
        url: ctx.getActorUri(name),
        manuallyApprovesFollowers: actor.policy !== "accept",
        inbox: ctx.getInboxUri(name),
        outbox: ctx.getOutboxUri(name),
        followers: ctx.getFollowersUri(name),
        following: ctx.getFollowingUri(name),
        endpoints: new Endpoints({ sharedInbox: ctx.getInboxUri() }),
        publicKey: keys.find((key) => key.privateKey.algorithm.name !== "Ed25519")?.cryptographicKey,
        assertionMethods: keys.map((key) => key.multikey),
        aliases: actor.aliases.map((uri) => new URL(uri)),
        successor: actor.movedTo && new URL(actor.movedTo),
      });
    })
    .setKeyPairsDispatcher((_, name) => world.actors.get(name)?.keyPairs ?? []);
}

/** page cuts a list for a cursor, which is the index of its first entry. */
function page(list, cursor) {
  if (cursor == null) return null; // Fedify then links the first page
  const from = Number(cursor);
  const next = from + PAGE < list.length ? String(from + PAGE) : null;
  return { items: list.slice(from, from + PAGE), nextCursor: next };
}

function collections(federation, world) {
  const list = {
    followers: (name) => [...world.actor(name).followers.values()],
    following: (name) => [...world.actor(name).following].filter(([, f]) => f.state === "accepted").map(([uri]) => new URL(uri)),
    outbox: (name) => world.actor(name).outbox.toReversed(),
  };
  for (const [path, set] of [["followers", "setFollowersDispatcher"], ["following", "setFollowingDispatcher"], ["outbox", "setOutboxDispatcher"]]) {
    federation[set](`/users/{identifier}/${path}`, (_, name, cursor) => page(list[path](name), cursor))
      .setCounter((_, name) => list[path](name).length)
      .setFirstCursor((_, name) => (world.actors.has(name) ? "0" : null));
  }
}

/** inbox notes every activity that Fedify let through, and answers follows. */
function inbox(federation, world) {
  federation
    .setInboxListeners("/users/{identifier}/inbox", "/inbox")
    .on(Activity, async (ctx, activity) => {
      const entry = ctx.data.entry;
      entry.accepted = true;
      entry.type = activity.constructor.name;
      entry.id = activity.id?.href;
      entry.actor = activity.actorId?.href;
      entry.object = activity.objectId?.href;
      entry.parsed = await activity.toJsonLd({ format: "compact", contextLoader });
      if (activity instanceof Follow) await followed(world, ctx, activity);
      if (activity instanceof Undo) await undone(world, ctx, activity);
      if (activity instanceof Accept || activity instanceof Reject) await answered(world, ctx, activity);
    });
}

/** localName is the name of a local actor by its URI, else undefined. */
function localName(ctx, uri) {
  const parsed = ctx.parseUri(uri);
  return parsed?.type === "actor" ? parsed.identifier : undefined;
}

async function followed(world, ctx, follow) {
  const actor = world.actors.get(localName(ctx, follow.objectId));
  const follower = await follow.getActor(ctx);
  if (!actor || !follower?.id) return;
  actor.pending.set(follower.id.href, { follow, follower });
  // The answer goes out after ours to the Follow: no one is asked while they wait.
  if (actor.policy !== "manual") setImmediate(() => decide(world, actor.name, follower.id.href, actor.policy === "accept").catch(() => {}));
}

/** decide answers a Follow that waits. */
export async function decide(world, name, followerId, yes, how = {}) {
  const actor = world.actor(name);
  const waiting = actor.pending.get(followerId);
  if (!waiting) return null;
  const Answer = yes ? Accept : Reject;
  const answer = new Answer({
    id: new URL(`${world.uri(name)}/activities/${crypto.randomUUID()}`),
    actor: new URL(world.uri(name)),
    object: waiting.follow,
    tos: [new URL(followerId)],
  });
  actor.pending.delete(followerId);
  if (yes) actor.followers.set(followerId, recipient(waiting.follower));
  return await sendActivity(world, name, [recipient(waiting.follower)], answer, how);
}

/** recipient is what Fedify needs to know of one who gets something. */
export function recipient(actor) {
  return { id: actor.id, inboxId: actor.inboxId, endpoints: actor.endpoints && { sharedInbox: actor.endpoints.sharedInbox } };
}

async function undone(world, ctx, undo) {
  const inner = await undo.getObject(ctx);
  if (!(inner instanceof Follow) || inner.actorId?.href !== undo.actorId?.href) return;
  const actor = world.actors.get(localName(ctx, inner.objectId));
  actor?.followers.delete(undo.actorId.href);
  actor?.pending.delete(undo.actorId.href);
}

/** answered notes who accepted or refused our Follow; the object may be its id. */
async function answered(world, ctx, answer) {
  for (const actor of world.actors.values()) {
    const followed = actor.following.get(answer.actorId?.href);
    if (!followed) continue;
    let id = answer.objectId?.href;
    id ??= (await answer.getObject(ctx))?.id?.href;
    if (id === followed.follow.id.href) followed.state = answer instanceof Accept ? "accepted" : "rejected";
  }
}

/** keyOf gives one key of a local actor as Fedify names it. */
async function keyOf(world, name, fits) {
  world.actor(name);
  const pairs = await world.federation().createContext(new URL(world.origin), {}).getActorKeyPairs(name);
  return pairs.find((pair) => fits(pair.privateKey.algorithm.name));
}

/** signingKey is the key that signs requests, {keyId, privateKey}, or null. */
export async function signingKey(world, name) {
  const pair = await keyOf(world, name, (algorithm) => algorithm !== "Ed25519");
  return pair ? { keyId: pair.keyId, privateKey: pair.privateKey } : null;
}

/** proofKey is the key that signs documents, likewise. */
export async function proofKey(world, name) {
  const pair = await keyOf(world, name, (algorithm) => algorithm === "Ed25519");
  return pair ? { keyId: pair.multikey.id, privateKey: pair.privateKey } : null;
}
