// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Passkeys (WebAuthn). A form that says data-passkey="get" or "create" is hidden
// until this script has seen that the browser has keys; nothing else needs it. The
// challenge is asked for by data-begin; the answer goes with the form itself.

const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0))
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')

// read turns the texts of a challenge into bytes, where the browser wants bytes.
function read (options) {
  const keys = list => (list ?? []).map(key => ({ ...key, id: bytes(key.id) }))
  const all = { ...options, challenge: bytes(options.challenge) }
  if (options.user) all.user = { ...options.user, id: bytes(options.user.id) }
  if (options.allowCredentials) all.allowCredentials = keys(options.allowCredentials)
  if (options.excludeCredentials) all.excludeCredentials = keys(options.excludeCredentials)
  return all
}

// write is the answer of a key as the server reads it (WebAuthn §5.1).
function write (key) {
  const response = {}
  for (const part of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (key.response[part]) response[part] = text(key.response[part])
  }
  if (key.response.getTransports) response.transports = key.response.getTransports()
  return JSON.stringify({
    id: key.id, rawId: text(key.rawId), type: key.type, response,
    authenticatorAttachment: key.authenticatorAttachment ?? undefined, clientExtensionResults: key.getClientExtensionResults()
  })
}

// prove asks for a challenge, then for a key, and sends the form.
async function prove (form) {
  const asked = await fetch(form.dataset.begin, {
    method: 'POST', body: new URLSearchParams({ form_token: form.elements.form_token.value }), headers: { Accept: 'application/json' }
  })
  if (asked.status === 403 || asked.status === 401) return location.reload()
  if (!asked.ok) throw new Error('no challenge')
  const { ceremony, publicKey } = await asked.json()
  const key = await navigator.credentials[form.dataset.passkey]({ publicKey: read(publicKey) })
  form.elements.ceremony.value = ceremony
  form.elements.credential.value = write(key)
  form.submit()
}

if (window.PublicKeyCredential && navigator.credentials) {
  for (const form of document.querySelectorAll('form[data-passkey]')) {
    const failed = form.querySelector('[data-failed]')
    form.hidden = false
    form.addEventListener('submit', event => {
      event.preventDefault()
      failed.hidden = true
      prove(form).catch(() => { failed.hidden = false })
    })
  }
}
