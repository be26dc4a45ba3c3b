// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"minga/coop"
)

// machine draws a state machine as a table: each row a state, each entry
// action>state; what is not drawn must be refused.
func machine[S ~string, A ~string](t *testing.T, drawn map[S]string, actions []A, step func(S, A) (S, error)) {
	t.Helper()
	for from, arrows := range drawn {
		want := map[string]string{}
		for _, one := range strings.Fields(arrows) {
			action, to, _ := strings.Cut(one, ">")
			want[action] = to
		}
		for _, action := range actions {
			got, err := step(from, action)
			to, possible := want[string(action)]
			switch {
			case possible && (err != nil || string(got) != to):
				t.Errorf("%s, %s: became %s, %v; want %s", from, action, got, err, to)
			case !possible && (!errors.Is(err, coop.ErrState) || got != from):
				t.Errorf("%s, %s: became %s, %v; want a refusal", from, action, got, err)
			}
		}
		if _, err := step(from, "dance"); !errors.Is(err, coop.ErrState) {
			t.Errorf("%s: an unknown action gave %v", from, err)
		}
	}
}

// jobActions are all of them.
func jobActions() []coop.JobAction {
	return []coop.JobAction{
		coop.JobPublish, coop.JobSubmit, coop.JobApprove, coop.JobPause, coop.JobResume, coop.JobFill,
		coop.JobWithdraw, coop.JobClose, coop.JobExpire, coop.JobExtend, coop.JobConfirm, coop.JobRepost,
	}
}

func TestJobStates(t *testing.T) {
	machine(t, map[coop.JobStatus]string{
		"draft":     "publish>open submit>review",
		"review":    "submit>review approve>open",
		"open":      "publish>open approve>open resume>open pause>paused fill>filled withdraw>withdrawn close>closed expire>expired extend>open confirm>open",
		"paused":    "pause>paused resume>open fill>filled withdraw>withdrawn close>closed expire>expired extend>paused confirm>paused",
		"filled":    "fill>filled repost>filled",
		"withdrawn": "withdraw>withdrawn repost>withdrawn",
		"closed":    "close>closed repost>closed",
		"expired":   "expire>expired repost>expired",
	}, jobActions(), coop.JobStatus.Step)
}

func TestArticleStates(t *testing.T) {
	machine(t, map[coop.ArticleStatus]string{
		"draft":      "publish>published",
		"published":  "publish>published revise>published supersede>superseded archive>archived withdraw>withdrawn",
		"superseded": "supersede>superseded",
		"archived":   "archive>archived",
		"withdrawn":  "withdraw>withdrawn",
	}, []coop.ArticleAction{"publish", "revise", "supersede", "archive", "withdraw"}, coop.ArticleStatus.Step)
}

func TestMembershipStates(t *testing.T) {
	machine(t, map[coop.MembershipState]string{
		"asked":       "ask>asked decide>in-decision accept>member refuse>refused leave>left",
		"in-decision": "decide>in-decision accept>member refuse>refused leave>left",
		"invited":     "invite>invited accept>member refuse>refused remove>removed",
		"member":      "accept>member resume>member suspend>suspended leave>left remove>removed",
		"suspended":   "suspend>suspended resume>member leave>left remove>removed",
		"refused":     "ask>asked invite>invited refuse>refused",
		"left":        "ask>asked invite>invited leave>left",
		"removed":     "ask>asked invite>invited remove>removed",
	}, []coop.MembershipAction{"ask", "decide", "invite", "accept", "refuse", "suspend", "resume", "leave", "remove"}, coop.MembershipState.Step)
}

func TestMayBecome(t *testing.T) {
	reach := map[coop.JobStatus]string{
		"draft":     "open",
		"review":    "open",
		"open":      "open paused filled withdrawn closed expired",
		"paused":    "open paused filled withdrawn closed expired",
		"filled":    "filled",
		"withdrawn": "withdrawn",
		"closed":    "closed",
		"expired":   "expired",
		"":          "",
	}
	for from, list := range reach {
		for _, to := range append(coop.JobStatuses(), coop.JobDraft, coop.JobReview, "", "gone") {
			want := to != "" && strings.Contains(" "+list+" ", " "+string(to)+" ")
			if got := coop.MayBecome(from, to); got != want {
				t.Errorf("%q to %q: %v, want %v", from, to, got, want)
			}
		}
	}
}

func TestWhatStepReachesTheWireMayFollow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.SampledFrom(append(coop.JobStatuses(), coop.JobDraft, coop.JobReview)).Draw(t, "from")
		action := rapid.SampledFrom(jobActions()).Draw(t, "action")
		to, err := from.Step(action)
		if err != nil {
			return
		}
		if to.OnWire() && !coop.MayBecome(from, to) {
			t.Fatalf("%s, %s: other servers would refuse %s", from, action, to)
		}
		if again, err := to.Step(action); err != nil || again != to {
			t.Fatalf("%s twice: %s, %v", action, again, err)
		}
	})
}

func TestJobExpiredAndApplicable(t *testing.T) {
	end := goodJob().ValidThrough
	for _, tt := range []struct {
		name                string
		status              coop.JobStatus
		now                 time.Time
		expired, applicable bool
	}{
		{"open before its end", coop.JobOpen, end.Add(-time.Second), false, true},
		{"open at its end", coop.JobOpen, end, true, false},
		{"paused before its end", coop.JobPaused, noon, false, false},
		{"paused after its end", coop.JobPaused, end.Add(time.Hour), true, false},
		{"filled stays filled after its end", coop.JobFilled, end.Add(time.Hour), false, false},
		{"expired says so before its end", coop.JobExpired, noon, true, false},
		{"a draft does not expire", coop.JobDraft, end.Add(time.Hour), false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			job := goodJob()
			job.Status = tt.status
			if job.Expired(tt.now) != tt.expired || job.Applicable(tt.now) != tt.applicable {
				t.Errorf("expired %v, applicable %v", job.Expired(tt.now), job.Applicable(tt.now))
			}
		})
	}
}

func TestJobDo(t *testing.T) {
	job := goodJob()
	if err := job.Do(coop.JobFill, noon); err != nil || job.Status != coop.JobFilled || !job.Closed.Equal(noon) {
		t.Fatalf("%+v, %v", job.Status, err)
	}
	if err := job.Do(coop.JobFill, noon.Add(time.Hour)); err != nil || !job.Closed.Equal(noon) {
		t.Errorf("filled twice it closed at %s, %v", job.Closed, err)
	}
	if err := job.Do(coop.JobResume, noon); !errors.Is(err, coop.ErrState) || job.Status != coop.JobFilled {
		t.Errorf("resumed after its end: %s, %v", job.Status, err)
	}
	late := goodJob()
	late.Status = coop.JobPaused
	if err := late.Do(coop.JobResume, late.ValidThrough); !errors.Is(err, coop.ErrState) || late.Status != coop.JobPaused {
		t.Errorf("resumed when its time was over: %s, %v", late.Status, err)
	}
	if err := late.Do(coop.JobExpire, late.ValidThrough); err != nil || late.Status != coop.JobExpired {
		t.Errorf("expired: %s, %v", late.Status, err)
	}
}

func TestJobExtend(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status coop.JobStatus
		until  time.Time
		want   string // field and code, or state
	}{
		{"a month more", coop.JobOpen, noon.AddDate(0, 2, 0), ""},
		{"the same end again", coop.JobOpen, goodJob().ValidThrough, ""},
		{"a paused job too", coop.JobPaused, noon.AddDate(0, 2, 0), ""},
		{"beyond day 90", coop.JobOpen, noon.AddDate(0, 3, 5), "closes_at too_late"},
		{"not backwards", coop.JobOpen, noon.AddDate(0, 0, 1), "closes_at order"},
		{"not a filled one", coop.JobFilled, noon.AddDate(0, 2, 0), "state"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			job := goodJob()
			job.Status = tt.status
			err := job.Extend(tt.until, noon)
			got := complaint(err)
			if errors.Is(err, coop.ErrState) {
				got = "state"
			}
			if got != tt.want || (err == nil) != job.ValidThrough.Equal(tt.until) {
				t.Errorf("%q, until %s; want %q", got, job.ValidThrough, tt.want)
			}
		})
	}
	over := goodJob()
	if err := over.Extend(over.ValidThrough.AddDate(0, 0, 2), over.ValidThrough); !errors.Is(err, coop.ErrState) {
		t.Errorf("a job whose time was over was woken: %v", err)
	}
}

func TestJobRepost(t *testing.T) {
	if _, err := goodJob().Repost("https://a.example/1", noon); !errors.Is(err, coop.ErrState) {
		t.Errorf("an open job was posted again: %v", err)
	}
	old := goodJob()
	old.Status, old.Closed = coop.JobFilled, noon
	later := noon.AddDate(0, 6, 0)
	again, err := old.Repost("https://a.example/1", later)
	if err != nil {
		t.Fatal(err)
	}
	again.Identifier.Value = "2027-003"
	if err := again.Validate(later); err != nil {
		t.Errorf("a repost with a reference is valid: %v", err)
	}
	if again.DatePosted != "2027-05-20" || again.Status != coop.JobDraft || again.RepostOf != "https://a.example/1" || !again.Closed.IsZero() {
		t.Errorf("%+v", again)
	}
	again.Skills[0].Name = "changed"
	if diff := cmp.Diff(goodJob().Skills, old.Skills); diff != "" {
		t.Errorf("the old job changed with it: %s", diff)
	}
}

func TestMayChangeTo(t *testing.T) {
	for _, tt := range []struct {
		name     string
		from, to coop.JobStatus
		closed   time.Time
		want     bool
	}{
		{"an open job is filled", coop.JobOpen, coop.JobFilled, time.Time{}, true},
		{"a filled job does not open", coop.JobFilled, coop.JobOpen, noon, false},
		{"what our clock ended follows a late extension", coop.JobExpired, coop.JobOpen, time.Time{}, true},
		{"what our clock ended follows a late closing", coop.JobExpired, coop.JobFilled, time.Time{}, true},
		{"what its origin ended stays ended", coop.JobExpired, coop.JobOpen, noon, false},
		{"nothing becomes a draft", coop.JobOpen, coop.JobDraft, time.Time{}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := (&coop.Job{Status: tt.from, Closed: tt.closed}).MayChangeTo(&coop.Job{Status: tt.to}); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

func TestKeepPosted(t *testing.T) {
	for _, tt := range []struct {
		name, before, now, want string
		until                   time.Time
	}{
		{"the day stays", "2026-11-20", "2026-11-20", "2026-11-20", noon.AddDate(0, 0, 89)},
		{"it does not move forward, nor does the roof", "2026-11-20", "2026-12-20", "2026-11-20", time.Date(2027, 2, 18, 23, 59, 59, 0, time.UTC)},
		{"it may be put right backwards", "2026-11-20", "2026-11-19", "2026-11-19", noon.AddDate(0, 0, 89)},
		{"a day that cannot be read is the first one", "2026-11-20", "", "2026-11-20", noon.AddDate(0, 0, 89)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			old, job := goodJob(), goodJob()
			old.DatePosted, job.DatePosted, job.ValidThrough = tt.before, tt.now, noon.AddDate(0, 0, 89)
			if tt.now > tt.before {
				job.ValidThrough = noon.AddDate(0, 0, 110)
			}
			if job.KeepPosted(old); job.DatePosted != tt.want || !job.ValidThrough.Equal(tt.until) {
				t.Errorf("posted %s until %s", job.DatePosted, job.ValidThrough)
			}
		})
	}
}
