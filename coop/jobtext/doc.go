// SPDX-License-Identifier: AGPL-3.0-or-later

// Package jobtext reads a job out of the text of a post, and writes one: so that a
// job can be posted, edited and closed from a program that knows nothing of jobs.
//
//	Job: Backend developer
//	Where: remote (AR, UY)
//	Hours: 20-30
//	Pay: 1900000-2300000 ARS a month
//	Apply by: 20 December 2026
//
//	You look after the services behind three booking sites, with two colleagues.
//
//	#python
//
// Words of all five languages count, in any mixture, without regard to case and
// accents. It owns the grammar and the words; what makes a job publishable is said by
// [coop.Job.Validate] alone. It never fails and never panics: what cannot be read is
// a [Problem] of a line.
package jobtext
