// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Looks at every public page of a running demonstration and says what is wrong.

import { writeFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { judgeSignIn } from './app.js'
import { carryViews } from './carry.js'
import { get, startDemo } from './demo.js'
import { factorViews, withoutScripts } from './factors.js'
import { jobFormViews } from './jobform.js'
import { accessible, judge, judgeWithoutScripts, judgeWeight, watch } from './judge.js'
import { walkByKeyboard } from './keyboard.js'
import { lighthouseViews } from './lighthouse.js'
import { freePort } from './own.js'
import { signInViews } from './signin.js'
import { stories } from './stories.js'
import { rows } from './table.js'
import { Links, valid } from './valid.js'

const [narrow, wide] = [{ width: 320, height: 800 }, { width: 1200, height: 900 }]
const sizes = [narrow, wide]
const schemes = ['light', 'dark']
const languages = ['es', 'en', 'ca', 'it', 'pt']

let passed = 0
const failures = []

// check counts a finding: an empty list is a pass.
function check (name, problems) {
  if (problems.length === 0) passed++
  else failures.push(`${name}\n    ${problems.join('\n    ')}`)
}

// checkState counts what was found in a state that a walk came to, and in one of its views
// goes through the page by keyboard alone.
async function checkState (page, view, name, problems) {
  const byKeyboard = view.colorScheme === 'light' && view.viewport.width > 1000
  check(`${name} ${view.colorScheme} ${view.viewport.width}`, byKeyboard ? [...problems, ...await walkByKeyboard(page)] : problems)
}

// newContext is a fresh profile. Everything is asked of the server under test, by
// the name that it has.
const newContext = (browser, language, more) =>
  browser.newContext({ locale: language, reducedMotion: 'reduce', serviceWorkers: 'block', ...more })

// signedIn gives what the browsers keep of who looks: nobody in particular, somebody of
// the demonstration, and somebody new who looks after the server.
async function signedIn (browser, demo) {
  const owner = { name: 'olga', password: 'three boats and a lamp' }
  const made = await newContext(browser, 'es')
  const page = await made.newPage()
  await page.goto(await demo.link('account', 'invite', '--role', 'owner'))
  for (const [id, value] of Object.entries({ ...owner, display_name: 'Olga', email: 'olga@example.org' })) await page.fill('#' + id, value)
  await page.click('main form button')
  await made.close()
  const states = { guest: undefined }
  for (const [who, { name, password }] of [['member', demo.member()], ['staff', owner]]) {
    const context = await newContext(browser, 'es')
    const door = await context.newPage()
    await door.goto(demo.base + '/sign-in')
    await door.fill('#login', name)
    await door.fill('#password', password)
    await door.click('main form[action="/sign-in"] button')
    states[who] = await context.storageState()
    await context.close()
  }
  return states
}

// lookAt judges every page of the table in light and dark, narrow and wide, and in all
// languages in turn; once by keyboard alone; and weighs what anybody sees first. The wide
// page that was light is made dark as it stands, which costs no second one. What is
// not there is one page at all addresses: each address is looked at in one of the
// views, in turn.
async function lookAt (browser, base, pages, who) {
  const views = [[narrow, 'light'], [narrow, 'dark'], [wide, 'light', 'dark']]
  let turn = 0
  for (const [now, [viewport, colorScheme, other]] of views.entries()) {
    const rows = pages.filter((row, n) => row.status !== 404 || n % views.length === now)
    const profiles = {}
    for (const name of Object.keys(who)) profiles[name] = await newContext(browser, undefined, { colorScheme, viewport, storageState: who[name] })
    await inParallel(rows, async (row, n, tabs) => {
      const language = languages[turn++ % languages.length]
      const { page, seen } = tabs[row.who] ??= await openTab(profiles[row.who], base)
      seen.length = 0
      await page.setExtraHTTPHeaders({ 'Accept-Language': language })
      const problems = await judge(page, base + row.path, row.status, row.speaks ? undefined : language, seen)
      check(`${row.name} ${language} ${colorScheme} ${viewport.width}`, problems)
      await shot(page, `${row.name}-${viewport.width}-${colorScheme}`)
      if (other) {
        await lookAgain(page, row, other)
        await page.emulateMedia({ colorScheme })
        check(`${row.name} by keyboard`, await walkByKeyboard(page))
      }
    })
    for (const profile of Object.values(profiles)) await profile.close()
  }
  const fresh = await newContext(browser, 'es')
  await inParallel(pages.filter(row => row.who === 'guest' && row.status === 200), async ({ name, path }, n, tabs) => {
    const { page } = tabs.fresh ??= await openForgetful(fresh, base)
    check(`weight of ${name}`, await judgeWeight(page, base + path, name))
  })
  await fresh.close()
}

// openTab opens a tab for one page after the other: a new one for each costs the browser
// more than what is looked at in it.
async function openTab (profile, base) {
  const page = await profile.newPage()
  return { page, seen: watch(page, base) }
}

// openForgetful opens a tab that asks for everything each time, as somebody does who comes
// for the first time.
async function openForgetful (profile, base) {
  const tab = await openTab(profile, base)
  const session = await profile.newCDPSession(tab.page)
  await session.send('Network.enable')
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  return tab
}

// lookAgain judges the page that is open in another colour scheme. What else it is made
// of is the same, but for what axe left in it.
async function lookAgain (page, row, colorScheme) {
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor + getComputedStyle(document.body).backgroundColor)
  const before = await ground()
  await page.emulateMedia({ colorScheme })
  const problems = before === await ground() ? [`does not become ${colorScheme}`] : []
  check(`${row.name} ${colorScheme} ${wide.width}`, problems.concat(await accessible(page)))
  await shot(page, `${row.name}-${wide.width}-${colorScheme}`)
}

// lookInside reads every page of the table as it is sent: whether it is HTML, and whether
// what it links to is there.
async function lookInside (base, pages, who) {
  const cookies = Object.fromEntries(Object.entries(who).map(([name, state]) => [name, (state?.cookies ?? []).map(({ name, value }) => `${name}=${value}`).join('; ')]))
  const asks = async (name, address) => {
    let answer = { to: address }
    for (let n = 0; n < 4 && answer.to; n++) {
      const { origin, pathname, search } = new URL(answer.to, base)
      if (origin !== base) return undefined
      answer = await get(base, pathname + search, { Accept: 'text/html', ...(cookies[name] && { Cookie: cookies[name] }) })
    }
    return answer
  }
  const links = new Links()
  await inParallel(pages, async row => {
    const { status, body } = await asks(row.who, base + row.path)
    if (status === 200) links.gather(row.who, base + row.path, body)
    check(`${row.name} is HTML`, await valid(body))
  })
  check('every link leads somewhere', await links.broken(base, asks))
}

// shot keeps a picture of a page where SHOTS names a folder for it.
async function shot (page, name) {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name.replaceAll(' ', '-')}.png`, fullPage: true })
}

// walkThrough takes the states of a walk as they come. Where it does not go on, the state
// behind the last one that was seen is what failed.
async function walkThrough (states, view, each) {
  let last = 'the beginning'
  try {
    for await (const [name, problems] of states) await each(last = name, problems)
  } catch (error) {
    check(`what follows "${last}" ${view.colorScheme} ${view.viewport.width}`, [error.message])
  }
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
    await walkThrough(walk(page, language), view, (name, problems) => checkState(page, view, `${name} ${language}`, problems))
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
    await walkThrough(factorViews(demo, page, language), view, async (name, problems) => {
      await checkState(page, view, `${name} ${language}`, problems)
      await shot(page, `${name}-${view.viewport.width}-${view.colorScheme}`)
    })
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
    await walkThrough(carryViews(demo, page, language), view, async (name, problems) => {
      await checkState(page, view, `${name} ${language}`, problems)
      await shot(page, `${name}-${view.viewport.width}-${view.colorScheme}`)
    })
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
    await walkThrough(walk(page, language), view, (name, problems) => checkState(page, view, `${name} ${language}`, problems))
    await context.close()
  }
}

// lookAtStories tells what people come for, with scripts off and on.
async function lookAtStories (browser, demo) {
  for (const javaScriptEnabled of [false, true]) {
    const profile = { javaScriptEnabled, colorScheme: javaScriptEnabled ? 'dark' : 'light', viewport: sizes[javaScriptEnabled ? 0 : 1] }
    const open = async (on = javaScriptEnabled) => (await newContext(browser, 'es', { ...profile, javaScriptEnabled: on })).newPage()
    const walk = stories(process.env.MINGA, demo.elsewhere, open, javaScriptEnabled, 'es')
    try {
      for await (const [name, problems] of walk) check(`${name}, scripts ${javaScriptEnabled ? 'on' : 'off'}`, problems)
    } catch (error) {
      check(`the stories, scripts ${javaScriptEnabled ? 'on' : 'off'}`, [error.message])
    }
  }
}

// lookWithLighthouse asks Lighthouse about the pages that people see first.
async function lookWithLighthouse (base, things) {
  const port = await freePort()
  const browser = await launch(`--remote-debugging-port=${port}`)
  try {
    for await (const [name, problems] of lighthouseViews(port, base, things, Number(process.env.LIGHTHOUSE_RUNS ?? 1))) check(name, problems)
  } finally {
    await browser.close()
  }
}

// launch starts a browser that reaches nobody but this machine.
const launch = (...more) => chromium.launch({
  executablePath: process.env.CHROMIUM,
  headless: true,
  args: [
    '--no-sandbox', '--disable-quic', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost', ...more
  ]
})

// inParallel works on a list, three at a time; each of the three has an object in which it
// keeps what it goes on with. What stops before its end is a failure of its own, and the
// others go on, with nothing of it.
async function inParallel (list, work) {
  let next = 0
  const worker = async () => {
    let kept = {}
    for (let n = next++; n < list.length; n = next++) {
      await work(list[n], n, kept).catch(error => {
        kept = {}
        check(`${list[n].name ?? JSON.stringify(list[n])} is looked at to its end`, [error.message])
      })
    }
  }
  await Promise.all([worker(), worker(), worker()])
}

// timed does a part of the work and tells how long it took; ONLY names the parts that
// are wanted.
async function timed (name, work) {
  if (process.env.ONLY && !process.env.ONLY.split(',').includes(name)) return
  const began = Date.now()
  await work()
  console.log(`${name}: ${Math.round((Date.now() - began) / 1000)} s`)
}

async function main () {
  const began = Date.now()
  const demo = await startDemo(process.env.MINGA)
  const browser = await launch()
  try {
    const things = await demo.things()
    const [pages, who] = [rows(things), await signedIn(browser, demo)]
    await timed('the table of pages', () => lookAt(browser, demo.base, pages, who))
    await timed('what the pages are made of', () => lookInside(demo.base, pages, who))
    await timed('lighthouse', () => lookWithLighthouse(demo.base, things))
    await timed('signing in', () => lookAtSignIn(browser, demo))
    await timed('second factors', () => lookAtFactors(browser, demo))
    await timed('moving', () => lookAtCarry(browser, demo))
    await timed('the form of a job', () => lookAtJobForm(browser, demo))
    await timed('the stories', () => lookAtStories(browser, demo))
    const quiet = await newContext(browser, 'es', { javaScriptEnabled: false })
    check('a job is found and read with scripts off', await judgeWithoutScripts(await quiet.newPage(), demo.base).catch(error => [error.message]))
    check('sign-in with scripts off', await withoutScripts(await quiet.newPage(), demo.base))
    await quiet.close()
    const signing = await newContext(browser, 'en')
    check('a client in the browser signs in from another origin', await judgeSignIn(signing, demo.base, demo.member()))
    await signing.close()
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
