// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Walks through a page by the Tab key alone.

// mark numbers what can be reached by keyboard, in the order in which it stands in the
// page; of a group of radio buttons the first or the chosen one. It gives how many.
const mark = () => {
  const wanted = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"], audio[controls], video[controls]'
  const groups = new Set()
  let n = 0
  for (const e of document.querySelectorAll(wanted)) {
    if (e.disabled || e.tabIndex < 0 || e.closest('[inert]') || !e.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) continue
    if (e.type === 'radio') {
      const name = `${e.form?.action} ${e.name}`
      if (groups.has(name)) continue
      groups.add(name)
      const chosen = e.form?.querySelector(`input[type=radio][name="${e.name}"]:checked`)
      if (chosen && chosen !== e) { chosen.dataset.step = String(n++); continue }
    }
    e.dataset.step = String(n++)
  }
  return n
}

// here is what has the focus now: its number, what it is, whether the focus shows and
// whether something covers it.
const here = () => {
  const e = document.activeElement
  if (!e || e === document.body) return null
  const box = e.getBoundingClientRect()
  const look = getComputedStyle(e)
  const drawn = e instanceof SVGElement ? getComputedStyle(e.querySelector('circle')) : null // a ring around what is drawn
  const ring = look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 1 || drawn !== null && drawn.stroke !== 'none' && parseFloat(drawn.strokeWidth) >= 3
  const line = e.getClientRects()[0] ?? box // of a link that goes on in the next line, the middle is beside it
  const x = Math.min(Math.max(line.left + line.width / 2, 1), innerWidth - 2)
  const y = Math.min(Math.max(line.top + Math.min(line.height / 2, 20), 1), innerHeight - 2)
  const top = document.elementFromPoint(x, y)
  const covered = box.height > 0 && top && top !== e && !e.contains(top) && !top.contains(e) && !top.closest('label')?.contains(e)
  return { step: e.dataset.step ?? null, what: e.outerHTML.slice(0, 90), ring, covered: Boolean(covered), small: box.width < 1 || box.height < 1 }
}

// walkByKeyboard says what cannot be reached, is reached in another order than it stands
// in the page, or does not show that it has the focus.
export async function walkByKeyboard (page) {
  const problems = []
  await page.evaluate(() => { // whatever has the focus already, the walk begins at the top
    const root = document.documentElement
    root.tabIndex = -1
    root.focus()
    root.removeAttribute('tabindex')
    scrollTo(0, 0)
  })
  const many = await page.evaluate(mark)
  const reached = new Set()
  let last = -1
  for (let n = 0; n < 2 * many + 3; n++) { // a date has several stops
    await page.keyboard.press('Tab')
    const at = await page.evaluate(here)
    if (!at) break
    if (at.step === null) { problems.push(`the focus is at ${at.what}, which is no control`); continue }
    const step = Number(at.step)
    if (step === last) continue
    if (reached.has(step)) break
    if (step < last) problems.push(`${at.what} comes after what stands behind it`)
    reached.add(step)
    last = step
    if (!at.ring && !at.small) problems.push(`the focus does not show at ${at.what}`)
    if (at.covered) problems.push(`something covers ${at.what}`)
  }
  if (reached.size < many) {
    const missed = await page.evaluate(steps => [...document.querySelectorAll('[data-step]')].filter(e => !steps.includes(e.dataset.step)).slice(0, 3).map(e => e.outerHTML.slice(0, 90)), [...reached].map(String))
    problems.push(`${many - reached.size} of ${many} cannot be reached by keyboard: ${missed.join(' | ')}`)
  }
  return problems.slice(0, 5)
}
