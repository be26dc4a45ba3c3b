// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The day of a member, with masto.js.
import assert from "node:assert/strict";
import { createOAuthAPIClient, createRestAPIClient, createStreamingAPIClient } from "masto";
import { pushService } from "./push.js";
import { consent, pkce } from "./signin.js";
import { eventually, other, part, picture, world } from "./world.js";

const { base, login, password } = world;
const redirect = "https://app.example/callback";
const scopes = "read write follow push";

const token = await part("sign in by form, consent and PKCE", async () => {
  const anybody = createRestAPIClient({ url: base });
  const instance = await anybody.v2.instance.fetch();
  assert.ok(instance.configuration.statuses.maxCharacters > 0);
  const app = await anybody.v1.apps.create({ clientName: "masto.js", redirectUris: redirect, scopes, website: "https://app.example" });
  const { verifier, challenge } = pkce();
  const address = new URL("/oauth/authorize", base);
  address.search = new URLSearchParams({ response_type: "code", client_id: app.clientId, redirect_uri: redirect, scope: scopes, state: "s 1&2", code_challenge: challenge, code_challenge_method: "S256" });
  const back = new URL(await consent({ base, login, password, address: address.href }));
  assert.equal(back.origin + back.pathname, redirect);
  assert.equal(back.searchParams.get("state"), "s 1&2");
  const oauth = createOAuthAPIClient({ url: base });
  const granted = await oauth.token.create({
    grantType: "authorization_code", clientId: app.clientId, clientSecret: app.clientSecret, redirectUri: redirect,
    code: back.searchParams.get("code"), scope: scopes, codeVerifier: verifier,
  });
  assert.equal(granted.tokenType, "Bearer");
  return granted.accessToken;
});
if (!token) process.exit(1);

const masto = createRestAPIClient({ url: base, accessToken: token });

const me = await part("who am I", async () => {
  const account = await masto.v1.accounts.verifyCredentials();
  assert.equal(account.username, world.name);
  assert.ok(account.source && account.role);
  return account;
});

await part("change the profile", async () => {
  const account = await masto.v1.accounts.updateCredentials({
    displayName: "Ana of the mill", note: "Baker, says #bread", avatar: new Blob([picture(500, 400)], { type: "image/png" }),
    fieldsAttributes: [{ name: "Site", value: "https://mill.example" }],
  });
  assert.equal(account.displayName, "Ana of the mill");
  assert.equal(account.source.note, "Baker, says #bread");
  assert.equal(account.fields[0].name, "Site");
  assert.ok(account.avatar.startsWith(base));
});

const bea = await part("find and follow a member of the second instance", async () => {
  const found = await masto.v2.search.list({ q: world.other.handle, resolve: true, type: "accounts" });
  assert.equal(found.accounts.length, 1);
  const [account] = found.accounts;
  assert.equal(account.acct, world.other.handle);
  await masto.v1.accounts.$select(account.id).follow();
  await eventually("the follow holds", async () => {
    const [relationship] = await masto.v1.accounts.relationships.fetch({ id: [account.id] });
    return relationship.following;
  });
  return account;
});

await part("see what they post at home", async () => {
  const posted = await other("POST", "/api/v1/statuses", { status: "Fresh flour from the other side #bread" });
  const seen = await eventually("their post is at home", async () => (await masto.v1.timelines.home.list({ limit: 5 })).find((s) => s.uri === posted.uri));
  assert.match(seen.content, /Fresh flour/);
  assert.equal(seen.account.acct, world.other.handle);
});

await part("see a job of the board as a status", async () => {
  const tagged = await masto.v1.timelines.tag.$select("coopjobs").list();
  const job = tagged.find((s) => s.minga?.kind === "job");
  assert.ok(job, "no job in #coopjobs");
  assert.match(job.content, /^<p><strong>/);
  assert.equal(job.card.type, "link");
  assert.equal(job.spoilerText, "");
});

const post = await part("post with a picture", async () => {
  const media = await masto.v2.media.create({ file: new Blob([picture()], { type: "image/png" }), description: "a loaf", focus: "0.5,-0.5" });
  assert.ok(media.url, "the picture has no address yet");
  const status = await masto.v1.statuses.create(
    { status: `Good morning @${world.other.handle} #bread https://mill.example/a/long/path/that/is/cut/somewhere`, mediaIds: [media.id], language: "en" },
    { requestInit: { headers: { "Idempotency-Key": "one" } } },
  );
  assert.equal(status.mediaAttachments[0].description, "a loaf");
  assert.equal(status.mediaAttachments[0].meta.original.width, 64);
  assert.equal(status.mentions[0].acct, world.other.handle);
  assert.ok(status.content.includes(`href="${status.mentions[0].url}"`), "the mention's link is not its url");
  assert.equal(status.tags[0].name, "bread");
  const again = await masto.v1.statuses.create({ status: "twice?" }, { requestInit: { headers: { "Idempotency-Key": "one" } } });
  assert.equal(again.id, status.id);
  return status;
});

await part("post a poll and vote in another", async () => {
  const mine = await masto.v1.statuses.create({ status: "Rye or wheat?", poll: { options: ["rye", "wheat"], expiresIn: 3600 } });
  assert.equal(mine.poll.options.length, 2);
  assert.equal(mine.poll.voted, true);
  const theirs = await other("POST", "/api/v1/statuses", { status: "Salt?", poll: { options: ["yes", "no"], expires_in: 3600 } });
  const seen = await eventually("their poll is at home", async () => (await masto.v1.timelines.home.list()).find((s) => s.uri === theirs.uri));
  const voted = await masto.v1.polls.$select(seen.poll.id).votes.create({ choices: [1] });
  assert.deepEqual(voted.ownVotes, [1]);
  await eventually("the vote is counted over there", async () => (await other("GET", `/api/v1/polls/${theirs.poll.id}`)).votes_count === 1);
  await assert.rejects(masto.v1.polls.$select(seen.poll.id).votes.create({ choices: [0] }), { statusCode: 422 });
});

await part("edit, with history and source", async () => {
  const source = await masto.v1.statuses.$select(post.id).source.fetch();
  const edited = await masto.v1.statuses.$select(post.id).update({ status: source.text + " (edited)", mediaIds: post.mediaAttachments.map((m) => m.id) });
  assert.ok(edited.editedAt);
  assert.match(edited.content, /\(edited\)/);
  assert.equal(edited.mediaAttachments.length, 1);
  const history = await masto.v1.statuses.$select(post.id).history.list();
  assert.equal(history.length, 2);
});

await part("answer, and read the thread", async () => {
  const reply = await masto.v1.statuses.create({ status: "And butter.", inReplyToId: post.id });
  const context = await masto.v1.statuses.$select(post.id).context.fetch();
  assert.deepEqual(context.descendants.map((s) => s.id), [reply.id]);
});

await part("boost, favourite, bookmark, pin, mute", async () => {
  const [theirs] = await masto.v1.accounts.$select(bea.id).statuses.list({ limit: 1 });
  const status = masto.v1.statuses.$select(theirs.id);
  const boost = await status.reblog();
  assert.equal(boost.reblog.id, theirs.id);
  assert.equal(boost.reblog.reblogged, true);
  assert.equal((await status.favourite()).favourited, true);
  assert.equal((await status.bookmark()).bookmarked, true);
  assert.equal((await masto.v1.bookmarks.list())[0].id, theirs.id);
  assert.equal((await masto.v1.favourites.list())[0].id, theirs.id);
  assert.equal((await masto.v1.statuses.$select(post.id).pin()).pinned, true);
  assert.equal((await status.mute()).muted, true);
  await eventually("they hear of it", async () => {
    const kinds = (await other("GET", "/api/v1/notifications")).map((n) => n.type);
    return ["favourite", "reblog", "mention", "follow"].every((k) => kinds.includes(k));
  });
  assert.equal((await status.unreblog()).id, theirs.id);
  assert.equal((await status.unmute()).muted, false);
});

await part("be notified", async () => {
  await other("POST", "/api/v1/statuses", { status: `Hello @${world.name}@${world.host}` });
  const notification = await eventually("a mention arrives", async () => (await masto.v1.notifications.list({ types: ["mention"] }))[0]);
  assert.equal(notification.account.acct, world.other.handle);
  const grouped = await masto.v2.notifications.list();
  assert.ok(grouped.notificationGroups.length > 0);
  const markers = await masto.v1.markers.create({ notifications: { lastReadId: notification.id } });
  assert.equal(markers.notifications.lastReadId, notification.id);
  const read = await masto.v1.markers.fetch({ timeline: ["home", "notifications"] });
  assert.equal(read.notifications.lastReadId, notification.id);
  assert.equal(read.home.lastReadId, "0");
});

await part("be told while the app is closed", async () => {
  const push = await pushService();
  const { configuration } = await masto.v2.instance.fetch();
  const made = await masto.v1.push.subscription.create({ subscription: { endpoint: push.endpoint, keys: push.keys, standard: true }, data: { alerts: { mention: true } }, policy: "all" });
  assert.equal(made.serverKey, configuration.vapid.publicKey);
  assert.deepEqual([made.endpoint, made.alerts.mention, made.alerts.poll, made.policy], [push.endpoint, true, false, "all"]);
  await other("POST", "/api/v1/statuses", { status: `Are you there, @${world.name}@${world.host}?` });
  const message = await eventually("a message comes", async () => push.read()[0]);
  assert.equal(message.access_token, token);
  assert.equal(message.notification_type, "mention");
  assert.match(message.body, /Are you there/);
  assert.equal((await masto.v1.notifications.$select(String(message.notification_id)).fetch()).type, "mention");
  const changed = await masto.v1.push.subscription.update({ data: { alerts: { follow: true } } });
  assert.deepEqual([changed.alerts.mention, changed.alerts.follow], [false, true]);
  assert.equal((await masto.v1.push.subscription.fetch()).id, made.id);
  await masto.v1.push.subscription.remove();
  await assert.rejects(masto.v1.push.subscription.fetch(), { statusCode: 404 });
  push.close();
});

await part("hear of things as they happen", async () => {
  const { configuration } = await masto.v2.instance.fetch();
  const live = createStreamingAPIClient({ streamingApiUrl: configuration.urls.streaming, accessToken: token, implementation: globalThis.WebSocket });
  const heard = [];
  const listen = async (stream) => {
    for await (const event of stream) heard.push(event);
  };
  const streams = [live.user.subscribe(), live.hashtag.subscribe({ tag: "Streamed" }), live.direct.subscribe()];
  const listening = streams.map(listen);
  const happened = (what, is) => eventually(what, () => heard.find(is));
  await eventually("the streams are open", async () => {
    await masto.v1.statuses.create({ status: "tick #streamed" });
    return ["user", "hashtag"].every((stream) => heard.some((e) => e.event === "update" && e.stream[0] === stream));
  });
  const posted = await other("POST", "/api/v1/statuses", { status: `Hot from the oven, @${world.name}@${world.host}` });
  const update = await happened("their post", (e) => e.event === "update" && e.payload.uri === posted.uri);
  assert.deepEqual([update.stream, update.payload.account.acct, update.payload.favourited], [["user"], world.other.handle, false]);
  await happened("its notification", (e) => e.event === "notification" && e.payload.type === "mention" && e.payload.status.uri === posted.uri);
  await other("PUT", `/api/v1/statuses/${posted.id}`, { status: `Cold by now, @${world.name}@${world.host}` });
  await happened("its edit", (e) => e.event === "status.update" && e.payload.id === update.payload.id && /Cold by now/.test(e.payload.content));
  await other("DELETE", `/api/v1/statuses/${posted.id}`);
  await happened("its end", (e) => e.event === "delete" && e.payload === update.payload.id);
  await other("POST", "/api/v1/statuses", { status: `To @${world.name}@${world.host} alone`, visibility: "direct" });
  await happened("a conversation", (e) => e.event === "conversation" && e.payload.lastStatus.visibility === "direct");
  await masto.v1.statuses.create({ status: "mine #STREAMED" });
  const own = await happened("a hashtag", (e) => e.stream[0] === "hashtag" && /mine/.test(e.payload.content));
  assert.deepEqual(own.stream, ["hashtag", "Streamed"]);
  for (const stream of streams) stream.unsubscribe();
  live.close();
  await Promise.all(listening);
});

await part("keep a list", async () => {
  const list = await masto.v1.lists.create({ title: "Mills", repliesPolicy: "list" });
  await masto.v1.lists.$select(list.id).accounts.create({ accountIds: [bea.id] });
  const posts = await masto.v1.timelines.list.$select(list.id).list();
  assert.ok(posts.length > 0 && posts.every((s) => s.account.id === bea.id));
  assert.equal((await masto.v1.accounts.$select(bea.id).lists.list())[0].id, list.id);
  await masto.v1.lists.$select(list.id).remove();
  assert.equal((await masto.v1.lists.list()).length, 0);
});

await part("filter words", async () => {
  const filter = await masto.v2.filters.create({ title: "No flour", context: ["home"], filterAction: "warn", keywordsAttributes: [{ keyword: "flour", wholeWord: true }] });
  const seen = (await masto.v1.timelines.home.list({ limit: 40 })).find((s) => /Fresh flour/.test(s.content));
  assert.equal(seen.filtered[0].filter.id, filter.id);
  await masto.v2.filters.$select(filter.id).remove();
});

await part("search", async () => {
  const found = await masto.v2.search.list({ q: "morning", type: "statuses" });
  assert.ok(found.statuses.some((s) => s.id === post.id));
  assert.ok((await masto.v2.search.list({ q: "bread", type: "hashtags" })).hashtags.some((t) => t.name === "bread"));
  assert.equal((await masto.v1.accounts.search.list({ q: "be" }))[0].id, bea.id);
});

await part("page through a timeline", async () => {
  for (let n = 0; n < 5; n++) await masto.v1.statuses.create({ status: `number ${n}`, visibility: "unlisted" });
  const seen = [];
  for await (const page of masto.v1.accounts.$select(me.id).statuses.list({ limit: 2 })) {
    seen.push(...page.map((s) => s.id));
    if (seen.length > 40) break;
  }
  assert.equal(new Set(seen).size, seen.length);
  assert.ok(seen.length >= 7);
});

await part("schedule and take back", async () => {
  const scheduled = await masto.v1.statuses.create({ status: "later", scheduledAt: new Date(Date.now() + 600_000).toISOString() });
  assert.equal((await masto.v1.scheduledStatuses.list())[0].id, scheduled.id);
  await masto.v1.scheduledStatuses.$select(scheduled.id).remove();
});

await part("delete, to write again", async () => {
  const gone = await masto.v1.statuses.$select(post.id).remove();
  assert.match(gone.text, /\(edited\)/);
  await assert.rejects(masto.v1.statuses.$select(post.id).fetch(), { statusCode: 404 });
});

await part("errors have the shape that is read", async () => {
  await assert.rejects(masto.v1.statuses.create({ status: "" }), (e) => e.statusCode === 422 && typeof e.message === "string" && e.message !== "");
  await assert.rejects(masto.v1.statuses.$select("1").fetch(), { statusCode: 404 });
  await assert.rejects(createRestAPIClient({ url: base, accessToken: "wrong" }).v1.accounts.verifyCredentials(), { statusCode: 401 });
});
