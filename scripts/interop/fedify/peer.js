#!/usr/bin/env node
// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Starts the peer and prints one line of JSON: {"origin": …, "control": …}. Ends by a
// signal; with --stdin also when its standard input ends, so that it never outlives
// the one who started it.

import { parseArgs } from "node:util";
import { startPeer } from "./src/peer.js";

const { values } = parseArgs({
  options: {
    name: { type: "string", default: "localhost" },
    bind: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "0" },
    "control-port": { type: "string", default: "0" },
    stdin: { type: "boolean", default: false },
  },
});
const peer = await startPeer({ name: values.name, bind: values.bind, port: Number(values.port), controlPort: Number(values["control-port"]) });
console.log(JSON.stringify({ origin: peer.origin, control: peer.control }));

const end = () => (peer.close(), process.exit(0));
process.on("SIGTERM", end).on("SIGINT", end);
if (values.stdin) process.stdin.on("end", end).on("error", end).resume();
