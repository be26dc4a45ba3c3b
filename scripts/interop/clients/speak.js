// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Two people speak for one co-op: one publishes with masto.js, the other answers who
// writes to it with megalodon.
import assert from "node:assert/strict";
import { createOAuthAPIClient, createRestAPIClient } from "masto";
import generator from "megalodon";
import { consent, pkce } from "./signin.js";
import { eventually, other, part, world } from "./world.js";

const { base, password } = world;
const make = generator.default ?? generator;
const scopes = "read write follow push";
const { coop, publisher, hirer } = world.speak;

const masto = await part("sign in as the co-op with masto.js", async () => {
  const redirect = "https://app.example/callback";
  const app = await createRestAPIClient({ url: base }).v1.apps.create({ clientName: "masto.js", redirectUris: redirect, scopes });
  const { verifier, challenge } = pkce();
  const address = new URL("/oauth/authorize", base);
  address.search = new URLSearchParams({ response_type: "code", client_id: app.clientId, redirect_uri: redirect, scope: scopes, code_challenge: challenge, code_challenge_method: "S256" });
  const back = new URL(await consent({ base, login: publisher, password, address: address.href, as: coop.id }));
  const granted = await createOAuthAPIClient({ url: base }).token.create({
    grantType: "authorization_code", clientId: app.clientId, clientSecret: app.clientSecret, redirectUri: redirect, code: back.searchParams.get("code"), codeVerifier: verifier,
  });
  return createRestAPIClient({ url: base, accessToken: granted.accessToken });
});
const mega = await part("sign in as the same co-op with megalodon", async () => {
  const app = await make("mastodon", base).registerApp("megalodon", { scopes: scopes.split(" "), redirect_uris: "urn:ietf:wg:oauth:2.0:oob" });
  const code = await consent({ base, login: hirer, password, address: app.url, as: coop.id });
  const granted = await make("mastodon", base).fetchAccessToken(app.client_id, app.client_secret, code, "urn:ietf:wg:oauth:2.0:oob");
  return make("mastodon", base, granted.access_token);
});
if (!masto || !mega) process.exit(1);

await part("both are the co-op", async () => {
  const one = await masto.v1.accounts.verifyCredentials();
  const two = (await mega.verifyAccountCredentials()).data;
  assert.equal(one.id, coop.id);
  assert.equal(two.id, coop.id);
  assert.deepEqual(one.minga.roles, ["publisher"]);
});

const status = await part("one publishes, and the second instance reads it", async () => {
  await other("POST", "/api/v1/minga/follows", { account: coop.handle });
  await eventually("the follow holds", async () => (await other("GET", "/api/v1/minga/follows")).some((f) => f.state === "accepted"));
  const posted = await masto.v1.statuses.create({ status: "Bread for all #loaves", visibility: "public" });
  assert.equal(posted.account.id, coop.id);
  await eventually("it arrives", async () => (await other("GET", "/api/v1/timelines/home")).find((s) => s.uri === posted.uri));
  return posted;
});

await part("the other may not", async () => {
  await assert.rejects(mega.postStatus("not mine to say"), (e) => e.response.status === 403);
  await assert.rejects(mega.deleteStatus(status.id), (e) => e.response.status === 403);
});

await part("the other answers who writes to the co-op", async () => {
  const asked = await other("POST", "/api/v1/statuses", { status: `@${coop.handle} may I join?`, visibility: "direct" });
  const talk = await eventually("a conversation", async () => (await mega.getConversationTimeline()).data.find((c) => c.last_status?.uri === asked.uri));
  assert.match(talk.last_status.content, /may I join/);
  const answer = (await mega.postStatus(`@${world.other.handle} come by on Monday`, { visibility: "direct", in_reply_to_id: talk.last_status.id })).data;
  assert.equal(answer.account.id, coop.id);
  await eventually("it arrives", async () => (await other("GET", "/api/v1/notifications")).find((n) => n.status?.uri === answer.uri));
});

await part("to the one there is no such thing", async () => {
  // What the server itself says to the co-op is for whoever speaks for it.
  const others = (a) => a.minga?.kind !== "instance";
  assert.deepEqual((await masto.v1.conversations.list()).filter((talk) => talk.accounts.some(others)), []);
  assert.deepEqual((await masto.v1.notifications.list()).filter((n) => n.type === "mention" && others(n.account)), []);
  await assert.rejects(masto.v1.statuses.create({ status: `@${world.other.handle} hello`, visibility: "direct" }), (e) => e.statusCode === 403);
});

await part("neither edits the profile", async () => {
  await assert.rejects(masto.v1.accounts.updateCredentials({ note: "x" }), (e) => e.statusCode === 403);
  await assert.rejects(mega.updateCredentials({ note: "x" }), (e) => e.response.status === 403);
});
