// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What the peer knows, all of it in memory: its actors, what they published, what
// came in, and how it shall misbehave.

import { generateCryptoKeyPair } from "@fedify/fedify";

/** The kinds of actors that the control API may ask for. */
export const ACTOR_TYPES = ["Person", "Organization", "Group", "Service", "Application"];

/** World is one peer's state. */
export class World {
  constructor(origin) {
    this.origin = origin;
    this.outgoing = []; // what we asked of others, filled by loopback.js
    this.keyring = new Map(); // by name and kind: the same name has the same keys again
    this.clear();
  }

  /** clear forgets everything but the origin and the keys. */
  clear() {
    this.actors = new Map(); // by name
    this.published = new Map(); // documents by path: objects and activities
    this.inbox = []; // every POST to an inbox, in order
    this.requests = []; // every request to us, in order
    this.documents = new Map(); // documents by path, given by a test
    this.faults = {};
    this.outgoing.length = 0;
  }

  /** keyPair gives the pair of a name, made when it is first asked for. */
  async keyPair(name, kind, fresh = false) {
    const at = `${name} ${kind}`;
    if (fresh || !this.keyring.has(at)) this.keyring.set(at, await newKeyPair(kind));
    return this.keyring.get(at);
  }

  /** actor gives a local actor or throws a 404. */
  actor(name) {
    const actor = this.actors.get(name);
    if (!actor) throw new Problem(404, `no actor is called ${name}`);
    return actor;
  }

  /** uri is the id of a local actor. */
  uri(name) {
    return `${this.origin}/users/${name}`;
  }
}

/** Problem is an error of the one who asked, with its status. */
export class Problem extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * newActor makes an actor with its keys: policy is what happens to a Follow
 * (accept, manual, reject), keys is a list of rsa and ed25519.
 */
export async function newActor(world, { name, type = "Person", displayName = name, summary = "", policy = "accept", keys = ["rsa", "ed25519"] }) {
  if (!/^[a-z0-9_.-]{1,64}$/i.test(name ?? "")) throw new Problem(400, "name: letters, digits, _ . -");
  if (!ACTOR_TYPES.includes(type)) throw new Problem(400, `type: one of ${ACTOR_TYPES.join(", ")}`);
  return {
    name, type, displayName, summary, policy, keys,
    keyPairs: await Promise.all(keys.map((kind) => world.keyPair(name, kind))),
    deleted: false,
    aliases: [], // alsoKnownAs
    movedTo: null,
    followers: new Map(), // actor URI → {id, inboxId, endpoints: {sharedInbox}}
    pending: new Map(), // actor URI → the Follow that waits
    following: new Map(), // actor URI → {state: asked | accepted | rejected, follow}
    outbox: [], // activities, newest last
  };
}

/** newKeyPair makes a pair as Fedify does: RSA of 4096 bits, or Ed25519. */
function newKeyPair(kind) {
  if (kind === "rsa") return generateCryptoKeyPair("RSASSA-PKCS1-v1_5");
  if (kind === "ed25519") return generateCryptoKeyPair("Ed25519");
  throw new Problem(400, "keys: rsa, ed25519");
}
