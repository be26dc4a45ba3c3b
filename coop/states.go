// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "fmt"

// Every state machine is a table: a step leads from some states to one. A step
// whose end is already there changes nothing and is no error, so that a request
// sent twice is answered twice alike.

// arrow is one step: from any of these states to that one.
type arrow[S ~string] struct {
	from []S
	to   S // empty: the state stays
}

// step walks an arrow; thing and action are for the error, an [ErrState].
func (a arrow[S]) step(thing string, state S, action string) (S, error) {
	switch {
	case a.to != "" && state == a.to:
		return state, nil
	case !in(a.from, state):
		return state, fmt.Errorf("%s a %s that is %s: %w", action, thing, state, ErrState)
	case a.to == "":
		return state, nil
	}
	return a.to, nil
}

// JobAction is something that a co-op, or the clock, does to a job.
type JobAction string

// What may be done to a job. Extend and Confirm leave the state as it is;
// Repost too, since it makes a new job.
const (
	JobPublish  JobAction = "publish"
	JobSubmit   JobAction = "submit" // to the second pair of eyes
	JobApprove  JobAction = "approve"
	JobPause    JobAction = "pause"
	JobResume   JobAction = "resume"
	JobFill     JobAction = "fill"
	JobWithdraw JobAction = "withdraw"
	JobClose    JobAction = "close"
	JobExpire   JobAction = "expire"
	JobExtend   JobAction = "extend"
	JobConfirm  JobAction = "confirm" // still open
	JobRepost   JobAction = "repost"
)

// Step is where a job is after an action; [ErrState] when the action is not
// possible, the state itself when it is there already.
func (s JobStatus) Step(action JobAction) (JobStatus, error) {
	a, ok := jobArrow(action)
	if !ok {
		return s, fmt.Errorf("%q is nothing that is done to a job: %w", action, ErrState)
	}
	return a.step("job", s, string(action))
}

// jobArrow is the table of jobs.
func jobArrow(action JobAction) (arrow[JobStatus], bool) {
	live := []JobStatus{JobOpen, JobPaused}
	ended := []JobStatus{JobFilled, JobWithdrawn, JobClosed, JobExpired}
	a, ok := map[JobAction]arrow[JobStatus]{
		JobPublish:  {[]JobStatus{JobDraft}, JobOpen},
		JobSubmit:   {[]JobStatus{JobDraft}, JobReview},
		JobApprove:  {[]JobStatus{JobReview}, JobOpen},
		JobPause:    {[]JobStatus{JobOpen}, JobPaused},
		JobResume:   {[]JobStatus{JobPaused}, JobOpen},
		JobFill:     {live, JobFilled},
		JobWithdraw: {live, JobWithdrawn},
		JobClose:    {live, JobClosed},
		JobExpire:   {live, JobExpired},
		JobExtend:   {live, ""},
		JobConfirm:  {live, ""},
		JobRepost:   {ended, ""},
	}[action]
	return a, ok
}

// MayBecome tells whether an Update may change a job of another server from one
// state to another: along the arrows, or not at all. A job that has ended stays
// ended.
func MayBecome(from, to JobStatus) bool {
	if !in(JobStatuses(), to) {
		return false
	}
	switch from {
	case to, JobOpen, JobPaused:
		return true
	case JobDraft, JobReview:
		return to == JobOpen
	}
	return false
}

// ArticleAction is something that is done to a knowledge post.
type ArticleAction string

// What may be done to a knowledge post. Revise leaves the state as it is.
const (
	ArticlePublish   ArticleAction = "publish"
	ArticleRevise    ArticleAction = "revise"
	ArticleSupersede ArticleAction = "supersede"
	ArticleArchive   ArticleAction = "archive"
	ArticleWithdraw  ArticleAction = "withdraw"
)

// Step is where a knowledge post is after an action; [ErrState] when the action
// is not possible.
func (s ArticleStatus) Step(action ArticleAction) (ArticleStatus, error) {
	public := []ArticleStatus{ArticlePublished}
	a, ok := map[ArticleAction]arrow[ArticleStatus]{
		ArticlePublish:   {[]ArticleStatus{ArticleDraft}, ArticlePublished},
		ArticleRevise:    {public, ""},
		ArticleSupersede: {public, ArticleSuperseded},
		ArticleArchive:   {public, ArticleArchived},
		ArticleWithdraw:  {public, ArticleWithdrawn},
	}[action]
	if !ok {
		return s, fmt.Errorf("%q is nothing that is done to an article: %w", action, ErrState)
	}
	return a.step("article", s, string(action))
}

// MembershipAction is something that one side does to a membership.
type MembershipAction string

// What may be done to a membership: Leave by the member, the rest by the
// federation; Accept and Refuse by the member where it was invited. Remove also takes an
// invitation back, Leave a petition.
const (
	MembershipAsk     MembershipAction = "ask"
	MembershipDecide  MembershipAction = "decide" // lay it before the members
	MembershipInvite  MembershipAction = "invite"
	MembershipAccept  MembershipAction = "accept"
	MembershipRefuse  MembershipAction = "refuse"
	MembershipSuspend MembershipAction = "suspend"
	MembershipResume  MembershipAction = "resume"
	MembershipLeave   MembershipAction = "leave"
	MembershipRemove  MembershipAction = "remove"
)

// Step is where a membership is after an action; [ErrState] when the action is
// not possible.
func (s MembershipState) Step(action MembershipAction) (MembershipState, error) {
	outside := []MembershipState{"", MembershipRefused, MembershipLeft, MembershipRemoved}
	waiting := []MembershipState{MembershipAsked, MembershipInDecision, MembershipInvited}
	asked := []MembershipState{MembershipAsked, MembershipInDecision, MembershipMember, MembershipSuspended}
	a, ok := map[MembershipAction]arrow[MembershipState]{
		MembershipAsk:     {outside, MembershipAsked},
		MembershipDecide:  {[]MembershipState{MembershipAsked}, MembershipInDecision},
		MembershipInvite:  {outside, MembershipInvited},
		MembershipAccept:  {waiting, MembershipMember},
		MembershipRefuse:  {waiting, MembershipRefused},
		MembershipSuspend: {[]MembershipState{MembershipMember}, MembershipSuspended},
		MembershipResume:  {[]MembershipState{MembershipSuspended}, MembershipMember},
		MembershipLeave:   {asked, MembershipLeft},
		MembershipRemove:  {[]MembershipState{MembershipInvited, MembershipMember, MembershipSuspended}, MembershipRemoved},
	}[action]
	if !ok {
		return s, fmt.Errorf("%q is nothing that is done to a membership: %w", action, ErrState)
	}
	return a.step("membership", s, string(action))
}
