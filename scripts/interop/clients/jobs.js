// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a co-op does to its jobs with masto.js: `node jobs.js edit` gives each open one
// more pay, `node jobs.js fill` says that it is filled, by a first line of its language.
import assert from "node:assert/strict";
import { createRestAPIClient } from "masto";

const masto = createRestAPIClient({ url: process.env.MINGA_TEST_BASE, accessToken: process.env.MINGA_TEST_TOKEN });
const filled = { en: "Filled", es: "Cubierto", ca: "Coberta", it: "Coperto", pt: "Preenchida" };

const me = await masto.v1.accounts.verifyCredentials();
const statuses = await masto.v1.accounts.$select(me.id).statuses.list({ limit: 40 });
let done = 0;
for (const status of statuses) {
  const { text } = await masto.v1.statuses.$select(status.id).source.fetch();
  if (!text.includes("#bread")) continue;
  const wanted = process.argv[2] === "edit" ? text.replace(/2([.,])300/, (_, mark) => `2${mark}500`) : `${filled[status.language]}\n${text}`;
  assert.notEqual(wanted, text);
  const edited = await masto.v1.statuses.$select(status.id).update({ status: wanted });
  assert.ok(edited.editedAt);
  assert.equal((await masto.v1.statuses.$select(status.id).source.fetch()).text, wanted);
  done++;
}
assert.equal(done, 5);
