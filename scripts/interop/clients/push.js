// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A push service, and the app behind it that reads what comes: both encodings, by Node's
// own cryptography.
import assert from "node:assert/strict";
import { createDecipheriv, createECDH, hkdfSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";

/** Opens a push service; keys are for a subscription, read gives the messages so far. */
export async function pushService() {
  const app = createECDH("prime256v1");
  app.generateKeys();
  const auth = randomBytes(16);
  const came = [];
  const server = createServer((request, answer) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      came.push({ headers: request.headers, body: Buffer.concat(parts) });
      answer.writeHead(201).end();
    });
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    endpoint: `http://127.0.0.1:${server.address().port}/app`,
    keys: { p256dh: app.getPublicKey("base64url"), auth: auth.toString("base64url") },
    read: () => came.map((message) => JSON.parse(open(app, auth, message))),
    close: () => server.close(),
  };
}

/** Decrypts one message (RFC 8291; draft-ietf-webpush-encryption-04). */
function open(app, auth, { headers, body }) {
  const derive = (secret, salt, info, length) => Buffer.from(hkdfSync("sha256", secret, salt, info, length));
  const decrypt = (key, nonce, text) => {
    const cipher = createDecipheriv("aes-128-gcm", key, nonce);
    cipher.setAuthTag(text.subarray(-16));
    return Buffer.concat([cipher.update(text.subarray(0, -16)), cipher.final()]);
  };
  if (headers["content-encoding"] === "aes128gcm") {
    const [salt, sender, text] = [body.subarray(0, 16), body.subarray(21, 86), body.subarray(86)];
    const secret = derive(app.computeSecret(sender), auth, Buffer.concat([Buffer.from("WebPush: info\0"), app.getPublicKey(), sender]), 32);
    const plain = decrypt(derive(secret, salt, "Content-Encoding: aes128gcm\0", 16), derive(secret, salt, "Content-Encoding: nonce\0", 12), text);
    assert.equal(plain.at(-1), 2);
    return plain.subarray(0, -1).toString();
  }
  assert.equal(headers["content-encoding"], "aesgcm");
  const salt = Buffer.from(/salt=([\w-]+)/.exec(headers.encryption)[1], "base64url");
  const sender = Buffer.from(/dh=([\w-]+)/.exec(headers["crypto-key"])[1], "base64url");
  const secret = derive(app.computeSecret(sender), auth, "Content-Encoding: auth\0", 32);
  const keys = Buffer.concat([Buffer.from("P-256\0\0A"), app.getPublicKey(), Buffer.from("\0A"), sender]);
  const info = (name) => Buffer.concat([Buffer.from(`Content-Encoding: ${name}\0`), keys]);
  return decrypt(derive(secret, salt, info("aesgcm"), 16), derive(secret, salt, info("nonce"), 12), body).subarray(2).toString();
}
