// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"io/fs"
	"os"

	"minga/coop"
)

// adminSources is the face whose pages are drawn in our frame: its texts lie in our
// catalogues.
func adminSources() fs.FS { return os.DirFS("../admin") }

// adminFamilies are the keys that it puts together from closed lists.
func adminFamilies() []string {
	var keys []string
	add := func(prefix string, values ...string) {
		for _, v := range values {
			keys = append(keys, prefix+v)
		}
	}
	add("admin_kind_", "person", "coop", "federation", "board", "service", "instance", "other")
	add("admin_advice_", "gone", "blocked", "limited", "mutual", "allowed", "young", "person", "known")
	add("admin_done_", "accepted", "refused", "ended", "decided", "member_accepted", "member_refused", "wish_accepted", "wish_refused")
	for _, check := range []string{
		"database", "queue", "peers", "disk", "backup", "mail", "certificate", "alone", "modes", "factors", "version", "damage", "dns", "address", "tls", "webfinger",
		"documents", "media", "cors", "inbox", "proxy", "signatures", "uploads", "streaming", "accepted", "heard", "clock", "smtp", "sender",
	} {
		add("admin_check_"+check, "", "_ok", "_warn", "_fail", "_do")
	}
	add("admin_check_unsure", "", "_do")
	add("admin_why_", "status", "documents", "type", "asked", "body", "subject", "link", "software", "key_other", "cut", "stream_shut", "stream_late", "stream_broken", "cert_none",
		"cert_ended", "damaged", "mail_starttls", "mail_login", "mail_refused", "dns", "connect", "tls", "timeout", "redirect", "inside", "busy", "refused", "sig_header",
		"sig_body", "sig_time", "sig_host", "sig_key", "sig_bad", "db_unreachable", "db_refused", "db_missing", "db_not_allowed", "db_crowded", "db_read_only",
		"db_no_room", "db_damaged", "forbidden", "missing", "other")
	add("admin_mode_", string(coop.ModeOpen), string(coop.ModeAsk), string(coop.ModeAllowlist), string(coop.ModeClosed))
	for _, policy := range []string{"none", "allow", "limit", "block"} {
		add("admin_policy_"+policy, "", "_means", "_do")
		add("admin_peer_done_", policy)
	}
	add("admin_policy_", "allow_is", "limit_is", "block_is")
	add("admin_peer_done_", "retry", "compare")
	add("admin_failure_", "dns", "refused", "tls", "slow", "private", "denied", "gone", "busy", "broken", "other")
	add("admin_queue_", "deliveries", "incoming", "tasks")
	add("admin_report_", "spam", "legal", "violation", "other")
	add("admin_report_done_", "close", "reopen", "suspend", "lift")
	for _, act := range []string{
		"peer_allow", "peer_block", "peer_limit", "peer_clear", "peer_follow", "peer_unfollow", "peer_accept", "peer_reject", "peer_retry", "peer_compare", "queue_retry",
		"report_close", "report_reopen", "account_create", "account_invite", "account_uninvite", "account_suspend", "account_unsuspend", "account_delete", "account_close", "account_return", "account_role",
		"account_reset", "account_password", "account_approve", "account_refuse", "mail_server", "membership_accept", "membership_refuse", "instance_setup",
	} {
		add("admin_act_", act)
	}
	add("setup_wrong_", "name", "handle", "owner", "email", "password_short", "password_long", "password_common")
	add("setup_done_", "mail", "follow", "smtp")
	add("setup_wrong_smtp_", "host", "port", "user", "from", "tls")
	add("setup_smtp_", "starttls", "tls_first", "none")
	for _, rank := range []coop.Rank{coop.RankMember, coop.RankModerator, coop.RankAdmin, coop.RankOwner} {
		add("admin_rank_"+string(rank), "", "_may")
	}
	add("admin_member_done_", "rank", "suspend", "lift", "last")
	return keys
}
