// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"context"
	"errors"
	"strings"
)

// mostNamed is how many lines of a file of evidence, or records of the DNS, are read.
const mostNamed = 100

// Named asks a host by https for a small text of its own, and gives its lines; in
// development also without TLS, as [Client.LookUp] does. An answer that came by a redirect
// to elsewhere is not the host's own, and a page or a picture is no such text: they give
// nothing, and no error.
func (c *Client) Named(ctx context.Context, host, path string) ([]string, error) {
	page, err := c.wellKnown(ctx, host, path, "text/plain")
	if err != nil || !page.Inside || !isText(page) {
		return nil, err
	}
	return NamedIn(string(page.Body)), nil
}

// isText takes a file without an ending for a text too, whatever its server calls that.
func isText(p Page) bool {
	return p.Type == "text/plain" || p.Type == "application/octet-stream" || p.Type == ""
}

// NamedIn are the names in a text, one a line; empty lines and what follows a # after a
// space, or at the beginning, are left out.
func NamedIn(text string) []string {
	var names []string
	for line := range strings.Lines(text) {
		if before, _, found := strings.Cut(" "+line, " #"); found {
			line = before
		}
		if line = strings.TrimSpace(line); line != "" && len(names) < mostNamed {
			names = append(names, line)
		}
	}
	return names
}

// Lasting tells whether asking again soon would give the same: the host answered, and has
// no such thing.
func Lasting(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == KindStatus && !e.Temporary()
}
