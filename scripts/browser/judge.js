// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What is asked of a page. Each function gives a list of problems.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

// axe in its short form: it is read by the browser anew for every page.
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice']

// watch collects what a page does that it should not: requests to others, errors in
// the console (reports of the content security policy are among them).
export function watch (page, base) {
  const seen = []
  page.on('request', r => { if (!r.url().startsWith(base + '/') && !r.url().startsWith('data:')) seen.push(`asks ${r.url()}`) })
  page.on('console', m => {
    const text = m.text()
    if (m.type() === 'error' && !text.includes('status of 404')) seen.push(`console: ${text}`)
  })
  page.on('pageerror', e => seen.push(`error: ${e.message}`))
  return seen
}

// judge opens a page and looks at it.
export async function judge (page, url, status, language, seen) {
  const answer = await page.goto(url, { waitUntil: 'load' })
  const problems = seen
  if (answer.status() !== status) problems.push(`status ${answer.status()}`)
  if (!(answer.headers()['content-security-policy'] ?? '').includes("default-src 'none'")) problems.push('no content security policy')
  return problems.concat(await examine(page, language))
}

// summaryFocused says what is wrong with where a refused form put the focus: browsers
// move it with the first frame that they draw, somewhat after the page is loaded.
export async function summaryFocused (page) {
  for (let n = 0; n < 100; n++) {
    if (await page.evaluate(() => document.activeElement?.getAttribute('role')) === 'alert') return []
    await page.waitForTimeout(20)
  }
  return ['the summary has no focus']
}

// examine looks at the page that is open.
export async function examine (page, language) {
  const problems = []
  const facts = await page.evaluate(() => ({
    h1: document.querySelectorAll('h1').length,
    lang: document.documentElement.lang,
    title: document.title,
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    active: document.querySelectorAll('[style], style, script:not([type="application/ld+json"]):not([src])').length,
    styled: getComputedStyle(document.body).marginTop === '0px'
  }))
  if (facts.h1 !== 1) problems.push(`${facts.h1} h1`)
  if (language && facts.lang !== language) problems.push(`language ${facts.lang}`)
  if (!facts.title) problems.push('no title')
  if (facts.wide > 0) problems.push(`scrolls sideways by ${facts.wide} px`)
  if (facts.active > 0) problems.push('inline script or style')
  if (!facts.styled) problems.push('the style sheet did not come')
  return problems.concat(await accessible(page))
}

// accessible asks axe about the page that is open. It is evaluated and not put into the
// page, so that the page's own policy stays in force.
export async function accessible (page) {
  await page.evaluate(axe)
  const result = await page.evaluate(async values => {
    const { violations } = await window.axe.run(document, { runOnly: { type: 'tag', values }, resultTypes: ['violations'] })
    return violations.map(v => `axe ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | ')}`)
  }, tags)
  return result
}

// judgeWithoutScripts searches, filters, opens a job and changes the language.
export async function judgeWithoutScripts (page, base) {
  const problems = []
  await page.goto(base + '/')
  await page.fill('input[name=q]', 'backend')
  await page.click('form[role=search] button')
  if (!new URL(page.url()).search.includes('q=backend')) problems.push(`the search leads to ${page.url()}`)
  await page.goto(base + '/jobs')
  await page.click('main a[href*="engagement=membership"]')
  if (!page.url().includes('engagement=membership')) problems.push(`the filter leads to ${page.url()}`)
  await page.click('main h3 a')
  if (await page.locator('h1').count() !== 1 || !/jobs\//.test(page.url())) problems.push(`the job leads to ${page.url()}`)
  if (await page.locator('a[href^="mailto:"]').count() === 0) problems.push('no way to apply by mail')
  await page.click('footer a[hreflang=it]')
  if (await page.locator('html').getAttribute('lang') !== 'it') problems.push('the language does not change')
  await page.goto(base + '/library')
  if (await page.locator('html').getAttribute('lang') !== 'it') problems.push('the language is forgotten')
  return problems
}

// judgeWeight adds up what the first view of a page costs, the pictures that people
// published left out, and on the board, the page that most people see first, in how
// many requests.
export async function judgeWeight (page, url, name) {
  const finished = []
  const asked = new Set() // what is asked twice comes from the browser's own store
  const noteAsked = request => asked.add(new URL(request.url()).pathname)
  const noteFinished = request => { if (!new URL(request.url()).pathname.startsWith('/media/')) finished.push(request) }
  page.on('request', noteAsked).on('requestfinished', noteFinished)
  await page.goto(url, { waitUntil: 'networkidle' })
  page.off('request', noteAsked).off('requestfinished', noteFinished)
  // What finishes later belongs to another view; asked about, it would outlive the page.
  const sizes = await Promise.all(finished.map(request => request.sizes()))
  const weight = sizes.reduce((sum, { responseBodySize }) => sum + responseBodySize, 0)
  const problems = []
  if (weight > 50_000 || weight === 0) problems.push(`${weight} bytes`)
  if (name === 'board' && asked.size > 4) problems.push(`${asked.size} requests: ${[...asked].join(' ')}`)
  return problems
}
