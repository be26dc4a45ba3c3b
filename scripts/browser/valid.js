// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What stands in the pages as they are sent: whether it is HTML, and whether every link in
// it leads somewhere.

import { HtmlValidate } from 'html-validate'

// Rules of the standard alone: how the source looks is nobody's matter.
const judge = new HtmlValidate({
  root: true,
  extends: ['html-validate:standard', 'html-validate:document', 'html-validate:a11y'],
  rules: {
    'aria-label-misuse': ['error', { allowAnyNamable: true }], // a list may have a name
    'no-implicit-button-type': 'off', // the standard says what a button without a type is
    'prefer-native-element': 'off',
    'require-sri': 'off' // everything comes from the page's own server
  }
})

// valid says what of a page is no HTML.
export async function valid (html) {
  const report = await judge.validateString(html)
  return report.results.flatMap(result => result.messages).filter(message => message.severity === 2)
    .map(message => `html ${message.ruleId}: ${message.message} (line ${message.line}: ${html.split('\n')[message.line - 1]?.trim().slice(0, 120)})`)
}

const inTags = /<(?:a|link|img|script|form|image)\b[^>]*?\s(?:href|src|action)="([^"]*)"/g

// plain is what an attribute says.
const plain = text => text.replaceAll(/&#(\d+);/g, (_, n) => String.fromCodePoint(Number(n))).replaceAll('&amp;', '&')

// Links gathers what pages lead to, by who looks, and asks for each once.
export class Links {
  found = { } // who → address without its fragment → Map of fragments and the page each stands on

  gather (who, url, html) {
    for (const [tag, raw] of html.matchAll(inTags)) {
      if (/^<form\b/.test(tag) && !/method="get"/i.test(tag)) continue
      const address = new URL(plain(raw), url)
      const fragment = address.hash.slice(1)
      address.hash = ''
      const places = ((this.found[who] ??= new Map()).get(address.href)) ?? new Map()
      this.found[who].set(address.href, places.set(fragment, url))
    }
  }

  // broken asks for what is on this server in the name of who saw the link.
  async broken (base, asks) {
    const problems = []
    let many = 0
    for (const [who, addresses] of Object.entries(this.found)) {
      const todo = [...addresses].filter(([address]) => address.startsWith(base + '/'))
      many += todo.length
      const worker = async () => { for (let next = todo.shift(); next; next = todo.shift()) problems.push(...await lead(address => asks(who, address), ...next)) }
      await Promise.all([worker(), worker(), worker()])
    }
    return many < 100 ? [...problems, `only ${many} links`] : problems
  }
}

// lead says where a link, and each of its fragments, leads to nothing. places are its
// fragments and the pages on which they stand.
async function lead (ask, address, places) {
  const answer = await ask(address)
  if (!answer) return [] // it leads on to somebody else
  if (answer.status >= 400) return [`${address} answers ${answer.status} (on ${[...places.values()][0]})`]
  return [...places].filter(([fragment]) => fragment !== '' && !answer.body.includes(`id="${decodeURIComponent(fragment)}"`)).map(([fragment, page]) => `${address}#${fragment} is no place (on ${page})`)
}
