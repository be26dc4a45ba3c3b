// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Looks at every public page of a running demonstration and says what is wrong.

import { writeFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { judgeSignIn } from './app.js'
import { carryViews } from './carry.js'
import { startDemo } from './demo.js'
import { factorViews, withoutScripts } from './factors.js'
import { jobFormViews } from './jobform.js'
import { judge, judgeWithoutScripts, judgeWeight, watch } from './judge.js'
import { signInViews } from './signin.js'

const sizes = [{ width: 320, height: 800 }, { width: 1200, height: 900 }]
const schemes = ['light', 'dark']
const languages = ['es', 'en', 'ca', 'it', 'pt']

let passed = 0
const failures = []

// check counts a finding: an empty list is a pass.
function check (name, problems) {
  if (problems.length === 0) passed++
  else failures.push(`${name}\n    ${problems.join('\n    ')}`)
}

// newContext is a fresh profile. Everything is asked of the server under test, by
// the name that it has.
const newContext = (browser, language, more) =>
  browser.newContext({ locale: language, reducedMotion: 'reduce', serviceWorkers: 'block', ...more })

// lookAt judges every page in light and dark, narrow and wide, and in all languages
// in turn.
async function lookAt (browser, base, pages) {
  const views = schemes.flatMap(colorScheme => sizes.flatMap(viewport => pages.map(page => ({ colorScheme, viewport, page }))))
  await inParallel(views, async ({ colorScheme, viewport, page: [name, path, status] }, turn) => {
    const language = languages[turn % languages.length]
    const context = await newContext(browser, language, { colorScheme, viewport })
    const page = await context.newPage()
    const problems = await judge(page, base + path, status, language, watch(page, base))
    check(`${name} ${language} ${colorScheme} ${viewport.width}`, problems)
    await context.close()
  })
}

// lookAtSignIn signs in and lets an app in, one view after the other: tries are
// counted.
async function lookAtSignIn (browser, demo) {
  const views = schemes.flatMap(colorScheme => sizes.map(viewport => ({ colorScheme, viewport })))
  const walk = await signInViews(demo)
  for (const [turn, view] of views.entries()) {
    const language = languages[turn % languages.length]
    const context = await newContext(browser, language, { ...view, javaScriptEnabled: true })
    const page = await context.newPage()
    for await (const [name, problems] of walk(page, language)) check(`${name} ${language} ${view.colorScheme} ${view.viewport.width}`, problems)
    await context.close()
  }
}

// lookAtFactors sets up second factors and comes back in by each.
async function lookAtFactors (browser, demo) {
  const views = schemes.flatMap(colorScheme => sizes.map(viewport => ({ colorScheme, viewport })))
  await inParallel(views, async (view, turn) => {
    const language = languages[(turn + 2) % languages.length]
    const context = await newContext(browser, language, view)
    const page = await context.newPage()
    for await (const [name, problems] of factorViews(demo, page, language)) {
      check(`${name} ${language} ${view.colorScheme} ${view.viewport.width}`, problems)
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name.replaceAll(' ', '-')}-${view.viewport.width}-${view.colorScheme}.png`, fullPage: true })
    }
    await context.close()
  })
}

// lookAtCarry moves somebody away and back, and brings and takes files.
async function lookAtCarry (browser, demo) {
  const views = schemes.flatMap(colorScheme => sizes.map(viewport => ({ colorScheme, viewport })))
  await inParallel(views, async (view, turn) => {
    const language = languages[(turn + 3) % languages.length]
    const context = await newContext(browser, language, view)
    const page = await context.newPage()
    for await (const [name, problems] of carryViews(demo, page, language)) {
      check(`${name} ${language} ${view.colorScheme} ${view.viewport.width}`, problems)
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name.replaceAll(' ', '-')}-${view.viewport.width}-${view.colorScheme}.png`, fullPage: true })
    }
    await context.close()
  })
}

// lookAtJobForm posts a job on its page, wrongly and rightly.
async function lookAtJobForm (browser, demo) {
  const views = schemes.flatMap(colorScheme => sizes.map(viewport => ({ colorScheme, viewport })))
  const walk = jobFormViews(demo)
  for (const [turn, view] of views.entries()) {
    const language = languages[(turn + 1) % languages.length]
    const context = await newContext(browser, language, { ...view, javaScriptEnabled: true })
    const page = await context.newPage()
    for await (const [name, problems] of walk(page, language)) check(`${name} ${language} ${view.colorScheme} ${view.viewport.width}`, problems)
    await context.close()
  }
}

// inParallel works on a list, three at a time.
async function inParallel (list, work) {
  let next = 0
  const worker = async () => { for (let n = next++; n < list.length; n = next++) await work(list[n], n) }
  await Promise.all([worker(), worker(), worker()])
}

async function main () {
  const began = Date.now()
  const demo = await startDemo(process.env.MINGA)
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    headless: true,
    args: [
      '--no-sandbox', '--disable-quic', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost'
    ]
  })
  try {
    const pages = await demo.pages()
    await lookAt(browser, demo.base, pages)
    await lookAtSignIn(browser, demo)
    await lookAtFactors(browser, demo)
    await lookAtCarry(browser, demo)
    await lookAtJobForm(browser, demo)
    const quiet = await newContext(browser, 'es', { javaScriptEnabled: false })
    check('a job is found and read with scripts off', await judgeWithoutScripts(await quiet.newPage(), demo.base))
    check('sign-in with scripts off', await withoutScripts(await quiet.newPage(), demo.base))
    await quiet.close()
    const signing = await newContext(browser, 'en')
    check('a client in the browser signs in from another origin', await judgeSignIn(signing, demo.base, demo.member()))
    await signing.close()
    await inParallel(pages, async ([name, path]) => {
      const context = await newContext(browser, 'es')
      check(`weight of ${name}`, await judgeWeight(await context.newPage(), demo.base + path, name))
      await context.close()
    })
  } finally {
    await browser.close()
    check('the demonstration ends by itself', await demo.stop())
  }
  for (const failure of failures) console.log(`FAIL ${failure}`)
  console.log(`${passed + failures.length} tests in scripts/browser: ${passed} passed, ${failures.length} failed, in ${Math.round((Date.now() - began) / 1000)} s`)
  if (process.env.COUNTS) writeFileSync(process.env.COUNTS, `${passed} ${failures.length} 0\n`)
  process.exitCode = failures.length === 0 && passed > 0 ? 0 : 1
}

await main()
