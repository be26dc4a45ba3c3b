// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Second factors, in the order in which a person meets them: codes, codes on paper, a
// passkey by Chromium's virtual authenticator, and the ways back in.

import { createHmac } from 'node:crypto'
import { examine, watch } from './judge.js'

const factors = '/settings/security/factors'
const password = 'three boats and a lamp'

// codeOf is the code of a seed in base32, some steps from now (RFC 6238).
function codeOf (seed, steps = 0) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...seed.replace(/\s/g, '')].map(letter => letters.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map(byte => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps))
  const mac = createHmac('sha1', key).update(counter).digest()
  return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

// withKeys gives a page keys that verify their user at once.
async function withKeys (page) {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true }
  })
  return verified => session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: verified })
}

let turn = 0

// factorViews gives the walk of somebody new: the name of each state and what is wrong
// with it.
export async function * factorViews ({ base, link }, page, language) {
  const name = `leo${++turn}`
  const seen = watch(page, base)
  const at = path => new URL(page.url()).pathname === path ? [] : [`is at ${page.url()}`]
  const judged = async (...more) => [...seen.splice(0).filter(s => !s.includes('status of 4')), ...(await examine(page, language)), ...more.flat()]
  const act = value => page.click(`main form:has(input[name=act][value=${value}]) button`)
  const signOut = async () => { await page.goto(base + '/settings/security'); await page.click('main form[action="/sign-out"] button') }
  const signIn = async () => {
    await page.goto(base + '/sign-in')
    await page.fill('#login', name)
    await page.fill('#password', password)
    await page.click('main form[action="/sign-in"] button')
  }
  const verify = await withKeys(page)

  await page.goto(await link('account', 'invite'))
  for (const [id, value] of Object.entries({ name, display_name: 'Leo', email: `${name}@example.org`, password })) await page.fill('#' + id, value)
  await page.click('main form button')
  await signIn()
  await page.goto(base + '/settings/security')
  await page.click(`main a[href="${factors}"]`)
  yield ['second factors', await judged(at(factors))]

  await act('codes-begin')
  const seed = await page.textContent('.seed')
  yield ['codes to set up', await judged(await page.locator('svg.qr path').count() === 1 ? [] : ['no picture'])]
  await page.fill('#code', '000000')
  await act('codes')
  yield ['a wrong first code', await judged(await page.locator('#code[aria-invalid=true]').count() === 1 ? [] : ['nothing is wrong'])]
  await page.fill('#code', codeOf(seed))
  await act('codes')
  const paper = await page.locator('.paper code').allTextContents()
  yield ['codes on paper', await judged(paper.length === 10 ? [] : [`${paper.length} codes`])]

  await page.goto(base + factors)
  await page.fill('#name', 'A phone of a name that is rather long, so that it has to break somewhere')
  await Promise.all([page.waitForURL(/done=passkey/), act('passkey')])
  yield ['a passkey', await judged(await page.locator('main article').count() === 1 ? [] : ['it is not listed'])]

  await page.goto(base + '/settings/confirm?next=%2Fabout')
  yield ['confirm', await judged(await page.locator('#passkey').isVisible() ? [] : ['no passkey is asked for'])]
  await Promise.all([page.waitForURL('**/about'), page.click('#passkey button')])
  yield ['confirmed by a passkey', at('/about')]
  await page.goto(base + '/settings/security/email')
  yield ['another address', await judged(at('/settings/security/email'))]

  await signOut()
  await signIn()
  yield ['the second step', await judged(at('/sign-in/second'))]
  await page.fill('#code', '000000')
  await page.click('main form[action="/sign-in/second"] button')
  yield ['the second step refused', await judged(await page.locator('#code[aria-invalid=true]').count() === 1 ? [] : ['nothing is wrong'])]
  await page.fill('#code', codeOf(seed, 1))
  await page.click('main form[action="/sign-in/second"] button')
  yield ['in by a code', at('/desk')]
  await signOut()
  await signIn()
  await page.fill('#code', paper[0])
  await page.click('main form[action="/sign-in/second"] button')
  yield ['in by a code on paper', at('/desk')]

  await signOut()
  await page.goto(base + '/sign-in?next=%2Flibrary')
  yield ['sign-in with a passkey', await judged(await page.locator('#passkey').isVisible() ? [] : ['no passkey is asked for'])]
  await verify(false)
  await page.click('#passkey button')
  await page.waitForSelector('#passkey [data-failed]:visible')
  yield ['a passkey without its user', at('/sign-in')] // axe leaves its own style on a page that it saw before
  await verify(true)
  await Promise.all([page.waitForURL('**/library'), page.click('#passkey button')])
  await page.goto(base + '/settings/security')
  yield ['in by a passkey alone', await judged(at('/settings/security'))]
}

// withoutScripts looks whether the pages promise nothing that needs one.
export async function withoutScripts (page, base) {
  await page.goto(base + '/sign-in')
  const shown = await page.locator('#passkey').isVisible()
  return shown || !(await page.locator('#password').isVisible()) ? ['the page promises a passkey, or has no password'] : []
}
