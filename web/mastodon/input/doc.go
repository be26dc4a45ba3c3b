// SPDX-License-Identifier: AGPL-3.0-or-later

// Package input reads what clients send: query and body together, a body being JSON,
// a form or multipart, with bracketed names as clients of the API write them
// (`poll[options][]`, `fields_attributes[0][name]`, `media_attributes[][id]`). It
// owns the one decoder of requests and never decides what a value means.
package input
