// SPDX-License-Identifier: AGPL-3.0-or-later

package document

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestQuestion(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	later, before := now.Add(time.Hour), now.Add(-time.Hour)
	yes := []Option{{"yes", 3, ""}, {"no", 0, ""}}
	for _, tt := range []struct {
		name, body string
		want       *Question
	}{
		{
			"Mastodon", `{"type":"Question","endTime":"2026-05-01T13:00:00Z","votersCount":3,"oneOf":[
			{"type":"Note","name":"yes","replies":{"type":"Collection","totalItems":3}},{"type":"Note","name":"no","replies":{"type":"Collection","totalItems":0}}]}`,
			&Question{Options: yes, Ends: later, Voters: 3},
		},
		{
			"Mastodon, over", `{"type":"Question","endTime":"2026-05-01T11:00:00Z","closed":"2026-05-01T11:00:00Z","votersCount":2,"anyOf":[
			{"type":"Note","name":"yes","replies":{"type":"Collection","totalItems":3}},{"type":"Note","name":"no","replies":{"type":"Collection","totalItems":0}}]}`,
			&Question{Options: yes, Multiple: true, Ends: before, Closed: before, Voters: 2},
		},
		{
			"Pleroma, the end ahead as closed, both lists", `{"type":"Question","closed":"2026-05-01T13:00:00.000000","anyOf":[],"oneOf":[
			{"name":"yes","replies":{"totalItems":3,"type":"Collection"},"type":"Note"},{"name":"no","replies":{"totalItems":0,"type":"Collection"},"type":"Note"}]}`,
			&Question{Options: yes, Ends: later, Voters: -1},
		},
		{
			"Misskey, without an end", `{"type":"Question","endTime":null,"oneOf":[{"type":"Note","name":"yes","_misskey_votes":3},{"type":"Note","name":"no","_misskey_votes":0}]}`,
			&Question{Options: yes, Voters: -1},
		},
		{
			"GoToSocial, counts hidden", `{"type":"Question","endTime":"2026-05-01T13:00:00Z","oneOf":[{"name":"yes","type":"Note"},{"name":"no","type":"Note","replies":{"type":"Collection"}}]}`,
			&Question{Options: []Option{{"yes", -1, ""}, {"no", -1, ""}}, Ends: later, Voters: -1},
		},
		{"closed as a boolean", `{"type":"Question","closed":true,"oneOf":[{"name":"a"}]}`, &Question{Options: []Option{{"a", -1, ""}}, Closed: now, Voters: -1}},
		{"not closed as a boolean", `{"type":"Question","closed":false,"oneOf":{"name":"a"}}`, &Question{Options: []Option{{"a", -1, ""}}, Voters: -1}},
		{"closed by an object", `{"closed":{"type":"Accept"},"oneOf":[{"name":"a"}]}`, &Question{Options: []Option{{"a", -1, ""}}, Closed: now, Voters: -1}},
		{"names that are the same or missing", `{"oneOf":[{"name":"a"},{"name":"a"},{"name":""},{},"b",7,{"name":"c"}]}`, &Question{Options: []Option{{"a", -1, ""}, {"c", -1, ""}}, Voters: -1}},
		{"numbers below zero", `{"votersCount":-9,"oneOf":[{"name":"a","replies":{"totalItems":-4}}]}`, &Question{Options: []Option{{"a", -1, ""}}, Voters: -1}},
		{"nothing to choose", `{"type":"Question","oneOf":[],"anyOf":[]}`, nil},
		{"nothing at all", `{"type":"Question"}`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o, err := Read([]byte(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, o.Question(now)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestQuestionIsBounded(t *testing.T) {
	var options []string
	for n := range 200 {
		options = append(options, fmt.Sprintf(`{"name":"%d %s"}`, n, strings.Repeat("ñ", 600)))
	}
	o, err := Read([]byte(`{"oneOf":[` + strings.Join(options, ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	q := o.Question(time.Now())
	if len(q.Options) != MaxOptions || len([]rune(q.Options[0].Name)) != MaxName {
		t.Errorf("%d options, the first of %d characters", len(q.Options), len([]rune(q.Options[0].Name)))
	}
}
