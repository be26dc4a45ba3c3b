// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What people come for, from an empty folder to a closed job, each step by links and
// forms alone; the same with scripts, where more happens while one types.

import { examine, watch } from './judge.js'
import { walkByKeyboard } from './keyboard.js'
import { startOwn, waitFor } from './own.js'

const password = 'three boats and a lamp'

// fill types into the fields with these ids.
const fill = async (page, values) => { for (const [id, value] of Object.entries(values)) await page.fill('#' + id, value) }

// tell is what a page says: nothing is wrong where it says so.
const says = async (page, words) => (await page.locator('main').textContent()).includes(words) ? [] : [`does not say “${words}” at ${page.url()}`]

// mirrored shows what a page without scripts shows in one with them: axe is a script too.
async function mirrored (page, mirror) {
  const [url, body] = [page.url().split('#')[0], await page.content()]
  await mirror.unrouteAll()
  await mirror.route(url, route => route.fulfill({ body, contentType: 'text/html; charset=utf-8' }))
  await mirror.goto(url)
  return mirror
}

// stories gives the walk: the name of each step and what is wrong with it. others is an
// instance elsewhere whose federation follows this one.
export async function * stories (program, others, open, scripts, language) {
  const patient = async on => { const page = await open(on); page.setDefaultTimeout(10_000); return page }
  const own = await startOwn(program, scripts ? 'con' : 'sin')
  const [owner, visitor] = [await patient(), await patient()]
  const seen = [...watch(owner, own.base), ...watch(visitor, own.base)]
  const mirror = scripts ? undefined : await patient(true)
  const judged = async (page, ...more) => [...seen.splice(0).filter(text => !text.includes('status of 4')), ...(await looked(scripts ? page : await mirrored(page, mirror))), ...more.flat()]
  const looked = async page => [...(await examine(page, language)), ...(scripts ? [] : await walkByKeyboard(page))]
  try {
    yield * firstRun(own, owner, judged)
    yield * publish(own, owner, judged, scripts)
    yield * findAndRead(own, visitor, judged, scripts)
    yield * apply(own, owner, visitor, judged)
    yield * report(own, owner, visitor, judged)
    yield * administer(own, others, owner, judged)
    yield * close(own, owner, visitor, judged)
  } catch (error) {
    const at = await Promise.all([owner, visitor].map(async page => `${page.url()} “${await page.locator('h1').first().textContent({ timeout: 1000 }).catch(() => '')}”`))
    yield ['a step', [`${error.message.split('\n').slice(0, 4).join(' ')} at ${at.join(' and ')}`]]
  } finally {
    yield ['the instance ends by itself', await own.stop()]
  }
}

// firstRun makes the instance somebody's.
async function * firstRun (own, page, judged) {
  await page.goto(own.link)
  yield ['first run', await judged(page)]
  await page.click('main form button')
  yield ['first run, nothing said', await judged(page, await page.locator('[aria-invalid=true]').count() > 0 || (await page.locator('#name:invalid').count()) > 0 ? [] : ['no field is wrong'])]
  await page.check('input[name=language][value=es]')
  await fill(page, { name: 'Federación del Delta', handle: 'delta', about: 'Cooperativas de las islas.', owner: 'olga', owner_name: 'Olga', email: 'olga@delta.example', password })
  await page.click('main form button')
  if (new URL(page.url()).pathname === '/sign-in') {
    await fill(page, { login: 'olga', password })
    await page.click('main form[action="/sign-in"] button')
  }
  await page.goto(own.base + '/admin/setup')
  yield ['what is ready', await judged(page, new URL(page.url()).pathname === '/admin/setup' ? [] : [`is at ${page.url()}`])]
  await page.goto(own.link)
  yield ['first run, again', await judged(page, await page.locator('form[action^="/setup"]').count() === 0 ? [] : ['the one-time address lives on'])]
  await own.run('account', 'create', 'telar', '--kind', 'coop', '--display-name', 'Cooperativa Telar', '--language', 'es', '--domain', 'telar.example', '--steward', 'olga')
  for (const role of ['publisher', 'hirer']) await own.run('account', 'role', 'olga', role, '--in', 'telar')
}

// publish turns the form for applications on and publishes a job in two languages and
// an article.
async function * publish (own, page, judged, scripts) {
  await page.goto(own.base + '/jobs/mine')
  await page.click('main form#form button[value=on]')
  yield ['applications by form', await judged(page)]
  await page.goto(own.base + '/jobs/new')
  await fill(page, { title: 'Panadera o panadero', description: 'Haces pan con otras tres personas, cuatro mañanas por semana, y lo vendes los sábados en la feria.', skills: 'pan, ventas' })
  if (await page.locator('details:has(#title_2):not([open]) > summary').count()) await page.click('details:has(#title_2) > summary')
  await page.selectOption('#language_2', 'it')
  await fill(page, { title_2: 'Panettiera o panettiere', description_2: 'Fai il pane con altre tre persone, quattro mattine alla settimana, e lo vendi il sabato al mercato.' })
  await fill(page, { town: 'Rom', hours_min: '20', hours_max: '30', pay_min: '1400', pay_max: '1600', currency: 'EUR' })
  yield ['suggestions for a place in the form', await suggested(page, '#town', 'Roma', scripts)]
  await page.fill('#town', 'Roma')
  yield ['suggestions for the last of several skills', scripts ? await lastSkill(page) : []]
  await page.selectOption('#country', 'IT')
  await page.selectOption('#track', 'possible')
  if (await page.locator('input[name=form][type=checkbox]').count()) await page.check('input[name=form][type=checkbox]')
  yield ['a job is shown while it is written', await drawn(page, 'Panadera o panadero', scripts)]
  await page.click('button[name=act][value=preview]')
  yield ['a job is looked at before', await judged(page, await says(page, 'Panadera o panadero'))]
  await page.click('button[name=act][value=publish]')
  const title = await page.locator('h1').textContent()
  yield ['a job in two languages', await judged(page, title === 'Panadera o panadero' ? [] : [`the title is ${title} at ${page.url()}: ${await page.locator('.problem').allTextContents()}`], await page.locator('a[hreflang=it][href*="text=it"]').count() === 1 ? [] : ['the Italian text is not one click away'])]
  await page.goto(own.base + '/library/new')
  await fill(page, { title: 'Cómo repartimos los turnos', summary: 'Tres años de turnos rotativos y lo que cambiamos.', text: '# Antes\n\nUna sola persona repartía.\n\n# Ahora\n\nLo hacemos cada mes entre todas.' })
  yield ['an article is shown while it is written', await drawn(page, 'Lo hacemos cada mes entre todas.', scripts)]
  await page.click('button[name=act][value=publish]')
  yield ['an article', await judged(page, await says(page, 'Lo hacemos cada mes entre todas.'))]
}

// suggested types the beginning of a place: with scripts a list comes, from which the
// whole can be taken; without there is none.
async function suggested (page, field, place, scripts) {
  await page.fill(field, '')
  await page.locator(field).pressSequentially(place.slice(0, 3))
  if (!scripts) return await page.locator(`${field}[list]`).count() === 0 ? [] : ['a list without a script']
  const has = ([field, place]) => [...document.querySelector(field).list?.options ?? []].some(option => option.value.split(',')[0] === place)
  return page.waitForFunction(has, [field, place], { timeout: 5000 }).then(() => [], () => [`nothing is suggested in ${field} for ${place.slice(0, 3)}`])
}

// lastSkill types a second skill: what is suggested keeps the first.
async function lastSkill (page) {
  const before = await page.inputValue('#skills')
  await page.fill('#skills', 'pan, ')
  await page.locator('#skills').pressSequentially('cont')
  const has = () => [...document.querySelector('#skills').list?.options ?? []].some(option => /^pan, \S/.test(option.value))
  const problems = await page.waitForFunction(has, null, { timeout: 5000 }).then(() => [], () => ['nothing is suggested for a second skill'])
  await page.fill('#skills', before)
  return problems
}

// drawn waits until what is typed is shown beside the form; without scripts nothing is
// there until the button is pressed.
async function drawn (page, words, scripts) {
  const here = page.locator('[data-preview-here]')
  if (!scripts) return (await here.textContent()).includes(words) ? ['it is shown without a script'] : []
  const address = page.url()
  const shown = words => document.querySelector('[data-preview-here]').textContent.includes(words) && !document.querySelector('[data-preview-here][aria-busy]')
  const problems = await page.waitForFunction(shown, words, { timeout: 5000 }).then(() => [], () => [`“${words}” is not shown while it is typed`])
  return page.url() === address ? problems : [...problems, `the page is at ${page.url()}`]
}

// findAndRead finds the job by word, place and way to membership with one form, and reads
// an article.
async function * findAndRead (own, page, judged, scripts) {
  await page.goto(own.base + '/jobs')
  await page.fill('input[name=q]', 'pan*')
  yield ['suggestions for a place on the board', await suggested(page, '#place', 'Roma', scripts)]
  await page.fill('#place', 'Roma')
  await page.click('main form[role=search] summary')
  await page.check('input[name=track][value=possible]')
  await page.locator('main form[role=search] button').last().click()
  const found = await page.locator('main h3 a').allTextContents()
  yield ['a job is found', await judged(page, found.length === 1 && found[0].trim() === 'Panadera o panadero' ? [] : [`finds ${found} at ${page.url()}`])]
  yield * subscribe(own, page, judged)
  for (const [place, found] of [['Lisboa', ', PT'], ['Londres', ', GB'], ['Roma', ', IT']]) {
    await page.goto(`${own.base}/jobs?q=pan*&place=${place}`)
    const jobs = await page.locator('main h3 a').count()
    yield [`jobs near ${place}`, await judged(page, jobs === (place === 'Roma' ? 1 : 0) ? [] : [`finds ${jobs}`], await says(page, found))]
  }
  await page.goto(`${own.base}/search?q=turnos`)
  yield ['a search over everything', await judged(page, await page.locator('main h3 a').count() === 1 ? [] : ['the article is not found'])]
  await page.goto(own.base + '/library')
  await page.click('main h3 a')
  yield ['an article is read', await judged(page, await says(page, 'Una sola persona repartía.'))]
}

// subscribe has what is found sent by mail, and ends that again.
async function * subscribe (own, page, judged) {
  const back = page.url()
  await page.click('main a[href^="/jobs/follow"]')
  yield ['a search to follow', await judged(page)]
  await page.fill('#email', 'nina@example.org')
  await page.click('main form[action="/jobs/follow"] button')
  const mail = await waitFor('the mail about a search', () => own.mails.find(text => text.includes('/alerts/')))
  await page.goto(mail.match(/http:\/\/[^\s"<>]+\/alerts\/[A-Za-z0-9_-]+/)[0])
  yield ['a search to confirm', await judged(page)]
  await page.click('button[name=act][value=set]')
  yield ['a search by mail', await judged(page, await page.locator('main [role=status]').count() === 1 ? [] : ['it is not confirmed'])]
  await page.click('button[name=act][value=end]')
  yield ['no more mails', await judged(page, await page.locator('button[name=act]').count() === 0 ? [] : ['it does not end'])]
  await page.goto(back)
}

// jobPage opens the job.
async function jobPage (own, page) {
  await page.goto(own.base + '/jobs?state=archive')
  await page.click('main h3 a')
}

// apply applies by the form, reads it as the one who hires, and withdraws it again.
async function * apply (own, owner, page, judged) {
  await jobPage(own, page)
  await page.click('#apply ~ * a[href$="/apply"], .apply a[href$="/apply"]')
  yield ['application', await judged(page)]
  await page.locator('main form button').first().click()
  yield ['application, nothing said', await judged(page, await page.locator('[aria-invalid=true]').count() >= 2 ? [] : ['no field is wrong'])]
  await fill(page, { name: 'Nina', email: 'nina@example.org', message: 'Hago pan desde hace diez años y quiero hacerlo con otras.' })
  await page.locator('main form button').first().click()
  const mail = await waitFor('the mail about an application', () => own.mails.find(text => text.includes('/applications/')))
  const link = mail.match(/http:\/\/[^\s"<>]+\/applications\/[A-Za-z0-9_-]+/)[0]
  await page.goto(link)
  yield ['application sent', await judged(page, await says(page, 'Nina'))]
  await owner.goto(own.base + '/jobs/mine')
  await owner.click('main a[href$="/applications"]')
  yield ['applications read', await judged(owner, await says(owner, 'Hago pan desde hace diez años'))]
  await page.locator('main form[action^="/applications/"] button').last().click()
  yield ['application withdrawn', await judged(page)]
  await page.goto(link)
  yield ['application gone', await judged(page, (await page.locator('main').textContent()).includes('Nina') ? ['it is still there'] : [])]
}

// report tells those who look after the server of the job, without an account, and they
// read it.
async function * report (own, owner, page, judged) {
  await jobPage(own, page)
  await page.click('a[href$="/report"]')
  await page.check('input[name=why][value=other]')
  await page.fill('#comment', 'La dirección ya no es esa.')
  await page.click('main form button')
  yield ['a job is reported', await judged(page, await page.locator('main [role=status]').count() === 1 ? [] : ['nobody says thank you'])]
  await owner.goto(own.base + '/admin/reports')
  await owner.click('main a[href^="/admin/reports/"]')
  yield ['a report is read', await judged(owner, await says(owner, 'La dirección ya no es esa.'))]
}

// administer accepts a follow, blocks its server and takes that back.
async function * administer (own, others, page, judged) {
  await others.follow(`@delta@${own.host}`)
  const card = page.locator('main form[action^="/admin/follows/"][method=post] button')
  await waitFor('somebody who asks to follow', async () => { await page.goto(own.base + '/admin'); return await card.count() > 0 || null }).catch(() => {})
  yield ['somebody asks to follow', await judged(page, await card.count() > 0 ? [] : ['no card'])]
  if (await card.count() > 0) {
    await page.locator('main form[action^="/admin/follows/"][method=get] button').first().click()
    yield ['who asks to follow', await judged(page)]
    await page.locator('main form[action^="/admin/follows/"] button').first().click()
    yield ['a follow is accepted', await judged(page)]
  }
  await page.goto(`${own.base}/admin/peers/${others.host}`)
  await page.check('input[name=policy][value=block]')
  await page.fill('#reason', 'Manda publicidad')
  await page.click('main form[method=get] button')
  yield ['what a block cuts', await judged(page, await page.locator('#preview').count() === 1 ? [] : ['nothing is said before'])]
  await page.click('#preview form button')
  yield ['a server is blocked', await judged(page, await page.locator('main form:has(input[value=restore])').count() === 1 ? [] : ['it is not'])]
  await page.click('main form:has(input[value=restore]) button')
  yield ['a server is restored', await judged(page, await page.locator('main form:has(input[value=restore])').count() === 0 ? [] : ['it is not'])]
}

// close fills the job: it leaves the board at once and its page says so.
async function * close (own, owner, page, judged) {
  await owner.goto(own.base + '/jobs/mine')
  await owner.click('main form[action$="/step"] button[value=fill]')
  yield ['a job is filled', await judged(owner)]
  await page.goto(own.base + '/jobs')
  yield ['the board is empty', await judged(page, await page.locator('main h3 a').count() === 0 ? [] : ['the job is still there'])]
  await jobPage(own, page)
  yield ['the page of a filled job', await judged(page, await page.locator('.banner').count() === 1 ? [] : ['no banner'], await page.locator('a[href$="/apply"]').count() === 0 ? [] : ['one can still apply'])]
}
