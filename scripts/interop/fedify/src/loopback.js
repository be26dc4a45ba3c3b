// SPDX-License-Identifier: AGPL-3.0-or-later
//
// No request of this process leaves the machine. Names under .localhost are
// answered here, since not every resolver knows them; every other name is refused
// before it is asked for, and so is every address that is not loopback. Fedify asks
// for handles over https only: to loopback that becomes http, which is all that
// both sides speak here.

import dns from "node:dns";
import { AsyncLocalStorage } from "node:async_hooks";

/** The list of requests that one command of the control API set in motion. */
const current = new AsyncLocalStorage();

/** isLoopback tells whether a host name or address literal is this machine. */
export function isLoopback(hostname) {
  const name = hostname.toLowerCase().replace(/^\[|\]$/g, "").replace(/\.$/, "");
  return name === "localhost" || name.endsWith(".localhost") || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name);
}

/** watch runs f and gives every request that it sent beside its result. */
export async function watch(f) {
  const sent = [];
  const result = await current.run(sent, f);
  return { result, sent };
}

/** signatureKind says how a set of headers is signed. */
export function signatureKind(headers) {
  if (headers.has("signature-input")) return "rfc9421";
  return headers.has("signature") ? "cavage" : "none";
}

/**
 * install puts the guard before every request and notes each in log, an array of
 * {method, url, signature, status, error, headers}.
 */
export function install(log) {
  guardNames();
  const fetchAnything = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const request = onLoopback(new Request(input, init));
    const entry = {
      seq: log.length + 1,
      method: request.method,
      url: request.url,
      signature: signatureKind(request.headers),
      headers: Object.fromEntries(request.headers),
    };
    log.push(entry);
    current.getStore()?.push(entry);
    try {
      const response = await fetchAnything(request);
      entry.status = response.status;
      return response;
    } catch (error) {
      entry.error = String(error.cause ?? error);
      throw error;
    }
  };
}

/** onLoopback refuses every other host, and asks loopback over http. */
function onLoopback(request) {
  const url = new URL(request.url);
  if (!isLoopback(url.hostname)) throw new TypeError(`no network: ${url.origin} is not on loopback`);
  if (url.protocol !== "https:") return request;
  url.protocol = "http:";
  return new Request(url, request);
}

/** guardNames answers names of loopback without a resolver, and no other. */
function guardNames() {
  dns.lookup = (hostname, options, callback) => {
    if (typeof options === "function") [options, callback] = [{}, options];
    if (!isLoopback(hostname)) {
      const error = Object.assign(new Error(`no network: ${hostname}`), { code: "ENOTFOUND" });
      return process.nextTick(callback, error);
    }
    if (options?.all) return process.nextTick(callback, null, [{ address: "127.0.0.1", family: 4 }]);
    process.nextTick(callback, null, "127.0.0.1", 4);
  };
}
