// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Sending: as Fedify does it, in one signature only, or spoiled on purpose.

import { signObject, signRequest } from "@fedify/fedify";
import { Activity, PUBLIC_COLLECTION } from "@fedify/vocab";
import { Temporal } from "@js-temporal/polyfill";
import { contextLoader, options } from "./documents.js";
import { proofKey, signingKey } from "./federation.js";
import { signatureKind, watch } from "./loopback.js";
import { Problem } from "./world.js";

const SPEC = { cavage: "draft-cavage-http-signatures-12", rfc9421: "rfc9421" };

/**
 * sendActivity delivers to each recipient, {id, inboxId, endpoints}.
 * signature: auto (Fedify chooses and knocks twice), cavage or rfc9421 (that one
 * only, one knock); firstKnock: cavage or rfc9421, for auto; sharedInbox: prefer it;
 * proof: false leaves the integrity proof out (not for auto).
 */
export async function sendActivity(world, name, recipients, activity, how = {}) {
  const { signature = "auto", firstKnock = "rfc9421", sharedInbox = false, proof = true } = how;
  if (signature !== "auto" && !SPEC[signature]) throw new Problem(400, "signature: auto, cavage, rfc9421");
  const { result, sent } = await watch(async () => {
    try {
      if (signature === "auto") await byFedify(world, name, recipients, activity, firstKnock, sharedInbox);
      else await inOneKnock(world, name, recipients, activity, signature, sharedInbox, proof);
      return null;
    } catch (error) {
      return String(error);
    }
  });
  return { id: activity.id?.href, error: result, sent: sent.filter((entry) => entry.method === "POST") };
}

async function byFedify(world, name, recipients, activity, firstKnock, sharedInbox) {
  const context = world.federation(firstKnock).createContext(new URL(world.origin), {});
  await context.sendActivity({ identifier: name }, recipients, activity, { immediate: true, preferSharedInbox: sharedInbox });
}

async function inOneKnock(world, name, recipients, activity, signature, sharedInbox, proof) {
  const document = await document_(world, name, activity, proof);
  const inboxes = new Set(recipients.map((r) => ((sharedInbox && r.endpoints?.sharedInbox) || r.inboxId).href));
  for (const inbox of inboxes) {
    const request = await signed(world, name, { inbox, body: JSON.stringify(document), signature });
    await fetch(request);
  }
}

/** document_ is an activity as Fedify writes it, with a proof unless unwanted. */
async function document_(world, name, activity, proof) {
  const key = proof && (await proofKey(world, name));
  const final = key ? await signObject(activity, key.privateKey, key.keyId, options) : activity;
  return inFull(await final.toJsonLd({ contextLoader }));
}

/**
 * inFull writes the public as Fedify does before it signs and sends: in full. A
 * proof holds over that form alone.
 */
function inFull(value, member = "") {
  if (Array.isArray(value)) return value.map((entry) => inFull(entry, member));
  if (value === "as:Public" && ["to", "cc", "audience"].includes(member)) return PUBLIC_COLLECTION.href;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, name === "@context" ? inner : inFull(inner, name)]));
}

/** signed makes a signed POST; at is another time than now, keyId another name. */
async function signed(world, name, { inbox, body, signature, at, keyId, contentType = "application/activity+json", headers = {} }) {
  const request = new Request(inbox, { method: "POST", headers: { "content-type": contentType, ...headers }, body });
  if (signature === "none") return request;
  const key = await signingKey(world, name);
  if (!key) throw new Problem(409, `${name} has no RSA key to sign requests with`);
  return await signRequest(request, key.privateKey, keyId ? new URL(keyId) : key.keyId, {
    spec: SPEC[signature],
    currentTime: at ? Temporal.Instant.from(at) : undefined,
  });
}

/**
 * deliver posts what it is given, spoiled as asked:
 * inbox, body (object or text), signature (cavage, rfc9421, none), contentType,
 * at (RFC 3339, the time of signing), keyId, headers (put on before signing),
 * proof (true: signed as a document first), afterProof (members laid over the
 * document after that), tamper (body, digest, signature, date, query), times.
 */
export async function deliver(world, name, order) {
  const { signature = "cavage", times = 1, tamper } = order;
  if (signature !== "none" && !SPEC[signature]) throw new Problem(400, "signature: cavage, rfc9421, none");
  if (!URL.canParse(order.inbox)) throw new Problem(400, "inbox: a URL");
  let body = order.body;
  if (order.proof) body = await document_(world, name, await Activity.fromJsonLd(body, options), true);
  if (order.afterProof) body = { ...body, ...order.afterProof };
  if (typeof body !== "string") body = JSON.stringify(body);
  const request = await signed(world, name, { ...order, body, signature });
  const spoiled = await spoil(request, tamper);
  const answers = [];
  for (let n = 0; n < times; n++) {
    const response = await fetch(spoiled.url, spoiled.init);
    answers.push({ status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() });
  }
  return { signature: signatureKind(request.headers), headers: Object.fromEntries(spoiled.init.headers), body, answers };
}

/** spoil changes one thing of a request after it was signed. */
async function spoil(request, tamper) {
  const headers = new Headers(request.headers);
  let url = request.url;
  let body = Buffer.from(await request.arrayBuffer());
  const digest = headers.has("content-digest") ? "content-digest" : "digest";
  switch (tamper) {
    case undefined: case null: break;
    case "body": body = Buffer.concat([body, Buffer.from(" ")]); break;
    case "digest": headers.set(digest, headers.get(digest)?.replace(/[A-Za-z0-9]/g, "A") ?? ""); break;
    case "signature": headers.set("signature", flipped(headers.get("signature") ?? "")); break;
    case "date": headers.set("date", new Date(Date.now() - 60_000).toUTCString()); break;
    case "query": url += "?x=1"; break;
    default: throw new Problem(400, "tamper: body, digest, signature, date, query");
  }
  return { url, init: { method: "POST", headers, body, redirect: "manual" } };
}

/** flipped changes one letter in the middle of the signature's base64. */
function flipped(header) {
  const [, before, letter, after] = /^(.*(?:signature="|=:).{20})(.)(.*)$/s.exec(header) ?? [null, header, "", ""];
  return before + (letter === "A" ? "B" : "A") + after;
}

/** get fetches as an actor: signature none, cavage or rfc9421. */
export async function get(world, name, { url, signature = "none", accept = "application/activity+json" }) {
  if (!URL.canParse(url)) throw new Problem(400, "url: a URL");
  let request = new Request(url, { headers: { accept }, redirect: "manual" });
  if (signature !== "none") {
    const key = await signingKey(world, name);
    request = await signRequest(request, key.privateKey, key.keyId, { spec: SPEC[signature] });
  }
  const response = await fetch(request);
  const text = await response.text();
  return { status: response.status, headers: Object.fromEntries(response.headers), text };
}
