// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a script makes nicer. Nothing needs it: without it a button, a link or the
// server does the same. Pages ask by attributes:
//
//   input[data-typeahead="/places.json"]      suggestions while typing, from GET
//       /places.json?q=…&lang=… that answers [{"value": …, "label": …}]; with
//       data-typeahead-many the last of several entries parted by commas is completed
//   form[data-preview="/jobs/preview"]        is sent there while it is filled in, with
//       Accept: text/html; fragment=1, and the answer stands in [data-preview-here]
//   button[data-copy="id"] (hidden)           copies the value or text of that element;
//       data-copied is what it says then
//   button[data-share] (hidden)               the browser's own sheet for the address in
//       data-share, or of the page
//   form[data-guard]                          asks before changes are left behind
//   form[data-theme-form]                     light and dark without a new page
//   time[data-local]                          moments in the zone of the reader
//   button[data-opens="id"] (hidden)          opens that <dialog>

const all = (selector, each) => document.querySelectorAll(selector).forEach(each)

// later calls work when nothing has happened for a while.
const later = (wait, work) => {
  let timer
  return () => { clearTimeout(timer); timer = setTimeout(work, wait) }
}

// latest gives each question a signal that ends the one before.
const latest = () => {
  let before
  return () => { before?.abort(); before = new AbortController(); return before.signal }
}

let lists = 0

all('input[data-typeahead]', input => {
  const list = document.createElement('datalist')
  list.id = `suggestions-${++lists}`
  input.after(list)
  input.setAttribute('list', list.id)
  input.autocomplete = 'off'
  const next = latest()
  const many = input.hasAttribute('data-typeahead-many')
  const ask = async () => {
    const at = many ? input.value.lastIndexOf(',') + 1 : 0
    const head = input.value.slice(0, at) + (at ? ' ' : '')
    const q = input.value.slice(at).trim()
    if (q.length < 2) return list.replaceChildren()
    const url = new URL(input.dataset.typeahead, location.origin)
    url.searchParams.set('q', q)
    url.searchParams.set('lang', document.documentElement.lang)
    const answer = await fetch(url, { signal: next(), headers: { Accept: 'application/json' } })
    if (!answer.ok) return
    const found = await answer.json()
    list.replaceChildren(...found.slice(0, 12).map(({ value, label }) => {
      const option = new Option('', head + value)
      if (label && label !== value) option.label = label
      return option
    }))
  }
  input.addEventListener('input', later(150, () => { ask().catch(() => {}) }))
})

all('form[data-preview]', form => {
  const here = document.querySelector('[data-preview-here]')
  if (!here) return
  const next = latest()
  const draw = async () => {
    const fields = new FormData(form)
    for (const [name, value] of [...fields]) if (value instanceof File) fields.delete(name)
    here.setAttribute('aria-busy', 'true')
    const answer = await fetch(form.dataset.preview, {
      method: 'POST', body: new URLSearchParams(fields), signal: next(), headers: { Accept: 'text/html; fragment=1' }
    })
    if (answer.ok || answer.status === 422) {
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      here.replaceChildren(...(page.querySelector('main') ?? page.body).childNodes)
    }
    here.removeAttribute('aria-busy')
  }
  form.addEventListener('input', later(500, () => { draw().catch(() => {}) }))
})

all('button[data-copy]', button => {
  const from = document.getElementById(button.dataset.copy)
  if (!from || !navigator.clipboard) return
  button.hidden = false
  const words = button.textContent
  const told = document.createElement('span')
  told.className = 'hidden'
  told.setAttribute('role', 'status')
  button.after(told)
  const calm = later(2500, () => { button.textContent = words; told.textContent = '' })
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(from.value ?? from.textContent.trim())
    button.textContent = told.textContent = button.dataset.copied ?? words
    calm()
  })
})

all('button[data-share]', button => {
  if (!navigator.share) return
  button.hidden = false
  button.addEventListener('click', () => {
    navigator.share({ title: document.title, url: button.dataset.share || location.href }).catch(() => {})
  })
})

all('form[data-guard]', form => {
  let changed = false
  form.addEventListener('input', () => { changed = true })
  form.addEventListener('submit', () => { changed = false })
  addEventListener('beforeunload', event => { if (changed) event.preventDefault() })
})

all('form[data-theme-form]', form => form.addEventListener('submit', event => {
  const button = event.submitter
  if (!button) return
  event.preventDefault()
  const fields = new URLSearchParams(new FormData(form))
  fields.set('theme', button.value)
  const root = document.documentElement
  const before = root.dataset.theme
  if (button.value === 'auto') delete root.dataset.theme
  else root.dataset.theme = button.value
  form.querySelectorAll('button').forEach(one => one.setAttribute('aria-pressed', String(one === button)))
  fetch(form.action, { method: 'POST', body: fields, redirect: 'manual' }).catch(() => { root.dataset.theme = before ?? '' })
}))

all('time[data-local]', time => {
  const at = new Date(time.dateTime)
  if (isNaN(at)) return
  const style = time.dataset.local === 'day' ? { dateStyle: 'long' } : { dateStyle: 'long', timeStyle: 'short' }
  time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, style).format(at)
})

all('button[data-opens]', button => {
  const dialog = document.getElementById(button.dataset.opens)
  if (!dialog?.showModal) return
  button.hidden = false
  button.addEventListener('click', () => dialog.showModal())
})

// A menu closes by Escape and by a click beside it.
all('details.me', menu => {
  document.addEventListener('click', event => { if (!menu.contains(event.target)) menu.open = false })
  menu.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || !menu.open) return
    menu.open = false
    menu.querySelector('summary').focus()
  })
})
