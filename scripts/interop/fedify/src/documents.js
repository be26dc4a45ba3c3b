// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Reading documents as a strict JSON-LD reader without network does: with the
// contexts that Fedify ships, and no other.

import { Object as APObject, Activity } from "@fedify/vocab";
import { preloadedContexts } from "@fedify/vocab-runtime";
import { getDocumentLoader, getAuthenticatedDocumentLoader, hasProofLike, verifyObject, verifyRequestDetailed } from "@fedify/fedify";
import jsonld from "jsonld";

/** contextLoader gives the contexts that Fedify ships and refuses all others. */
export async function contextLoader(url) {
  const document = preloadedContexts[url];
  if (!document) throw new Error(`no network: the context ${url} is not shipped`);
  return { contextUrl: null, documentUrl: url, document };
}

/** documentLoader fetches documents; loopback.js keeps it on this machine. */
export const documentLoader = getDocumentLoader({ allowPrivateAddress: true });

/** The loaders as Fedify's options want them. */
export const loaders = {
  contextLoaderFactory: () => contextLoader,
  documentLoaderFactory: () => documentLoader,
  authenticatedDocumentLoaderFactory: (identity, options) =>
    getAuthenticatedDocumentLoader(identity, { ...options, allowPrivateAddress: true }),
};

/** options go with every call into Fedify's vocabulary. */
export const options = { contextLoader, documentLoader };

/**
 * read tells how a document is understood:
 * type and parsed: Fedify's class and what it keeps of it, compact;
 * expanded: every term by its full name, JSON-LD expansion;
 * lost: what strict expansion refuses, terms without a meaning first of all;
 * error: why Fedify cannot read it.
 */
export async function read(document) {
  const how = {};
  try {
    const object = await APObject.fromJsonLd(structuredClone(document), options);
    how.type = object.constructor.name;
    how.parsed = await object.toJsonLd({ format: "compact", contextLoader });
  } catch (error) {
    how.error = say(error);
  }
  try {
    how.expanded = await jsonld.expand(structuredClone(document), { documentLoader: contextLoader });
    await jsonld.expand(structuredClone(document), { documentLoader: contextLoader, safe: true });
  } catch (error) {
    how.lost = { message: say(error), event: error.details?.event };
  }
  return how;
}

/** say gives an error with what caused it, which jsonld hides in its details. */
function say(error) {
  const cause = error.details?.cause ?? error.cause;
  return cause ? `${error.message}: ${say(cause)}` : String(error.message ?? error);
}

/** judgeRequest asks Fedify whether a request's HTTP signature holds. */
export async function judgeRequest(request, kind) {
  if (kind === "none") return { verified: false, reason: "noSignature" };
  try {
    const spec = kind === "rfc9421" ? "rfc9421" : "draft-cavage-http-signatures-12";
    const result = await verifyRequestDetailed(request, { ...options, spec });
    if (!result.verified) return { verified: false, reason: result.reason.type, keyId: result.reason.keyId?.href };
    return { verified: true, keyId: result.key.id?.href, owner: result.key.ownerId?.href };
  } catch (error) {
    return { verified: false, reason: String(error) };
  }
}

/** judgeProof asks Fedify whether an activity's integrity proof holds (FEP-8b32). */
export async function judgeProof(document) {
  if (!hasProofLike(document)) return { present: false, verified: false };
  try {
    return { present: true, verified: (await verifyObject(Activity, structuredClone(document), options)) != null };
  } catch (error) {
    return { present: true, verified: false, reason: String(error) };
  }
}
