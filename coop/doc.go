// SPDX-License-Identifier: AGPL-3.0-or-later

// Package coop holds the words of minga: what an account, a post, a job, an
// article, a follow or a membership is, and the pure rules about them:
// validation, state machines, visibility, who is told.
//
// It never touches a database, a network or a clock: the present time is always
// a parameter, and the same input gives the same answer.
package coop
