// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What every client's day needs: where the two instances are, who signs in, and the
// other side's doings, which come by the API of the second instance.
import assert from "node:assert/strict";
import { request } from "node:http";
import { deflateSync, crc32 } from "node:zlib";

export const world = JSON.parse(process.env.MINGA_TEST_WORLD ?? "{}");

/** One request to the second instance, whose name no resolver knows. */
export function other(method, path, body) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const text = body === undefined ? undefined : JSON.stringify(body);
  const ask = request(
    {
      host: "127.0.0.1", port: world.other.port, method, path,
      headers: { Host: world.other.host, Authorization: `Bearer ${world.other.token}`, "Content-Type": "application/json", ...(text ? { "Content-Length": Buffer.byteLength(text) } : {}) },
    },
    (answer) => {
      let got = "";
      answer.on("data", (part) => (got += part));
      answer.on("end", () => (answer.statusCode < 300 ? resolve(got ? JSON.parse(got) : undefined) : reject(new Error(`${method} ${path}: ${answer.statusCode} ${got}`))));
    },
  );
  ask.on("error", reject);
  ask.end(text);
  return promise;
}

/** Asks again until it is so, for 20 seconds. */
export async function eventually(what, so) {
  for (let tries = 0; tries < 100; tries++) {
    const found = await so();
    if (found) return found;
    await new Promise((wake) => setTimeout(wake, 200));
  }
  assert.fail(`never happened: ${what}`);
}

/** A PNG of one colour. */
export function picture(width = 64, height = 48) {
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, 0x9c)]);
  const rows = Buffer.concat(Array.from({ length: height }, () => row));
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

/** Says how the part of the day went and goes on. */
export async function part(name, live) {
  try {
    const result = await live();
    console.log(`ok ${name}`);
    return result;
  } catch (error) {
    console.log(`not ok ${name}: ${error?.stack ?? error}`.replaceAll("\n", "\\n"));
    process.exitCode = 1;
    return undefined;
  }
}
