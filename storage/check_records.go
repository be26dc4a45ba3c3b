// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

// recordOrphans are the questions of [Store.Check] about the records: each counts
// rows that should not be. Foreign keys are the engine's to check.
var recordOrphans = [...]struct{ what, sql string }{
	{"jobs belong to posts of another kind", `
		SELECT COUNT(*) FROM jobs j JOIN posts p ON p.id = j.post_id WHERE p.kind <> 'job'`},
	{"posts of kind job have no job", `
		SELECT COUNT(*) FROM posts p LEFT JOIN jobs j ON j.post_id = p.id WHERE p.kind = 'job' AND j.post_id IS NULL`},
	{"requests belong to posts of another kind", `
		SELECT COUNT(*) FROM requests q JOIN posts p ON p.id = q.post_id WHERE p.kind <> 'request'`},
	{"posts of kind request have no request", `
		SELECT COUNT(*) FROM posts p LEFT JOIN requests q ON q.post_id = p.id WHERE p.kind = 'request' AND q.post_id IS NULL`},
	{"jobs hide behind a copy that is not there", `
		SELECT COUNT(*) FROM jobs j LEFT JOIN jobs c ON c.post_id = j.duplicate_of WHERE j.duplicate_of <> 0 AND c.post_id IS NULL`},
	{"jobs hide behind a copy that is hidden too", `
		SELECT COUNT(*) FROM jobs j JOIN jobs c ON c.post_id = j.duplicate_of WHERE j.duplicate_of <> 0 AND c.duplicate_of <> 0`},
	{"replies point to a post that is not there", `
		SELECT COUNT(*) FROM posts p LEFT JOIN posts q ON q.id = p.in_reply_to_id WHERE p.in_reply_to_id <> 0 AND q.id IS NULL`},
	{"replies are not linked to their post", `
		SELECT COUNT(*) FROM posts p JOIN posts q ON q.iri = p.in_reply_to WHERE p.in_reply_to <> '' AND p.in_reply_to_id = 0 AND p.id <> q.id`},
	{"posts are here and withdrawn at once", `
		SELECT COUNT(*) FROM posts p JOIN tombstones t ON t.iri = p.iri`},
	{"posts are listed though no way to them stands, or the other way round", `
		SELECT COUNT(*) FROM posts p
		WHERE p.reached <> (p.local OR EXISTS (SELECT 1 FROM post_paths x WHERE x.post_id = p.id AND x.ended_at = 0))`},
	{"notifications are about a post that is not there", `
		SELECT COUNT(*) FROM notifications n LEFT JOIN posts p ON p.id = n.post_id WHERE n.post_id <> 0 AND p.id IS NULL`},
	{"named accounts are known and not linked", `
		SELECT COUNT(*) FROM post_addressees n JOIN accounts a ON a.iri = n.iri WHERE n.account_id = 0`},
	{"local accounts have no keys", `
		SELECT COUNT(*) FROM accounts a LEFT JOIN account_keys k ON k.account_id = a.id
		WHERE a.local AND a.deleted_at = 0 AND k.account_id IS NULL`},
}
