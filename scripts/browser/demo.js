// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The demonstration as it is started by hand, and the pages that it has.

import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// get asks over loopback under the instance's own name, which only browsers know
// to be here; more are headers.
export function get (base, path, more) {
  const { hostname, port, host } = new URL(base)
  if (!hostname.endsWith('.localhost')) throw new Error(`${hostname} is not here`)
  return new Promise((resolve, reject) => {
    request({ host: 'localhost', port, path, headers: { Host: host, 'Accept-Language': 'es', ...more } }, answer => {
      let body = ''
      answer.setEncoding('utf8')
      answer.on('data', part => { body += part })
      answer.on('end', () => resolve({ status: answer.statusCode, to: answer.headers.location, body }))
    }).on('error', reject).end()
  })
}

// post sends an object in the same way and gives the answer's.
export const post = (base, path, object) => send(base, 'POST', path, object)

// send does so by any method, in the name of whom a token is.
function send (base, method, path, object, token) {
  const { port, host } = new URL(base)
  return new Promise((resolve, reject) => {
    const headers = { Host: host, 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) }
    request({ host: 'localhost', port, path, method, headers }, answer => {
      let body = ''
      answer.setEncoding('utf8')
      answer.on('data', part => { body += part })
      answer.on('end', () => answer.statusCode === 200 ? resolve(JSON.parse(body)) : reject(new Error(`${path}: ${answer.statusCode} ${body}`)))
    }).on('error', reject).end(object === undefined ? undefined : JSON.stringify(object))
  })
}

// links are the addresses on a page that match.
const links = (html, wanted) => [...html.matchAll(/href="([^"]+)"/g)].map(m => m[1].replaceAll('&amp;', '&')).filter(href => wanted.test(href))

// until asks again until it is so; five minutes at most, on a machine that does other things too.
async function until (what, ask) {
  for (let n = 0; n < 1500; n++) {
    const found = await ask()
    if (found) return found
    await new Promise(resolve => setTimeout(resolve, 200))
  }
  throw new Error(`waited in vain for ${what}`)
}

// startDemo starts the program and waits until its instances know of each other's
// jobs.
export async function startDemo (program) {
  const folder = mkdtempSync(join(tmpdir(), 'minga-browser-demo-'))
  const child = spawn(program, ['demo', '--json', '--data-dir', folder], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let said = ''
  let code = null
  child.stdout.on('data', part => { out += part })
  child.stderr.on('data', part => { said += part })
  const ended = new Promise(resolve => child.on('exit', status => { code = status; resolve() }))
  try {
    await until('the demonstration', () => {
      if (code !== null) throw new Error(`the demonstration ended with ${code}: ${said}`)
      return out.includes('\n')
    })
    const [instance, other] = JSON.parse(out)
    const base = instance.url.replace(/\/$/, '')
    await until('jobs of other instances', async () => links((await get(base, '/jobs')).body, /^\/jobs\/\d+$/)[0])
    return {
      base, instance, other, elsewhere: { host: new URL(other.url).host, follow: handle => follow(other, handle) }, things: async () => ({ ...await thingsOf(base, instance, other), ...await listed(program, folder, instance, other) }), member: () => memberOf(instance),
      link: (...args) => link(program, folder, instance, args),
      stop: async () => {
        const problems = await stop(child, ended, () => code)
        rmSync(folder, { recursive: true, force: true })
        return problems
      }
    }
  } catch (error) {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

// listed are a list of servers with something in each state, and whom the federation
// follows elsewhere.
async function listed (program, folder, instance, other) {
  const file = join(folder, 'servers.csv')
  writeFileSync(file, `#domain,#severity,#public_comment\nspam.example,suspend,advertising\nloud.example,silence,\nno host at all,suspend,\n${new URL(other.url).host},suspend,\n`)
  const { token } = instance.accounts.find(account => account.kind === 'federation')
  const found = await send(instance.url.replace(/\/$/, ''), 'GET', `/api/v2/search?type=accounts&q=${encodeURIComponent(other.federation)}`, undefined, token)
  const memberships = await send(instance.url.replace(/\/$/, ''), 'GET', '/api/v1/minga/memberships', undefined, token)
  return { ...await asked(instance), membership: memberships[0].id, list: (await command(program, folder, instance, ['peer', 'import', file])).id, brings: found.accounts[0].id }
}

// asked are a request of a co-op here with an offer that waits, one of another server, and
// the room of a team.
async function asked (instance) {
  const { token, handle } = instance.accounts.find(account => account.handle.startsWith('telar@'))
  const ask = path => send(instance.url.replace(/\/$/, ''), 'GET', '/api/v1/minga/' + path, undefined, token)
  const requests = await ask('requests')
  const offers = await ask('offers')
  const own = offers.find(offer => offer.state === 'sent')
  return { request: own.request.id, offer: own.id, need: requests.find(r => !r.account.acct.startsWith(handle.split('@')[0])).id, room: (await ask('teams'))[0].id }
}

// link is an address that an admin makes, such as account reset NAME.
async function link (program, folder, instance, args) {
  return (await command(program, folder, instance, args)).link
}

// command is what a command line beside the running instance prints.
function command (program, folder, instance, args) {
  const [, federation, host] = instance.federation.split('@')
  const env = {
    ...process.env, MINGA_HOST: host, MINGA_SCHEME: 'http', MINGA_DEV: '1', MINGA_FEDERATION_HANDLE: federation,
    MINGA_DATA_DIR: join(folder, host.split('.')[0])
  }
  return new Promise((resolve, reject) => execFile(program, [...args, '--json'], { env }, (error, out) => error ? reject(error) : resolve(JSON.parse(out))))
}

// memberOf is somebody of the first instance who can sign in.
function memberOf (instance) {
  const account = instance.accounts.find(a => a.kind === 'person' && a.password)
  if (!account) throw new Error('the demonstration has nobody who can sign in')
  return { name: account.handle.replace(/^@/, '').split('@')[0], password: account.password }
}

// stop ends the program as Ctrl-C does.
async function stop (child, ended, code) {
  child.kill('SIGINT')
  const patience = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(patience)
  return code() === 0 ? [] : [`exit code ${code()}`]
}

// follow lets the federation of an instance ask to follow somebody elsewhere.
async function follow (instance, handle) {
  const base = instance.url.replace(/\/$/, '')
  const { token } = instance.accounts.find(account => account.kind === 'federation')
  const found = await send(base, 'GET', `/api/v2/search?resolve=true&type=accounts&q=${encodeURIComponent(handle)}`, undefined, token)
  if (!found.accounts[0]) throw new Error(`nobody finds ${handle}`)
  return send(base, 'POST', `/api/v1/accounts/${found.accounts[0].id}/follow`, {}, token)
}

// thingsOf finds what the table of pages is about: a name and an address each.
async function thingsOf (base, instance, other) {
  const board = (await get(base, '/jobs')).body
  const library = (await get(base, '/library')).body
  const person = `/@${memberOf(instance).name}`
  const profile = (await get(base, person)).body
  const things = {
    own: links(board, /^\/coops\/[^/]+\/jobs\//)[0],
    copy: links(board, /^\/jobs\/\d+$/)[0],
    account: links(board, /^\/@[^@]+$/)[0],
    far: links(board, /^\/@[^@]+@/)[0],
    article: links(library, /^\/coops\/telar\/articles\//)[0],
    farArticle: links(library, /^\/library\/\d+$/)[0],
    person,
    federation: `/@${instance.federation.split('@')[1]}`,
    poll: links(profile, /^\/people\/[^/]+\/notes\//)[0],
    edited: links(profile, /^\/people\/[^/]+\/notes\//).at(-1),
    decision: await decisionOf(base),
    warned: links((await get(base, '/tags/operations')).body, /^\/@[^/]+@[^/]+\/\d+$/)[0]
  }
  for (const [name, path] of Object.entries(things)) if (!path) throw new Error(`the demonstration has no ${name}`)
  for (const [name, has] of [['poll', '<meter'], ['edited', 'class="history"'], ['warned', '<summary']]) {
    if (!(await get(base, things[name])).body.includes(has)) throw new Error(`the demonstration has no ${name} post`)
  }
  const print = links((await get(base, things.own)).body, /^\/jobs\/\d+\/print$/)[0]
  return { ...things, ...(await shelved(base, instance, things.article)), ownID: print?.split('/')[2], job: base + things.own, 'co-op': base + things.own.split('/jobs/')[0], peer: new URL(other.url).host, member: memberOf(instance).name }
}

// decisionOf is a decision of the first instance that takes ballots.
async function decisionOf (base) {
  const list = JSON.parse((await get(base, '/api/v1/minga/decisions?running=true')).body)
  return list.find(one => one.uri.startsWith(base + '/'))?.id
}

// shelved gives an article a second version and a series, which the demonstration has not.
async function shelved (base, instance, article) {
  const articleID = links((await get(base, article)).body, /^\/library\/\d+\/edit$/)[0]?.split('/')[2]
  const { token } = instance.accounts.find(account => account.uri.endsWith(article.split('/articles/')[0]))
  const series = await send(base, 'POST', '/api/v1/minga/series', { title: 'Cómo trabajamos' }, token)
  await send(base, 'PUT', `/api/v1/minga/articles/${articleID}`, { version: 1, markdown: 'Antes.\n\n# Hoy\n\nLo contamos con más detalle.', reason: 'más detalle', series: series.id }, token)
  return { articleID, seriesID: series.id, topic: links((await get(base, '/library')).body, /^\/library\/topics\//)[0] }
}
