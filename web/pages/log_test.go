// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"strings"
	"testing"
	"time"

	"minga/coop"
)

// TestTheLogHasWords: acts about decisions and roles are said in each language, by pages, the API
// and commands alike, and no two alike.
func TestTheLogHasWords(t *testing.T) {
	all, err := loadWords(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range ourLanguages {
		tongue, said := all.of(l.tag), map[string]string{}
		for _, group := range []string{"decisions.new decisions.create", "decisions.amend", "decisions.withdraw", "decisions.publish", "memberships.role admin.coops.role"} {
			for act := range strings.FieldsSeq(group) {
				text := tongue.act(coop.AuditEntry{Act: act, Why: "observer: sin cuota"})
				if text == act || text == "" || said[text] != "" && said[text] != group {
					t.Errorf("%s: %s is %q", l.tag, act, text)
				}
				said[text] = group
				if strings.HasSuffix(act, ".role") && !strings.Contains(text, tongue.roleOfMember(coop.RoleObserver)) {
					t.Errorf("%s: %q lacks the role", l.tag, text)
				}
			}
		}
	}
	if _, why, ok := roleGiven(coop.AuditEntry{Act: "memberships.role", Why: "pre-co-op: cuota: tres"}); !ok || why != "cuota: tres" {
		t.Errorf("the reason is %q, %t", why, ok)
	}
}
