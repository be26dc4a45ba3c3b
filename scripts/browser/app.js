// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A client that lives in a browser, on an origin of its own, as web clients do: it
// registers itself, signs in through a popup with PKCE, and uses what it may. Each
// step that asks for more than a plain GET makes the browser ask for permission first.

import { createServer } from 'node:http'

// script is what the client runs. It shows what it learned in the page.
const script = `
const base = new URLSearchParams(location.search).get('server')
const here = location.origin
const say = (name, value) => {
  const line = document.createElement('p')
  line.id = name
  line.textContent = value
  document.body.append(line)
}
const text = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
const ask = async (method, path, body, headers = {}) => {
  const answer = await fetch(base + path, { method, body: body instanceof FormData || body === undefined ? body : JSON.stringify(body), headers: { ...(body === undefined || body instanceof FormData ? {} : { 'Content-Type': 'application/json' }), ...headers } })
  return { status: answer.status, link: answer.headers.get('Link'), limit: answer.headers.get('X-RateLimit-Remaining'), json: await answer.json() }
}
const code = popup => new Promise(resolve => addEventListener('message', event => {
  if (event.origin === here) { popup.close(); resolve(event.data) }
}))
async function live () {
  const metadata = await ask('GET', '/.well-known/oauth-authorization-server')
  const instance = await ask('GET', '/api/v2/instance')
  const app = await ask('POST', '/api/v1/apps', { client_name: 'The test’s own', redirect_uris: here + '/back', scopes: 'read write follow push', website: here })
  const verifier = text(crypto.getRandomValues(new Uint8Array(48)))
  const challenge = text(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)))
  const state = text(crypto.getRandomValues(new Uint8Array(12)))
  const address = metadata.json.authorization_endpoint + '?' + new URLSearchParams({ response_type: 'code', client_id: app.json.client_id, redirect_uri: here + '/back', scope: 'read write follow push', state, code_challenge: challenge, code_challenge_method: 'S256' })
  const back = await code(window.open(address, 'signin', 'width=600,height=700'))
  if (back.state !== state) throw new Error('another state came back')
  const token = await ask('POST', '/oauth/token', { grant_type: 'authorization_code', client_id: app.json.client_id, client_secret: app.json.client_secret, redirect_uri: here + '/back', code: back.code, code_verifier: verifier })
  const key = { Authorization: 'Bearer ' + token.json.access_token }
  const me = await ask('GET', '/api/v1/accounts/verify_credentials', undefined, key)
  const picture = document.createElement('canvas')
  picture.width = picture.height = 20
  picture.getContext('2d').fillRect(2, 2, 9, 9)
  const form = new FormData()
  form.append('file', await new Promise(resolve => picture.toBlob(resolve, 'image/png')), 'square.png')
  form.append('description', 'a square')
  const media = await ask('POST', '/api/v2/media', form, key)
  const post = await ask('POST', '/api/v1/statuses', { status: 'From a web client', media_ids: [media.json.id] }, { ...key, 'Idempotency-Key': state })
  const edited = await ask('PUT', '/api/v1/statuses/' + post.json.id, { status: 'From a web client, edited', media_ids: [media.json.id] }, key)
  const home = await ask('GET', '/api/v1/timelines/home?limit=1', undefined, key)
  const jobs = await ask('GET', '/api/v1/timelines/tag/coopjobs', undefined, key)
  const thread = await ask('GET', '/api/v1/statuses/' + jobs.json[0].id + '/context', undefined, key)
  const shown = document.createElement('img')
  shown.alt = 'the square'
  shown.src = media.json.preview_url
  document.body.append(shown)
  await shown.decode()
  const gone = await ask('DELETE', '/api/v1/statuses/' + post.json.id, undefined, key)
  const bye = await ask('POST', '/oauth/revoke', { client_id: app.json.client_id, client_secret: app.json.client_secret, token: token.json.access_token })
  say('done', JSON.stringify({
    pkce: metadata.json.code_challenge_methods_supported, title: instance.json.title, me: me.json.acct, limit: home.limit, link: home.link, edited: edited.json.content,
    home: home.json.length, job: jobs.json[0].minga?.kind, card: jobs.json[0].card?.type, thread: thread.status, width: shown.naturalWidth, gone: gone.json.text, bye: bye.status
  }))
}
document.getElementById('signin').addEventListener('click', () => live().catch(error => say('failed', String(error.stack ?? error))))
`

const head = '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,"><title>A client</title></head><body>'
const answers = {
  '/': head + `<h1>A client</h1><button id="signin">Sign in</button><script>${script}</script></body></html>`,
  '/back': head + '<p>Back.</p><script>const q = new URLSearchParams(location.search); opener.postMessage({ code: q.get("code"), state: q.get("state"), error: q.get("error") }, location.origin)</script></body></html>'
}

// startApp serves the client on an origin of its own.
export async function startApp () {
  const server = createServer((ask, answer) => {
    const page = answers[new URL(ask.url, 'http://app.localhost').pathname]
    answer.writeHead(page ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8' })
    answer.end(page ?? 'nothing here')
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  return { origin: `http://app.localhost:${server.address().port}`, stop: () => server.close() }
}

// judgeSignIn lives with the client in a browser and gives what went wrong.
export async function judgeSignIn (context, base, account) {
  const app = await startApp()
  const problems = []
  const listen = page => {
    page.on('console', m => { if (m.type() === 'error') problems.push(`console of ${new URL(page.url()).pathname}: ${m.text()}`) })
    page.on('pageerror', e => problems.push(`error: ${e.message}`))
  }
  context.on('page', listen)
  try {
    const page = await context.newPage()
    await page.goto(`${app.origin}/?server=${encodeURIComponent(base)}`)
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.click('#signin')])
    await popup.fill('input[autocomplete=username]', account.name)
    await popup.fill('input[type=password]', account.password)
    await popup.locator('form:has(input[type=password]) button').click()
    await popup.click('#allow')
    const end = page.locator('#done, #failed')
    await end.waitFor({ timeout: 20_000 })
    if (await end.getAttribute('id') === 'failed') problems.push(await end.textContent())
    else problems.push(...judgeFindings(JSON.parse(await end.textContent()), account))
  } catch (error) {
    problems.push(error.message)
  } finally {
    app.stop()
  }
  return problems
}

// judgeFindings is what the client must have learned.
function judgeFindings (found, account) {
  const wanted = {
    pkce: ['S256'].join() === found.pkce?.join(), title: found.title?.length > 0, me: found.me === account.name, link: /rel="next"/.test(found.link ?? ''),
    edited: /edited/.test(found.edited ?? ''), home: found.home === 1, job: found.job === 'job', card: found.card === 'link', thread: found.thread === 200,
    width: found.width > 0, gone: /edited/.test(found.gone ?? ''), bye: found.bye === 200
  }
  return Object.entries(wanted).filter(([, good]) => !good).map(([name]) => `${name} is ${JSON.stringify(found[name])}`)
}
