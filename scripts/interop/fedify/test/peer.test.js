// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The peer proven by itself: two of them follow, post and lie to one another.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { received, start, until } from "../src/two.js";

let here, there, ana, ben;

before(async () => {
  [here, there] = await Promise.all([start("here.localhost"), start("there.localhost")]);
});
after(() => Promise.all([here?.stop(), there?.stop()]));
beforeEach(async () => {
  await here.call("POST", "/reset");
  await there.call("POST", "/reset");
  ana = await here.call("POST", "/actors", { name: "ana" });
  ben = await there.call("POST", "/actors", { name: "ben", type: "Organization" });
});

/** befriend lets ana follow ben and waits for the Accept. */
async function befriend() {
  await here.call("POST", "/actors/ana/follow", { target: ben.id });
  await until("the Accept arrives", async () => (await here.call("GET", "/actors/ana")).following[ben.id] === "accepted");
}

describe("actors", () => {
  it("are found by handle and by URI", async () => {
    const byHandle = await here.call("POST", "/lookup", { id: ben.handle });
    assert.equal(byHandle.document.id, ben.id);
    assert.equal(byHandle.type, "Organization");
    const jrd = await here.call("POST", "/webfinger", { resource: ben.id });
    assert.equal(jrd.links.find((l) => l.rel === "self").href, ben.id);
  });

  it("show an RSA key and a Multikey", async () => {
    const { document } = await here.call("POST", "/lookup", { id: ben.id });
    assert.match(document.publicKey.publicKeyPem, /BEGIN PUBLIC KEY/);
    assert.equal([document.assertionMethod].flat().some((key) => key.type === "Multikey"), true);
  });

  it("tell of their changes", async () => {
    await befriend();
    await there.call("PATCH", "/actors/ben", { displayName: "Ben the baker" });
    const sent = await there.call("POST", "/actors/ben/publish", { activity: "Update", object: ben.id });
    assert.equal(sent.error, null);
    const { document } = await received(here, sent.id);
    assert.deepEqual([document.object.id, document.object.name], [ben.id, "Ben the baker"]);
  });

  it("that are gone are 410", async () => {
    await there.call("PATCH", "/actors/ben", { deleted: true });
    const answer = await here.call("POST", "/actors/ana/fetch", { url: ben.id });
    assert.equal(answer.status, 410);
  });
});

describe("follows", () => {
  it("are accepted at once where the policy says so", async () => {
    await befriend();
    assert.deepEqual((await there.call("GET", "/actors/ben")).followers, [ana.id]);
  });

  it("wait where a person decides", async () => {
    await there.call("PATCH", "/actors/ben", { policy: "manual" });
    await here.call("POST", "/actors/ana/follow", { target: ben.handle });
    assert.deepEqual((await there.call("GET", "/actors/ben")).pending, [ana.id]);
    await there.call("POST", "/actors/ben/reject", { follower: ana.id });
    assert.equal((await here.call("GET", "/actors/ana")).following[ben.id], "rejected");
  });

  it("end by Undo", async () => {
    await befriend();
    await here.call("POST", "/actors/ana/unfollow", { target: ben.id });
    assert.deepEqual((await there.call("GET", "/actors/ben")).followers, []);
  });
});

describe("activities", () => {
  for (const signature of ["cavage", "rfc9421"]) {
    it(`arrive signed by ${signature}, with a proof`, async () => {
      await befriend();
      const sent = await there.call("POST", "/actors/ben/publish", { activity: "Create", object: { content: "<p>Panadera</p>", language: "es" }, signature });
      assert.equal(sent.error, null);
      const entry = await received(here, sent.id);
      assert.deepEqual([entry.signature, entry.accepted, entry.type], [signature, true, "Create"]);
      assert.equal(entry.http.verified, true);
      assert.equal(entry.http.owner, ben.id);
      assert.deepEqual(entry.proof, { present: true, verified: true });
    });
  }

  it("change, are boosted, liked, undone and deleted", async () => {
    await befriend();
    const tell = (order) => there.call("POST", "/actors/ben/publish", order);
    const create = await tell({ activity: "Create", object: { content: "one" } });
    const sent = [
      await tell({ activity: "Update", object: { id: create.object, content: "two" } }),
      await tell({ activity: "Announce", object: create.object }),
      await tell({ activity: "Like", object: create.object }),
    ];
    sent.push(await tell({ activity: "Undo", object: sent[2].id }), await tell({ activity: "Delete", object: create.object }));
    const types = [];
    for (const { id } of sent) types.push((await received(here, id)).type);
    assert.deepEqual(types, ["Update", "Announce", "Like", "Undo", "Delete"]);
    assert.equal((await here.call("POST", "/actors/ana/fetch", { url: create.object })).status, 410);
  });

  it("keep terms of others in the expansion", async () => {
    const document = {
      "@context": ["https://www.w3.org/ns/activitystreams", { minga: "https://w3id.org/minga/ns#", sdo: "http://schema.org/", job: "minga:job", title: "http://schema.org/title" }],
      id: `${ben.id}/objects/1`, type: "Note", content: "x", job: { type: "sdo:JobPosting", title: "Baker" },
    };
    const { type, expanded, lost } = await here.call("POST", "/read", document);
    assert.equal(type, "Note");
    assert.equal(lost, undefined);
    assert.equal(expanded[0]["https://w3id.org/minga/ns#job"][0]["http://schema.org/title"][0]["@value"], "Baker");
  });

  it("lose terms without a meaning, and say so", async () => {
    const { lost } = await here.call("POST", "/read", { "@context": { "@vocab": null, id: "@id", type: "@type" }, id: `${ben.id}/1`, type: "http://schema.org/Thing", job: 1 });
    assert.match(lost.message, /safe mode|Dropping/i);
  });

  it("with a context from elsewhere are refused, for there is no network", async () => {
    const { error } = await here.call("POST", "/read", { "@context": "https://example.com/context", type: "Note" });
    assert.match(error, /no network|not shipped/);
  });
});

describe("the second knock", () => {
  for (const [refuse, other] of [["rfc9421", "cavage"], ["cavage", "rfc9421"]]) {
    it(`comes as ${other} when ${refuse} is refused`, async () => {
      await befriend();
      await here.call("PUT", "/faults", { refuse: [refuse] });
      const sent = await there.call("POST", "/actors/ben/publish", { activity: "Create", object: { content: "x" }, firstKnock: refuse });
      assert.deepEqual(sent.sent.map((s) => [s.signature, s.status < 300]), [[refuse, false], [other, true]]);
    });
  }
});

describe("what was spoiled", () => {
  const note = () => ({
    "@context": "https://www.w3.org/ns/activitystreams", id: `${ben.id}/activities/x`, type: "Like", actor: ben.id, object: ana.id,
  });
  const post = (order) => there.call("POST", "/actors/ben/deliver", { inbox: ana.inbox, body: note(), ...order });

  for (const signature of ["cavage", "rfc9421"]) {
    it(`${signature}: passes untouched`, async () => {
      assert.equal((await post({ signature })).answers[0].status, 202);
    });
    for (const tamper of ["body", "digest", "signature", "date"]) {
      it(`${signature}: ${tamper}`, async () => {
        assert.equal((await post({ signature, tamper })).answers[0].status, 401);
      });
    }
    it(`${signature}: signed long ago`, async () => {
      assert.equal((await post({ signature, at: "2020-01-01T00:00:00Z" })).answers[0].status, 401);
    });
  }

  it("rfc9421: query", async () => {
    assert.equal((await post({ signature: "rfc9421", tamper: "query" })).answers[0].status, 401);
  });

  it("unsigned", async () => {
    assert.equal((await post({ signature: "none" })).answers[0].status, 401);
  });

  it("a proof over other words", async () => {
    const order = { signature: "none", proof: true, body: note() };
    assert.equal((await post(order)).answers[0].status, 202);
    assert.equal((await post({ ...order, afterProof: { object: `${ana.id}#other` } })).answers[0].status, 401);
  });

  it("is seen in the log", async () => {
    await post({ tamper: "body" });
    const [entry] = await here.call("GET", "/inbox");
    assert.deepEqual([entry.accepted, entry.status, entry.http.verified], [false, 401, false]);
  });

  it("after a change of keys the new one holds", async () => {
    await there.call("POST", "/actors/ben/rotate", { key: "rsa" });
    assert.equal((await post({ signature: "cavage" })).answers[0].status, 202);
  });
});

describe("misbehaviour", () => {
  it("answers with a status, a header, late, and only so often", async () => {
    await here.call("PUT", "/faults", { status: 503, headers: { "retry-after": "7" }, times: 1, delayMs: 50, path: "/users/ana/inbox" });
    const post = () => there.call("POST", "/actors/ben/deliver", { inbox: ana.inbox, body: {}, signature: "none" });
    const { answers } = await post();
    assert.deepEqual([answers[0].status, answers[0].headers["retry-after"]], [503, "7"]);
    assert.notEqual((await post()).answers[0].status, 503);
  });

  it("serves whatever a test wants under any path", async () => {
    const { url } = await here.call("PUT", "/documents", { path: "/lies/1", body: { id: "http://elsewhere.localhost/1", type: "Note" } });
    const answer = await there.call("POST", "/actors/ben/fetch", { url });
    assert.equal(answer.document.id, "http://elsewhere.localhost/1");
  });

  it("shows objects to signers only", async () => {
    const { object } = await there.call("POST", "/actors/ben/publish", { activity: "Create", object: { content: "x" } });
    await there.call("PUT", "/faults", { authorizedFetch: true });
    const status = async (signature, query = "") => (await here.call("POST", "/actors/ana/fetch", { url: object + query, signature })).status;
    assert.equal(await status("none"), 401);
    assert.equal(await status("cavage"), 200);
    assert.equal(await status("rfc9421"), 200);
    assert.equal(await status("rfc9421", "?page=1"), 200);
  });
});

describe("collections", () => {
  it("come in pages, newest first", async () => {
    for (const content of ["1", "2", "3", "4"]) await there.call("POST", "/actors/ben/publish", { activity: "Create", object: { content } });
    const get = async (url) => (await here.call("POST", "/actors/ana/fetch", { url })).document;
    const outbox = await get(`${ben.id}/outbox`);
    assert.equal(outbox.totalItems, 4);
    const first = await get(outbox.first);
    const second = await get(first.next);
    assert.deepEqual([[first.orderedItems].flat().length, [second.orderedItems].flat().length], [3, 1]);
  });

  it("list followers and followed", async () => {
    await befriend();
    const page = async (url) => {
      const { document } = await here.call("POST", "/actors/ana/fetch", { url });
      return [(await here.call("POST", "/actors/ana/fetch", { url: document.first })).document.orderedItems].flat();
    };
    assert.deepEqual(await page(`${ben.id}/followers`), [ana.id]);
    assert.deepEqual(await page(`${ana.id}/following`), [ben.id]);
  });
});

describe("the guard", () => {
  it("lets no request leave the machine", async () => {
    await assert.rejects(here.call("POST", "/actors/ana/fetch", { url: "http://example.com/" }), /no network/);
    await assert.rejects(here.call("POST", "/actors/ana/fetch", { url: "http://192.0.2.1/" }), /no network/);
  });
});
