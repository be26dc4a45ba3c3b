// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Signs a person in as a browser does, without scripts: the form of the sign-in page,
// the form of the consent page, and the redirect that brings the code.
import { createHash, randomBytes } from "node:crypto";
import { parse } from "node-html-parser";

/** A browser without scripts: it keeps cookies and follows redirects that stay on the server. */
export class Browser {
  constructor(base) {
    this.base = base;
    this.cookies = new Map();
  }

  /** One request; answers {status, url, body, location}. A redirect elsewhere is not followed but told. */
  async ask(url, form) {
    for (let hops = 0; hops < 10; hops++) {
      const answer = await fetch(url, {
        method: form ? "POST" : "GET",
        redirect: "manual",
        headers: {
          Cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
          "Accept-Language": "en",
          ...(form ? { "Content-Type": "application/x-www-form-urlencoded", Origin: this.base, "Sec-Fetch-Site": "same-origin" } : {}),
        },
        body: form,
      });
      for (const line of answer.headers.getSetCookie()) {
        const [pair] = line.split(";");
        const at = pair.indexOf("=");
        this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
      }
      const location = answer.headers.get("location");
      if (answer.status < 300 || answer.status > 399 || !location) {
        return { status: answer.status, url, body: await answer.text() };
      }
      const next = new URL(location, url);
      if (next.origin !== new URL(this.base).origin) return { status: answer.status, url, body: "", location };
      [url, form] = [next.href, undefined];
    }
    throw new Error(`too many redirects to ${url}`);
  }

  /** Fills the page's form in and sends it, by the button with that id if one is named. */
  async submit(page, fields, button) {
    const root = parse(page.body);
    const pressed = button ? root.getElementById(button) : undefined;
    const form = pressed ? pressed.closest("form") : root.querySelectorAll("form").find((f) => f.querySelector("input[type=password]"));
    if (!form) throw new Error(`no such form on ${page.url} (${page.status}): ${page.body.slice(0, 2000)}`);
    const sent = new URLSearchParams();
    for (const input of form.querySelectorAll("input,textarea,select")) {
      const name = input.getAttribute("name");
      const kind = input.getAttribute("type");
      if (!name || kind === "submit" || ((kind === "radio" || kind === "checkbox") && !input.hasAttribute("checked"))) continue;
      sent.append(name, fields[name] ?? input.getAttribute("value") ?? input.textContent ?? "");
    }
    if (pressed?.getAttribute("name")) sent.append(pressed.getAttribute("name"), pressed.getAttribute("value") ?? "");
    const target = pressed?.getAttribute("formaction") ?? form.getAttribute("action") ?? page.url;
    return this.ask(new URL(target.replaceAll("&amp;", "&"), page.url).href, sent.toString());
  }
}

/** Goes through sign-in and consent and gives where the app is sent back to; as is the id of the co-op to act as. */
export async function consent({ base, login, password, address, as }) {
  const browser = new Browser(base);
  const signIn = await browser.ask(address);
  const name = parse(signIn.body).querySelectorAll("input").find((i) => ["username", "email", "text"].includes(i.getAttribute("type") ?? "text") || i.getAttribute("autocomplete") === "username");
  const asked = await browser.submit(signIn, { [name.getAttribute("name")]: login, password });
  const done = await browser.submit(asked, as ? { as } : {}, "allow");
  if (done.location) return done.location;
  const code = parse(done.body).getElementById("code");
  if (!code) throw new Error(`consent ended with ${done.status}: ${done.body.slice(0, 2000)}`);
  return code.textContent.trim();
}

/** A verifier of PKCE and its challenge (RFC 7636 §4). */
export function pkce() {
  const verifier = randomBytes(48).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}
