// SPDX-License-Identifier: AGPL-3.0-or-later

// Package web is the doors: other servers, apps, browsers, administrators.
//
// Each face mounts a table of routes; this package is the one gate before them:
// the client's address, the host, the size of the body, the rate, the token and
// its scope, then the handler, then the headers. A route that does not say its
// limit, scope, CSRF class and visibility class cannot be mounted.
package web
