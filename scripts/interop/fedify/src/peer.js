// SPDX-License-Identifier: AGPL-3.0-or-later

import { install } from "./loopback.js";
import { controlDoor } from "./control.js";
import { newFederation } from "./federation.js";
import { listen, publicDoor } from "./server.js";
import { World } from "./world.js";

/**
 * startPeer serves a peer. name: its host name, localhost or one under
 * .localhost, or a loopback address; port and controlPort: 0 for free ones.
 * Returns {origin, control, world, close}.
 */
export async function startPeer({ name = "localhost", bind = "127.0.0.1", port = 0, controlPort = 0 } = {}) {
  const world = new World("");
  const door = await listen(bind, port, (request) => publicDoor(world)(request));
  world.origin = `http://${name}:${door.address().port}`;
  world.reset = () => {
    world.clear();
    const federations = {
      rfc9421: newFederation(world, "rfc9421"),
      cavage: newFederation(world, "draft-cavage-http-signatures-12"),
    };
    world.federation = (firstKnock = "rfc9421") => federations[firstKnock];
  };
  world.reset();
  install(world.outgoing);
  const control = await listen(bind, controlPort, controlDoor(world));
  return {
    world,
    origin: world.origin,
    control: `http://${bind}:${control.address().port}`,
    close: () => {
      for (const server of [door, control]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}
