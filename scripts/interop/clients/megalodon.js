// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The day of a member, with megalodon, which asks NodeInfo first what it speaks to.
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import generator, { detector } from "megalodon";
import { pushService } from "./push.js";
import { consent } from "./signin.js";
import { eventually, other, part, picture, world } from "./world.js";

const { base, login, password } = world;
const make = generator.default ?? generator;

const client = await part("learn what it speaks to, and sign in", async () => {
  assert.equal(await detector(base), "mastodon");
  const anybody = make("mastodon", base);
  const app = await anybody.registerApp("megalodon", { scopes: ["read", "write", "follow", "push"], redirect_uris: "urn:ietf:wg:oauth:2.0:oob" });
  assert.ok(app.url, "no address to sign in at");
  const code = await consent({ base, login, password, address: app.url });
  const token = await anybody.fetchAccessToken(app.client_id, app.client_secret, code, "urn:ietf:wg:oauth:2.0:oob");
  const signedIn = make("mastodon", base, token.accessToken ?? token.access_token);
  assert.equal((await signedIn.verifyAppCredentials()).data.name, "megalodon");
  return signedIn;
});
if (!client) process.exit(1);

/** What must be refused with that status. */
const refused = (promise, status) => assert.rejects(promise, (error) => (error.response?.status ?? error.status) === status);

await part("who am I, and where", async () => {
  const { data: me } = await client.verifyAccountCredentials();
  assert.equal(me.username, world.name);
  const { data: instance } = await client.getInstance();
  assert.ok(instance.uri && instance.configuration.statuses.max_characters > 0);
  assert.deepEqual((await client.getInstanceCustomEmojis()).data, []);
  assert.ok(["public", "unlisted", "private", "direct"].includes((await client.getPreferences()).data["posting:default:visibility"]));
});

const bea = await part("find and follow a member of the second instance", async () => {
  const { data: found } = await client.search(`@${world.other.handle}`, { type: "accounts", resolve: true });
  assert.equal(found.accounts[0].acct, world.other.handle);
  const { id } = found.accounts[0];
  await client.followAccount(id, { reblog: true });
  await eventually("the follow holds", async () => (await client.getRelationship(id)).data.following);
  return found.accounts[0];
});

await part("see what they post at home, and in public", async () => {
  const posted = await other("POST", "/api/v1/statuses", { status: "Clay from the river #pots" });
  await eventually("their post is at home", async () => (await client.getHomeTimeline({ limit: 10 })).data.find((s) => s.uri === posted.uri));
  assert.ok((await client.getPublicTimeline()).data.some((s) => s.uri === posted.uri));
  assert.ok((await client.getTagTimeline("pots")).data.some((s) => s.uri === posted.uri));
  assert.ok((await client.getLocalTimeline()).data.every((s) => !s.account.acct.includes("@")));
});

const post = await part("post with a picture", async () => {
  const file = Object.assign(Readable.from([picture()]), { path: "loaf.png" });
  const { data: media } = await client.uploadMedia(file, { description: "a pot" });
  assert.ok(media.url);
  const { data: status } = await client.postStatus(`A pot for @${world.other.handle}`, { media_ids: [media.id], spoiler_text: "crafts", sensitive: true, visibility: "public", language: "en" });
  assert.equal(status.media_attachments[0].description, "a pot");
  assert.equal(status.spoiler_text, "crafts");
  assert.equal(status.mentions[0].acct, world.other.handle);
  return status;
});

await part("post a poll, vote in another", async () => {
  const { data: mine } = await client.postStatus("Round or square?", { poll: { options: ["round", "square"], expires_in: 600, multiple: false } });
  assert.equal((await client.getPoll(mine.poll.id)).data.options.length, 2);
  const theirs = await other("POST", "/api/v1/statuses", { status: "Glaze?", poll: { options: ["blue", "green", "none"], expires_in: 3600, multiple: true } });
  const seen = await eventually("their poll is at home", async () => (await client.getHomeTimeline()).data.find((s) => s.uri === theirs.uri));
  const { data: voted } = await client.votePoll(seen.poll.id, [0, 2]);
  assert.equal(voted.voted, true);
  await refused(client.votePoll(mine.poll.id, [0]), 422);
});

await part("edit, answer, read the thread", async () => {
  const { data: source } = await client.getStatusSource(post.id);
  const { data: edited } = await client.editStatus(post.id, { status: source.text + ", edited", spoiler_text: source.spoiler_text, media_ids: post.media_attachments.map((m) => m.id) });
  assert.match(edited.content, /edited/);
  const { data: reply } = await client.postStatus("And a lid.", { in_reply_to_id: post.id });
  const { data: thread } = await client.getStatusContext(post.id);
  assert.deepEqual(thread.descendants.map((s) => s.id), [reply.id]);
});

await part("boost, favourite, bookmark", async () => {
  const { data: [theirs] } = await client.getAccountStatuses(bea.id, { limit: 1 });
  assert.equal((await client.reblogStatus(theirs.id)).data.reblog.id, theirs.id);
  assert.equal((await client.favouriteStatus(theirs.id)).data.favourited, true);
  assert.equal((await client.bookmarkStatus(theirs.id)).data.bookmarked, true);
  assert.equal((await client.getBookmarks()).data[0].id, theirs.id);
  assert.equal((await client.getFavourites()).data[0].id, theirs.id);
  await eventually("they are told", async () => (await other("GET", "/api/v1/notifications")).some((n) => n.type === "favourite" && n.account.username === world.name));
  await client.unreblogStatus(theirs.id);
  await client.unfavouriteStatus(theirs.id);
  assert.equal((await client.unbookmarkStatus(theirs.id)).data.bookmarked, false);
});

await part("be notified", async () => {
  await other("POST", "/api/v1/statuses", { status: `To @${world.name}@${world.host} alone`, visibility: "direct" });
  const seen = await eventually("a mention arrives", async () => (await client.getNotifications({ limit: 20 })).data.find((n) => n.type === "mention" && n.status.visibility === "direct"));
  assert.equal(seen.account.acct, world.other.handle);
  assert.equal((await client.getNotification(seen.id)).data.id, seen.id);
  const { data: talks } = await client.getConversationTimeline();
  assert.equal(talks[0].last_status.id, seen.status.id);
  await client.readConversation(talks[0].id);
  await client.saveMarkers({ notifications: { last_read_id: seen.id } });
  assert.equal((await client.getMarkers(["notifications"])).data.notifications.last_read_id, seen.id);
});

await part("be told while the app is closed", async () => {
  const push = await pushService();
  const { data: made } = await client.subscribePushNotification({ endpoint: push.endpoint, keys: push.keys }, { alerts: { mention: true } });
  assert.equal(made.endpoint, push.endpoint);
  assert.ok(made.server_key.length === 87 && made.alerts.mention && !made.alerts.follow);
  await other("POST", "/api/v1/statuses", { status: `Knock, knock, @${world.name}@${world.host}` });
  const message = await eventually("a message comes", async () => push.read()[0]); // in the older encoding
  assert.match(message.body, /Knock, knock/);
  assert.equal((await client.updatePushSubscription({ alerts: { follow: true } })).data.alerts.mention, false);
  assert.equal((await client.getPushSubscription()).data.id, made.id);
  await client.deletePushSubscription();
  await refused(client.getPushSubscription(), 404);
  push.close();
});

await part("hear of things as they happen", async () => {
  const live = await client.userStreaming();
  const heard = [];
  for (const name of ["update", "status_update", "delete", "notification", "error", "parser-error"]) live.on(name, (payload) => heard.push({ name, payload }));
  await eventually("the stream is open", async () => {
    await client.postStatus("tick");
    return heard.some((e) => e.name === "update");
  });
  const happened = (what, is) => eventually(what, () => heard.find(is));
  const posted = await other("POST", "/api/v1/statuses", { status: `Fired this night, @${world.name}@${world.host}` });
  const { payload: update } = await happened("their post", (e) => e.name === "update" && e.payload.uri === posted.uri);
  assert.equal(update.account.acct, world.other.handle);
  await happened("its notification", (e) => e.name === "notification" && e.payload.type === "mention" && e.payload.status.id === update.id);
  await other("PUT", `/api/v1/statuses/${posted.id}`, { status: `Glazed this morning, @${world.name}@${world.host}` });
  await happened("its edit", (e) => e.name === "status_update" && e.payload.id === update.id && /Glazed/.test(e.payload.content));
  await other("DELETE", `/api/v1/statuses/${posted.id}`);
  await happened("its end", (e) => e.name === "delete" && e.payload === update.id);
  assert.deepEqual(heard.filter((e) => /error/.test(e.name)), []);
  live.removeAllListeners();
  live.stop();
});

await part("keep a list and a filter", async () => {
  const { data: list } = await client.createList("Potters");
  await client.addAccountsToList(list.id, [bea.id]);
  assert.equal((await client.getAccountsInList(list.id)).data[0].id, bea.id);
  assert.ok((await client.getListTimeline(list.id)).data.length > 0);
  await client.deleteAccountsFromList(list.id, [bea.id]);
  await client.deleteList(list.id);
  assert.deepEqual((await client.getLists()).data, []);
  const { data: filter } = await client.createFilter("clay", ["home"], { whole_word: true });
  assert.ok((await client.getFilters()).data.some((f) => f.phrase === "clay"));
  await client.deleteFilter(filter.id);
});

await part("mute, block, note, tags", async () => {
  assert.equal((await client.muteAccount(bea.id, true)).data.muting, true);
  assert.ok((await client.getMutes()).data.some((a) => a.id === bea.id));
  assert.equal((await client.unmuteAccount(bea.id)).data.muting, false);
  assert.equal((await client.setAccountNote(bea.id, "makes pots")).data.note, ""); // this megalodon sends no text
  assert.equal((await client.followTag("pots")).data.following, true);
  assert.ok((await client.getFollowedTags()).data.some((t) => t.name === "pots"));
  await client.unfollowTag("pots");
  assert.equal((await client.blockAccount(bea.id)).data.blocking, true);
  assert.ok((await client.getBlocks()).data.some((a) => a.id === bea.id));
  assert.equal((await client.unblockAccount(bea.id)).data.blocking, false);
});

await part("search, and delete", async () => {
  assert.ok((await client.search("pot", { type: "statuses" })).data.statuses.some((s) => s.id === post.id));
  assert.ok((await client.searchAccount("be")).data.some((a) => a.id === bea.id));
  await client.deleteStatus(post.id);
  await refused(client.getStatus(post.id), 404);
});

await part("end the token", async () => {
  const { data: me } = await client.verifyAccountCredentials();
  assert.equal(me.username, world.name);
  await refused(make("mastodon", base, "wrong").verifyAccountCredentials(), 401);
});
