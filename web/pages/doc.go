// SPDX-License-Identifier: AGPL-3.0-or-later

// Package pages is the face towards people: the job board, jobs, articles,
// profiles and their feeds, in five languages, without a script.
//
// A handler reads through the store as anybody would, fills a typed view and hands
// it to a template. Links and forms do everything. Nothing is fetched from another
// server, nothing is written (a language cookie and the wish to ask a job's origin
// again apart), and nothing that only some may see is ever read here.
package pages
