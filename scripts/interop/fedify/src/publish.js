// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What an actor of the peer does: its activities, built from Fedify's own classes.

import * as vocab from "@fedify/vocab";
import { LanguageString } from "@fedify/vocab-runtime";
import { lookupWebFinger } from "@fedify/webfinger";
import { Temporal } from "@js-temporal/polyfill";
import { documentLoader, options } from "./documents.js";
import { sendActivity } from "./deliver.js";
import { recipient } from "./federation.js";
import { Problem } from "./world.js";

/** Activities that only name their object. */
const PLAIN = ["Announce", "Like", "Dislike", "Block", "Flag", "Join", "Leave", "Add", "Remove", "Follow", "Move"];

const urls = (list) => [list ?? []].flat().map((uri) => new URL(uri === "public" ? vocab.PUBLIC_COLLECTION : uri));

/** webfinger asks for a handle (`@name@host`) or a URI, as Fedify does. */
export async function webfinger(resource) {
  const asked = /^@?[^@/]+@[^@/]+$/.test(resource) ? `acct:${resource.replace(/^@/, "")}` : resource;
  return await lookupWebFinger(asked, { allowPrivateAddress: true });
}

/** lookup finds an actor or object by handle or URI. */
export async function lookup(identifier) {
  let uri = identifier;
  if (!/^https?:/.test(identifier)) {
    const found = await webfinger(identifier);
    uri = found?.links?.find((link) => link.rel === "self" && /json/.test(link.type ?? ""))?.href;
    if (!uri) throw new Problem(404, `${identifier} is not to be found by WebFinger`);
  }
  const { document } = await documentLoader(uri);
  return { document, object: await vocab.Object.fromJsonLd(document, options) };
}

/** actorOf finds an actor as a recipient. */
async function actorOf(identifier) {
  const { object } = await lookup(identifier);
  if (!object.inboxId) throw new Problem(422, `${identifier} is no actor with an inbox`);
  return recipient(object);
}

/** follow sends a Follow and waits for no answer. */
export async function follow(world, name, { target, ...how }) {
  const actor = world.actor(name);
  const to = await actorOf(target);
  const activity = new vocab.Follow({ id: newId(world, name, "activities"), actor: new URL(world.uri(name)), object: to.id, tos: [to.id] });
  actor.following.set(to.id.href, { state: "asked", follow: activity });
  return { target: to.id.href, ...(await sendActivity(world, name, [to], activity, how)) };
}

/** unfollow sends the Undo of the Follow that was sent. */
export async function unfollow(world, name, { target, ...how }) {
  const actor = world.actor(name);
  const to = await actorOf(target);
  const followed = actor.following.get(to.id.href);
  if (!followed) throw new Problem(404, `${name} does not follow ${target}`);
  actor.following.delete(to.id.href);
  const undo = new vocab.Undo({ id: newId(world, name, "activities"), actor: new URL(world.uri(name)), object: followed.follow, tos: [to.id] });
  return await sendActivity(world, name, [to], undo, how);
}

function newId(world, name, kind) {
  return new URL(`${world.uri(name)}/${kind}/${crypto.randomUUID()}`);
}

/**
 * publish makes an activity and sends it to its recipients ("followers", or a list
 * of handles and URIs). See README.md for the members of the order.
 */
export async function publish(world, name, order) {
  const actor = world.actor(name);
  const activity = await build(world, name, order);
  const recipients = await whom(actor, order.recipients ?? "followers");
  keep(world, actor, activity, order);
  const report = recipients.length ? await sendActivity(world, name, recipients, activity, order) : { id: activity.id.href, sent: [] };
  const object = activity.objectId?.href ?? null;
  return { ...report, object, activity: await activity.toJsonLd({ contextLoader: options.contextLoader }) };
}

async function whom(actor, recipients) {
  if (recipients === "followers") return [...actor.followers.values()];
  return await Promise.all([recipients].flat().map(actorOf));
}

async function build(world, name, order) {
  if (order.jsonld) return await fromJsonLd(world, name, order.jsonld);
  const values = {
    id: newId(world, name, "activities"),
    actor: new URL(world.uri(name)),
    tos: urls(order.to ?? "public"),
    ccs: urls(order.cc ?? `${world.uri(name)}/followers`),
    published: Temporal.Now.instant(),
  };
  const object = order.object;
  switch (order.activity) {
    case "Create": return new vocab.Create({ ...values, object: build_(world, name, object ?? {}, order) });
    case "Update": return new vocab.Update({ ...values, object: typeof object === "string" ? await ownActor(world, name, object) : build_(world, name, object, order) });
    case "Delete": return new vocab.Delete({ ...values, object: object === world.uri(name) ? new URL(object) : new vocab.Tombstone({ id: new URL(object) }) });
    case "Undo": return new vocab.Undo({ ...values, object: earlier(world, object) });
    default:
      if (!PLAIN.includes(order.activity)) throw new Problem(400, `activity: Create, Update, Delete, Undo, ${PLAIN.join(", ")}; or jsonld`);
      return new vocab[order.activity]({ ...values, object: new URL(object), target: order.target && new URL(order.target) });
  }
}

/** fromJsonLd takes an activity as it is; id and actor are ours unless given. */
async function fromJsonLd(world, name, document) {
  const activity = await vocab.Activity.fromJsonLd({
    "@context": "https://www.w3.org/ns/activitystreams",
    id: newId(world, name, "activities").href,
    actor: world.uri(name),
    ...document,
  }, options);
  return activity;
}

async function ownActor(world, name, uri) {
  if (uri !== world.uri(name)) throw new Problem(400, "object: the actor itself, or an object");
  return await world.federation().createContext(new Request(world.origin), {}).getActor(name);
}

/** build_ makes an object; with an id it is a new version of the old one. */
function build_(world, name, object, order) {
  const Class = vocab[object.type ?? "Note"];
  if (!Class) throw new Problem(400, `object.type: ${object.type} is no class of Fedify`);
  const id = object.id ? new URL(object.id) : newId(world, name, "objects");
  const before = world.published.get(id.pathname)?.object;
  const language = object.language ?? "en";
  return new Class({
    id,
    attribution: new URL(world.uri(name)),
    contents: [object.content ?? "", new LanguageString(object.content ?? "", language)],
    name: object.name,
    summary: object.summary,
    replyTarget: object.inReplyTo && new URL(object.inReplyTo),
    tos: urls(order.to ?? "public"),
    ccs: urls(order.cc ?? `${world.uri(name)}/followers`),
    tags: (object.mentions ?? []).map((m) => new vocab.Mention({ href: new URL(m.href), name: m.name })),
    published: before?.published ?? Temporal.Now.instant(),
    updated: before ? Temporal.Now.instant() : undefined,
    url: id,
  });
}

/** earlier finds an activity of ours by its id. */
function earlier(world, id) {
  const found = world.published.get(new URL(id).pathname)?.object;
  if (!(found instanceof vocab.Activity)) throw new Problem(404, `no activity ${id} was published here`);
  return found;
}

/** keep makes activities and objects answer under their ids. */
function keep(world, actor, activity, order) {
  world.published.set(activity.id.pathname, { object: activity });
  if (activity instanceof vocab.Create || activity instanceof vocab.Update) keepObject(world, activity);
  if (order.activity === "Delete") {
    if (order.object === world.uri(actor.name)) actor.deleted = true;
    else world.published.set(new URL(order.object).pathname, { object: new vocab.Tombstone({ id: new URL(order.object) }), gone: true });
  }
  if (activity instanceof vocab.Create || activity instanceof vocab.Announce) actor.outbox.push(activity);
}

function keepObject(world, activity) {
  activity.getObject({ ...options, suppressError: true }).then((object) => {
    if (object?.id?.origin === world.origin && !object.inboxId) world.published.set(object.id.pathname, { object });
  });
}
