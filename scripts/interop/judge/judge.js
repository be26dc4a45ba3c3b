#!/usr/bin/env node
// SPDX-License-Identifier: AGPL-3.0-or-later
//
// node judge.js [--json] URL: lets activitypub-testing 0.16.1 judge an actor, one line a
// test:
//
//     passed        actor-must-serve-as2-object-to-get
//     inapplicable  liked-collection-must-be-a-collection: the actor has no liked
//     failed        inbox-must-be-an-orderedcollection: …
//
// Exit code 0: every result is passed or inapplicable, and at least one passed;
// 1: something failed, could not be told, or nothing ran; 2: wrong usage.

import { parseArgs } from "node:util";
import { install, isLoopback } from "../fedify/src/loopback.js";

/** judge runs every test that an actor's URL is enough for. */
export async function judge(url) {
  const actor = await fetch(url, { headers: { accept: "application/activity+json" } });
  if (!actor.ok) throw new Error(`${url} answers ${actor.status}`); // the tests would call that inapplicable
  const { ActorUrlTestRun } = await import("activitypub-testing/test-actor");
  const silent = Object.fromEntries(["debug", "info", "log", "warn", "error"].map((name) => [name, () => {}]));
  const results = [];
  for await (const assertion of new ActorUrlTestRun(new URL(url), { console: silent })) {
    const { outcome, info = "", pointer } = assertion.result;
    results.push({ test: assertion.test.slug, outcome, info: String(info), pointer });
  }
  return results.sort((a, b) => a.test.localeCompare(b.test));
}

/** verdict is true when nothing speaks against the actor, and something for it. */
export function verdict(results) {
  const good = results.every(({ outcome }) => outcome === "passed" || outcome === "inapplicable");
  return good && results.some(({ outcome }) => outcome === "passed");
}

/** line tells one result; what a failure points at comes with it, cut. */
export function line({ test, outcome, info, pointer }) {
  const why = outcome === "passed" ? "" : `: ${info.replace(/\s+/g, " ")}`;
  const at = outcome === "failed" && pointer !== undefined ? ` (${JSON.stringify(pointer)?.slice(0, 300)})` : "";
  return `${outcome.padEnd(13)} ${test}${why}${at}`;
}

async function main() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: "boolean", default: false } } });
  const [url] = positionals;
  if (positionals.length !== 1 || !URL.canParse(url) || !isLoopback(new URL(url).hostname)) {
    console.error("usage: node judge.js [--json] URL of an actor on loopback");
    return 2;
  }
  install([]);
  const results = await judge(url);
  console.log(values.json ? JSON.stringify(results) : results.map(line).join("\n"));
  return verdict(results) ? 0 : 1;
}

if (process.argv[1] && import.meta.filename === process.argv[1]) {
  main().then(
    (code) => process.exit(code),
    (error) => {
      console.error(`could not judge: ${error.cause ?? error}`);
      process.exit(1);
    },
  );
}
