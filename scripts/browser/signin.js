// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The pages around sign-in, in the order in which a person meets them.

import { post } from './demo.js'
import { examine, summaryFocused, watch } from './judge.js'

const outOfBand = 'urn:ietf:wg:oauth:2.0:oob'

// signInViews registers an app, which lives on another instance, and gives the walk:
// the name of each state and what is wrong with it.
export async function signInViews ({ base, instance, other, link }) {
  const person = instance.accounts.find(account => account.password)
  const login = person.handle.replace(/^@/, '').split('@')[0]
  const back = other.url.replace(/\/$/, '') + '/about'
  const app = await post(base, '/api/v1/apps', {
    client_name: 'Elk <b>', redirect_uris: [back, outOfBand], scopes: 'read write follow push', website: 'https://elk.example/'
  })
  const ask = (redirect, more) => base + '/oauth/authorize?' +
    new URLSearchParams({ response_type: 'code', client_id: app.client_id, redirect_uri: redirect, scope: 'read write follow push', state: 'a b', ...more })
  const signIn = async (page, password) => {
    await page.fill('#login', login)
    await page.fill('#password', password)
    await page.click('main form button')
  }

  let turn = 0

  return async function * (page, language) {
    const name = `eva${++turn}_of_a_name_of_thirty_sig`.slice(0, 30)
    const seen = watch(page, base)
    const judged = async more => [...seen.splice(0).filter(s => !s.includes('status of 4')), ...(await examine(page, language)), ...(more ?? [])]
    const at = path => new URL(page.url()).pathname === path ? [] : [`is at ${page.url()}`]

    await page.goto(base + '/settings/security')
    yield ['sign-in', await judged(at('/sign-in'))]
    await signIn(page, 'wrong password')
    const focus = await summaryFocused(page)
    yield ['sign-in refused', await judged(focus)]
    await page.goto(ask(back, { lang: language }))
    await signIn(page, person.password)
    yield ['consent', await judged(at('/oauth/authorize'))]
    await Promise.all([page.waitForURL(url => url.href.startsWith(back)), page.click('#allow')])
    const answer = new URL(page.url()).searchParams
    await page.goto('about:blank')
    seen.length = 0
    yield ['the app gets its code', answer.get('code') && answer.get('state') === 'a b' ? [] : [`came back with ${answer}`]]
    await page.goto(ask(back))
    await Promise.all([page.waitForURL(url => url.href.startsWith(back)), page.click('#deny')])
    const refusal = page.url()
    await page.goto('about:blank')
    seen.length = 0
    yield ['the app hears a no', refusal.includes('error=access_denied') ? [] : [`is at ${refusal}`]]
    await page.goto(ask(outOfBand))
    yield ['consent by code', await judged()]
    await page.click('#allow')
    const code = await page.textContent('#code')
    yield ['code', await judged(/^[\w-]{43}$/.test(code) ? [] : [`code ${code}`])]
    await redeem(base, app, code)
    await page.goto(ask(outOfBand))
    await page.click('#deny')
    yield ['nothing allowed', await judged()]
    await page.goto(ask(base + '/elsewhere'))
    yield ['refused', await judged()]
    await page.goto(base + '/settings/security')
    yield ['security with an app', await judged(at('/settings/security'))]
    await page.fill('#current', 'wrong password')
    await page.fill('#password', 'password1')
    await page.click('main form:has(#current) button')
    yield ['password refused', await judged()]
    await page.goto(base + '/settings/security')
    await page.click('main form:has(input[value=apps]) button')
    yield ['security without apps', await judged()]
    yield * speaking(page, base, judged, at)
    await page.goto(base + '/settings/security')
    await page.click('main form[action="/sign-out"] button')
    await page.goto(base + '/settings/security')
    yield ['signed out', await judged(at('/sign-in'))]
    yield * byLink(page, judged, link, name)
  }
}

// byLink makes an account by an invitation and gives it another password by a link,
// wrongly and rightly, and comes back to links that have ended.
async function * byLink (page, judged, link, name) {
  const send = () => page.click('main form button')
  const says = async words => (await page.locator('main').textContent()).includes(words) ? [] : [`does not say ${words}`]
  const invitation = await link('account', 'invite')
  await page.goto(invitation)
  yield ['invitation', await judged()]
  await fill(page, { name: 'Ana María', display_name: 'Eva', email: `${name}@example.org`, password: 'password1' })
  await send()
  yield ['invitation refused', await judged(await page.locator('[aria-invalid=true]').count() > 0 ? [] : ['no field is wrong'])]
  await fill(page, { name, password: 'three boats and a lamp' })
  await send()
  yield ['account made', await judged(await says(name))]
  await page.goto(invitation)
  yield ['invitation used', await judged()]
  const reset = await link('account', 'reset', name)
  await page.goto(reset)
  yield ['new password', await judged()]
  await fill(page, { password: 'password1' })
  await send()
  yield ['new password refused', await judged()]
  await fill(page, { password: 'four boats and no lamp' })
  await send()
  yield ['new password kept', await judged()]
  await page.goto(reset)
  yield ['link used', await judged()]
}

// fill types into the fields with these ids.
async function fill (page, values) {
  for (const [id, value] of Object.entries(values)) await page.fill('#' + id, value)
}

// redeem gets the token for a code that was shown.
async function redeem (base, app, code) {
  await post(base, '/oauth/token', {
    grant_type: 'authorization_code', client_id: app.client_id, client_secret: app.client_secret, redirect_uri: outOfBand, code
  })
}

// speaking walks through the pages about roles, as a steward of the demonstration.
async function * speaking (page, base, judged, at) {
  await page.goto(base + '/settings/co-ops')
  yield ['co-ops one speaks for', await judged(at('/settings/co-ops'))]
  const roles = await page.getAttribute('main a[href="/settings/co-ops/telar"]', 'href')
  await page.goto(base + roles)
  yield ['roles', await judged(at(roles))]
  await page.fill('#person', 'nobody-of-that-name')
  await page.click('main form:has(#person) button')
  yield ['roles for nobody', await judged()]
  await page.goto(base + roles + '/log')
  yield ['log of a co-op', await judged(at(roles + '/log'))]
}
