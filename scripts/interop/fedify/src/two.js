// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Two peers as two processes, and their control APIs as functions.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";

const program = fileURLToPath(new URL("../peer.js", import.meta.url));

/** start runs a peer; call(method, path, body) asks its control API. */
export async function start(name) {
  const child = spawn(process.execPath, [program, "--stdin", "--name", name], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = await once(createInterface(child.stdout), "line");
  const { origin, control } = JSON.parse(line);
  const call = async (method, path, body) => {
    const response = await fetch(control + path, { method, body: body && JSON.stringify(body) });
    const result = await response.json();
    if (!response.ok) throw Object.assign(new Error(result.error), { status: response.status });
    return result;
  };
  const stop = async () => {
    child.stdin.end();
    await once(child, "exit");
  };
  return { origin, call, stop };
}

/** until waits for f to give something, five seconds at most. */
export async function until(what, f) {
  for (const end = Date.now() + 5000; Date.now() < end; await sleep(20)) {
    const result = await f();
    if (result) return result;
  }
  throw new Error(`never happened: ${what}`);
}

/** received waits for an activity in a peer's inbox and gives its full entry. */
export async function received(peer, id) {
  const entry = await until(`${id} arrives`, async () => (await peer.call("GET", "/inbox")).find((e) => e.document?.id === id));
  return await peer.call("GET", `/inbox/${entry.seq}`);
}
