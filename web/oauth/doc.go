// SPDX-License-Identifier: AGPL-3.0-or-later

// Package oauth is the face towards apps that want to act for people: OAuth 2
// (RFC 6749) with codes, PKCE (RFC 7636), revocation (RFC 7009) and metadata
// (RFC 8414), in the form that clients of the Mastodon API know.
//
// An app registers and gets an id and a secret. It sends the person's browser to
// /oauth/authorize with a redirect that it registered. The person signs in, reads
// what the app wants and presses a button; the browser goes back to the app with a
// code, which the app gives to /oauth/token, once and soon, for a token. Nothing is
// kept here but the hashes of secret, code and token. Nobody is ever sent to an
// address that is not registered, byte for byte.
//
// What people see is drawn by the pages; this package knows only what to ask.
package oauth
