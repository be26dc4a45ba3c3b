// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature/signaturetest"
	"minga/inbox"
	"minga/storage"
	"minga/web/admin"
)

// TestChosenSettings: what a page chooses counts at once and after a restart, unless the
// configuration fixes it.
func TestChosenSettings(t *testing.T) {
	config := interopConfig(t, 8080, map[string]string{"MINGA_FEDERATION_FOLLOWS": "allowed", "MINGA_METRICS_TOKEN": "geheim"})
	delete(config.values, "default_language")
	open := func() *instance {
		i, err := newInstance(t.Context(), config, slog.New(slog.DiscardHandler), time.Now, signaturetest.Keys())
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	i := open()
	s, ctx := shownSettings{i}, t.Context()
	if got := i.setting(ctx, "job_days"); got != "45" {
		t.Errorf("before: %s days", got)
	}
	for _, bad := range []struct{ key, value string }{{"job_days", "0"}, {"job_days", "91"}, {"job_days", "many"}, {"default_language", "de"}} {
		var invalid *coop.InvalidError
		if err := s.Choose(ctx, bad.key, bad.value, coop.AuditEntry{Who: "ana", Act: "setting.change"}); !errors.As(err, &invalid) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	for key, want := range map[string]error{"federation_follows": coop.ErrForbidden, "secret_key": coop.ErrNotFound, "nothing": coop.ErrNotFound} {
		if err := s.Choose(ctx, key, "at-once", coop.AuditEntry{Who: "ana", Act: "setting.change"}); !errors.Is(err, want) {
			t.Errorf("%s: %v", key, err)
		}
	}
	if i.keepsEnded() {
		t.Error("what came through a follow outlives it by default")
	}
	for key, value := range map[string]string{"job_days": "30", "default_language": "ca", "ended_follow": "keep"} {
		if err := s.Choose(ctx, key, value, coop.AuditEntry{Who: "ana", Act: "setting.change", Target: key}); err != nil {
			t.Fatal(err)
		}
	}
	if log, err := i.store.Audit(ctx, storage.AuditQuery{}, coop.Page{Limit: 5}); err != nil || len(log) != 3 || log[0].Act != "setting.change" {
		t.Errorf("noted %+v, %v", log, err)
	}
	if err := i.close(); err != nil {
		t.Fatal(err)
	}
	i = open()
	defer i.close() //nolint:errcheck // the test is over
	if got := i.setting(ctx, "job_days") + " " + i.setting(ctx, "language"); got != "30 ca" || i.config.Language != "ca" {
		t.Errorf("after a restart: %s", got)
	}
	if !i.keepsEnded() {
		t.Error("ended_follow=keep is forgotten after a restart")
	}
	if got := i.follows(ctx); got != inbox.FollowPolicy("allowed") {
		t.Errorf("what is fixed: %s", got)
	}
	list, err := shownSettings{i}.List(ctx)
	if err != nil || len(list) != len(settingKeys()) {
		t.Fatalf("%d settings, %v", len(list), err)
	}
	want := map[string]admin.Setting{
		"job_days":           {Value: "30", Default: "45", From: admin.FromPage},
		"search_max":         {Value: "20", Default: "20", From: admin.FromDefault},
		"admin_listen":       {Value: "", Default: "127.0.0.1:9090", From: admin.FromEnvironment, Where: "MINGA_ADMIN_LISTEN"},
		"metrics_token":      {Value: "(set)", From: admin.FromEnvironment, Where: "MINGA_METRICS_TOKEN"},
		"federation_follows": {Value: "allowed", Default: "by-hand", From: admin.FromEnvironment, Where: "MINGA_FEDERATION_FOLLOWS"},
	}
	for _, got := range list {
		if w, ok := want[got.Key]; ok && (got.Value != w.Value || got.Default != w.Default || got.From != w.From || got.Where != w.Where) {
			t.Errorf("%s: %+v, want %+v", got.Key, got, w)
		}
	}
}
