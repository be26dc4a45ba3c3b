// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Asks Lighthouse about the pages that people see first. What a page is decides:
// accessibility, best practices and search engines must be whole, nothing may
// shift, and weights and requests have their budgets. How long a page took depends on
// the machine that looks: that is told and never decides.

import lighthouse from 'lighthouse'
import { writeFileSync } from 'node:fs'

const whole = ['accessibility', 'best-practices', 'seo']
const budgets = { document: 36_000, stylesheet: 8_000, script: 6_000, font: 0, 'third-party': 0, total: 50_000 }
const mostRequests = 4 // of the first view of the board
const mostShift = 0.02

// lighthouseViews gives the walk: the name of a page and what is wrong with it. runs is how
// often each is asked; the run in the middle is told.
export async function * lighthouseViews (port, base, things, runs = 1) {
  const pages = [['/', '/'], ['/jobs', '/jobs'], ['a job', things.own], ['an article', things.article], ['/directory', '/directory']]
  for (const [name, path] of pages) {
    const seen = []
    for (let n = 0; n < runs; n++) seen.push(await ask(port, base + path))
    const report = seen.sort((a, b) => score(a, 'performance') - score(b, 'performance'))[Math.floor(runs / 2)]
    console.log(`lighthouse of ${name}: ${told(report)}`)
    if (process.env.LIGHTHOUSE_REPORTS) writeFileSync(`${process.env.LIGHTHOUSE_REPORTS}/${name.replaceAll(/[^a-z]/g, '') || 'home'}.json`, JSON.stringify(report))
    yield [`lighthouse of ${name}`, [...new Set(seen.flatMap(one => wrong(one, name)))]]
  }
}

// ask has one page looked at, as a phone on a slow network would. Where it saw nothing
// painted, as happens when the machine is busy, it looks again: that says nothing about the page.
async function ask (port, url, tries = 3) {
  const { lhr } = await lighthouse(url, { port, output: 'json', logLevel: 'silent', onlyCategories: ['performance', ...whole] })
  return shift(lhr) === undefined && tries > 1 ? ask(port, url, tries - 1) : lhr
}

const score = (report, category) => report.categories[category]?.score ?? 0

// told is a report in a line.
function told (report) {
  const { audits } = report
  const scores = ['performance', ...whole].map(category => `${category} ${score(report, category).toFixed(2)}`)
  const times = ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time'].map(id => `${id} ${Math.round(audits[id].numericValue)} ms`)
  return [...scores, ...times, `shift ${shift(report)?.toFixed(3)}`, `${weights(report).total} bytes`].join(', ')
}

const shift = report => report.audits['cumulative-layout-shift']?.numericValue

// weights are the bytes over the network by kind.
function weights (report) {
  const items = report.audits['resource-summary'].details.items
  return Object.fromEntries(items.map(({ resourceType, transferSize, requestCount }) => [resourceType, resourceType === 'font' || resourceType === 'third-party' ? requestCount : transferSize]))
}

// wrong says what decides.
function wrong (report, name) {
  if (report.runtimeError) return [report.runtimeError.message]
  const problems = []
  for (const category of whole) if (score(report, category) < 1) problems.push(`${category} ${score(report, category)}: ${missed(report, category)}`)
  if (!(shift(report) <= mostShift)) problems.push(`shifts by ${shift(report)}`)
  const found = weights(report)
  for (const [kind, most] of Object.entries(budgets)) if (!(found[kind] <= most)) problems.push(`${kind} ${found[kind]}, at most ${most}`)
  // What is asked twice comes from the browser's own store; the manifest is asked for by who looks, as a browser does that installs the page.
  const asked = new Set(report.audits['network-requests'].details.items.filter(item => !/^data:|\.webmanifest$/.test(item.url)).map(item => item.url))
  if (asked.size === 0 || name === '/jobs' && asked.size > mostRequests) problems.push(`${asked.size} requests: ${[...asked].join(' ')}`)
  return problems
}

// missed are the checks of a category that a page does not pass.
const missed = (report, category) => report.categories[category].auditRefs
  .filter(({ id, weight }) => weight > 0 && report.audits[id].score !== null && report.audits[id].score < 1)
  .map(({ id }) => `${id} (${(report.audits[id].details?.items ?? []).slice(0, 2).map(item => item.node?.snippet ?? item.text ?? item.description ?? item.source ?? '').join(' | ').slice(0, 200)})`).join(', ')
