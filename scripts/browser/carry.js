// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Moving, bringing and taking, in the order in which a person meets the pages.

import { examine, watch } from './judge.js'

const migration = '/settings/migration'
const imports = '/settings/import'
const password = 'three boats and a lamp'

let turn = 0

// carryViews gives the walk of somebody new: the name of each state and what is wrong
// with it.
export async function * carryViews ({ base, link, member }, page, language) {
  const name = `mar${++turn}_of_a_name_of_thirty_sig`.slice(0, 30)
  const other = `${member().name}@${new URL(base).host}`
  const seen = watch(page, base)
  const at = path => new URL(page.url()).pathname === path ? [] : [`is at ${page.url()}`]
  const judged = async (...more) => [...seen.splice(0).filter(s => !s.includes('status of 4')), ...(await examine(page, language)), ...more.flat()]
  const form = value => `main form:has(input[name=act][value=${value}])`
  const wrong = async () => await page.locator('[aria-invalid=true]').count() > 0 ? [] : ['no field is wrong']
  const done = async () => await page.locator('main [role=status]').count() > 0 ? [] : ['nothing says that it was done']
  const type = async (act, account) => {
    await page.fill(`${form(act)} input[name=account]`, account)
    if (act === 'move') await page.check('#sure')
    await page.click(`${form(act)} button`)
  }

  await page.goto(await link('account', 'invite'))
  for (const [id, value] of Object.entries({ name, display_name: 'Mar', email: `${name}@example.org`, password })) await page.fill('#' + id, value)
  await page.click('main form button')
  await page.goto(base + migration)
  await page.fill('#login', name)
  await page.fill('#password', password)
  await page.click('main form[action="/sign-in"] button')
  yield ['migration', await judged(at(migration))]
  await type('alias', 'nobody at all')
  yield ['alias refused', await judged(await wrong())]
  await page.goto(base + migration)
  await type('alias', other)
  yield ['alias', await judged(await done())]
  await type('move', other)
  yield ['move refused', await judged(await wrong())]
  await page.goto(base + migration)
  await type('redirect', other)
  yield ['redirected', await judged(await done())]
  await page.goto(`${base}/@${name}`)
  yield ['profile of who went', await judged((await page.locator('main .banner').count()) === 1 ? [] : ['does not say where'])]
  await page.goto(base + migration)
  await page.click(`${form('return')} button`)
  yield ['returned', await judged(await done())]
  await page.goto(base + '/settings/export')
  yield ['export', await judged(at('/settings/export'))]
  yield * importViews({ base, other, judged, wrong, done }, page)
}

// importViews sends files, wrongly and rightly.
async function * importViews ({ base, other, judged, wrong, done }, page) {
  const send = async (kind, text) => {
    await page.selectOption('#kind', kind)
    await page.setInputFiles('#file', { name: 'a rather long name of a file from another server.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
    await page.click('main form[action="/settings/import"] button')
  }
  await page.goto(base + imports)
  yield ['import', await judged()]
  await send('following', '')
  yield ['import refused', await judged(await wrong())]
  await page.goto(base + imports)
  await page.check('input[name=mode][value=overwrite]')
  await send('following', `${other}\nno one, <b>,${'x'.repeat(200)}\n`)
  yield ['import with bad rows', await judged(await page.locator('#bad').count() === 1 ? [] : ['no bad row is named'])]
  await page.goto(base + imports)
  await send('blocks', `no one\n${other}\nzoe@nowhere.invalid\n`)
  yield ['import on its way', await judged(await done())]
  await page.goto(base + imports)
  for (let n = 0; n < 100 && await page.locator('a[href$="problems.csv"]').count() === 0; n++) {
    await page.waitForTimeout(50)
    await page.reload()
  }
  const csv = await page.evaluate(async () => (await fetch(document.querySelector('a[href$="problems.csv"]').href)).text())
  yield ['import at its end', await judged(csv.startsWith('Account address,Line,Problem') ? [] : [`problems: ${csv}`])]
}
