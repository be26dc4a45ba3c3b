// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The form of a job, in the order in which a person who publishes for a co-op meets it.

import { examine, summaryFocused, watch } from './judge.js'

// jobFormViews gives the walk: the name of each state and what is wrong with it.
export function jobFormViews ({ base, instance }) {
  const person = instance.accounts.find(account => account.password)
  const login = person.handle.replace(/^@/, '').split('@')[0]
  const closes = new Date(Date.now() + 30 * 864e5).toISOString().slice(0, 10)

  return async function * (page, language) {
    const seen = watch(page, base)
    const judged = async more => [...seen.splice(0).filter(s => !s.includes('status of 4')), ...(await examine(page, language)), ...(more ?? [])]
    const press = act => page.click(`button[name=act][value=${act}]`)
    await page.goto(`${base}/jobs/new?lang=${language}`)
    await page.fill('#login', login)
    await page.fill('#password', person.password)
    await page.click('main form button')
    yield ['job form', await judged(await page.locator('h1').count() === 1 ? [] : ['no form'])]
    await press('publish')
    const focus = await summaryFocused(page)
    const wrong = await page.locator('[aria-invalid=true]').count()
    yield ['job form refused', await judged([...focus, ...(wrong >= 5 ? [] : [`${wrong} fields are marked`])])]
    await page.click('.problem a[href="#hours_min"]')
    const at = await page.evaluate(() => document.activeElement?.id)
    await page.fill('#title', 'Panadera o panadero')
    await page.fill('#description', 'Hacés pan con otras tres personas, cuatro mañanas por semana, y lo vendés los sábados.')
    await page.fill('#skills', 'pan, ventas')
    await page.fill('#town', 'Rosario')
    await page.selectOption('#country', 'AR')
    await page.fill('#hours_min', '20')
    await page.fill('#hours_max', '30')
    await page.fill('#pay_min', '1900000')
    await page.fill('#currency', 'ARS')
    await page.fill('#closes', closes)
    await press('preview')
    const shown = await page.locator('.preview strong').first().textContent()
    yield ['job form preview', await judged([...(shown === 'Panadera o panadero' ? [] : [`shows ${shown}`]), ...(at === 'hours_min' ? [] : [`a complaint leads to ${at}`])])]
    await press('draft')
    yield ['job form draft', await judged(page.url().includes('/edit') ? [] : [`is at ${page.url()}`])]
    await press('publish')
    yield ['job published by form', await judged(await page.locator('h1').textContent() === 'Panadera o panadero' ? [] : [`is at ${page.url()}`])]
  }
}
