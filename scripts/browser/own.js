// SPDX-License-Identifier: AGPL-3.0-or-later
//
// An instance of its own that begins with an empty folder, and a mail server that keeps
// what it is given.

import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// freePort is a port that nobody listens on now.
export const freePort = () => new Promise((resolve, reject) => {
  const server = createServer()
  server.on('error', reject)
  server.listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => resolve(port)) })
})

// mailServer takes every mail and keeps it as text.
async function mailServer () {
  const mails = []
  const server = createServer(socket => {
    let rest = ''
    let body = null
    socket.on('error', () => {})
    socket.write('220 localhost ESMTP\r\n')
    socket.on('data', part => {
      rest += part.toString('utf8')
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end)
        rest = rest.slice(end + 2)
        if (body !== null) {
          if (line !== '.') { body += line.replace(/^\.\./, '.') + '\r\n'; continue }
          mails.push(plain(body))
          body = null
          socket.write('250 kept\r\n')
        } else if (/^(EHLO|HELO)/i.test(line)) socket.write('250-localhost\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n')
        else if (/^DATA/i.test(line)) { body = ''; socket.write('354 go on\r\n') } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n')
        else socket.write('250 ok\r\n')
      }
    })
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  return { port: server.address().port, mails, stop: () => new Promise(resolve => server.close(resolve)) }
}

// plain undoes the encodings of a mail's parts, so that links can be read.
function plain (mail) {
  const words = mail.replaceAll('=\r\n', '').replace(/((=[0-9A-F]{2})+)/g, hex => Buffer.from(hex.replaceAll('=', ''), 'hex').toString('utf8'))
  const coded = [...mail.matchAll(/base64\r\n(?:[A-Za-z-]+:.*\r\n)*\r\n([A-Za-z0-9+/=\r\n]+)/g)].map(m => Buffer.from(m[1].replaceAll(/\s/g, ''), 'base64').toString('utf8'))
  return [words, ...coded].join('\n')
}

// waitFor asks again until it is so; twenty seconds at most.
export async function waitFor (what, ask) {
  for (let n = 0; n < 200; n++) {
    const found = await ask()
    if (found) return found
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error(`waited in vain for ${what}`)
}

// startOwn makes an instance that nobody owns yet and gives its one-time address.
export async function startOwn (program, name) {
  const [port, post] = [await freePort(), await mailServer()]
  const folder = mkdtempSync(join(tmpdir(), 'minga-browser-own-'))
  const host = `${name}.localhost:${port}`
  const env = {
    ...process.env, MINGA_HOST: host, MINGA_LISTEN: `localhost:${port}`, MINGA_SCHEME: 'http', MINGA_DEV: '1', MINGA_DATA_DIR: folder, MINGA_RATE_LIMIT: 'off',
    MINGA_SMTP_HOST: '127.0.0.1', MINGA_SMTP_PORT: String(post.port), MINGA_SMTP_TLS: 'none', MINGA_SMTP_FROM: `minga@${name}.example`
  }
  const run = (...args) => new Promise((resolve, reject) =>
    execFile(program, [...args, '--json'], { env }, (error, out, said) => error ? reject(new Error(`${args.join(' ')}: ${said}`)) : resolve(JSON.parse(out))))
  const { link } = await run('init', '--link')
  const child = spawn(program, ['serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stdout.on('data', part => { said += part })
  child.stderr.on('data', part => { said += part })
  const ended = new Promise(resolve => child.on('exit', resolve))
  const up = () => new Promise(resolve => request({ host: 'localhost', port, path: '/healthz', headers: { Host: host } }, answer => { answer.resume(); resolve(answer.statusCode === 200) }).on('error', () => resolve(false)).end())
  await waitFor('the instance', () => { if (child.exitCode !== null) throw new Error(said); return up() })
  return {
    base: `http://${host}`, host, link, run, mails: post.mails,
    stop: async () => {
      child.kill('SIGINT')
      const patience = setTimeout(() => child.kill('SIGKILL'), 10_000)
      const code = await ended
      clearTimeout(patience)
      await post.stop()
      rmSync(folder, { recursive: true, force: true })
      return code === 0 ? [] : [`exit code ${code}: ${said.slice(-500)}`]
    }
  }
}
