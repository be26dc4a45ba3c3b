// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The table of all pages, routes.json, with the things of a demonstration put into it.

import { readFileSync } from 'node:fs'

// rows are the pages to open: a name, an address, the status, and who looks: nobody in
// particular, a member, or the staff; and that it speaks its own language where it does. Whatever has a walk of its own or is for machines
// is left out; that no page is missing is a test of web/pages.
export function rows (things) {
  const table = JSON.parse(readFileSync(new URL('routes.json', import.meta.url), 'utf8'))
  return table.filter(row => row.at).map(({ name, at, status = 200, who = 'guest', speaks }) => {
    const path = at.replaceAll(/\{([^}]+)\}/g, (_, thing) => {
      if (!things[thing]) throw new Error(`${name}: the demonstration has no ${thing}`)
      const inQuery = at.indexOf('?') >= 0 && at.indexOf(`{${thing}}`) > at.indexOf('?')
      return inQuery ? encodeURIComponent(things[thing]) : things[thing]
    })
    return { name, path, status, who, speaks }
  })
}
