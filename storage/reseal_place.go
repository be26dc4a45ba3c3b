// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import "minga/coop"

// sealedPlaces are all columns of sealed bytes. TestEverySealedColumn compares them with
// the schema; what lies sealed elsewhere is the mail server's password (outbox) and the
// files of few (storage/media).
func sealedPlaces() []resealer {
	id := func(ad func(coop.ID) string) func(int64) string {
		return func(n int64) string { return ad(coop.ID(n)) }
	}
	key := func(kind string) func(int64) string {
		return func(n int64) string { return keyName(coop.ID(n), kind) }
	}
	return []resealer{
		sealedPlace[string]{
			"secrets.sealed",
			`
				SELECT name, sealed
				FROM secrets
				WHERE name > $1 AND substr(sealed, 2, 4) <> $2
				ORDER BY name
				LIMIT $3`,
			`UPDATE secrets SET sealed = $1 WHERE name = $2 AND sealed = $3`,
			`SELECT COUNT(*) FROM secrets WHERE substr(sealed, 2, 4) <> $1`, "", secretAD,
		},
		sealedPlace[int64]{
			"account_keys.rsa",
			`
				SELECT account_id, rsa
				FROM account_keys
				WHERE account_id > $1 AND substr(rsa, 2, 4) <> $2
				ORDER BY account_id
				LIMIT $3`,
			`UPDATE account_keys SET rsa = $1 WHERE account_id = $2 AND rsa = $3`,
			`SELECT COUNT(*) FROM account_keys WHERE substr(rsa, 2, 4) <> $1`, -1, key("rsa"),
		},
		sealedPlace[int64]{
			"account_keys.ed25519",
			`
				SELECT account_id, ed25519
				FROM account_keys
				WHERE account_id > $1 AND substr(ed25519, 2, 4) <> $2
				ORDER BY account_id
				LIMIT $3`,
			`UPDATE account_keys SET ed25519 = $1 WHERE account_id = $2 AND ed25519 = $3`,
			`SELECT COUNT(*) FROM account_keys WHERE substr(ed25519, 2, 4) <> $1`, -1, key("ed25519"),
		},
		sealedPlace[int64]{
			"code_seeds.seed",
			`
				SELECT account_id, seed
				FROM code_seeds
				WHERE account_id > $1 AND substr(seed, 2, 4) <> $2
				ORDER BY account_id
				LIMIT $3`,
			`UPDATE code_seeds SET seed = $1 WHERE account_id = $2 AND seed = $3`,
			`SELECT COUNT(*) FROM code_seeds WHERE substr(seed, 2, 4) <> $1`, -1, id(seedAD),
		},
		sealedPlace[int64]{
			"push_subscriptions.access",
			`
				SELECT id, access
				FROM push_subscriptions
				WHERE id > $1 AND substr(access, 2, 4) <> $2
				ORDER BY id
				LIMIT $3`,
			`UPDATE push_subscriptions SET access = $1 WHERE id = $2 AND access = $3`,
			`SELECT COUNT(*) FROM push_subscriptions WHERE substr(access, 2, 4) <> $1`, -1, id(pushAD),
		},
		sealedPlace[int64]{
			"applications.sealed",
			`
				SELECT id, sealed
				FROM applications
				WHERE id > $1 AND substr(sealed, 2, 4) <> $2
				ORDER BY id
				LIMIT $3`,
			`UPDATE applications SET sealed = $1 WHERE id = $2 AND sealed = $3`,
			`SELECT COUNT(*) FROM applications WHERE substr(sealed, 2, 4) <> $1`, -1, id(applicationAD),
		},
		sealedPlace[int64]{
			"request_files.sealed",
			`
				SELECT post_id, sealed
				FROM request_files
				WHERE post_id > $1 AND substr(sealed, 2, 4) <> $2
				ORDER BY post_id
				LIMIT $3`,
			`UPDATE request_files SET sealed = $1 WHERE post_id = $2 AND sealed = $3`,
			`SELECT COUNT(*) FROM request_files WHERE substr(sealed, 2, 4) <> $1`, -1, id(requestFileAD),
		},
		sealedPlace[int64]{
			"membership_files.sealed",
			`
				SELECT membership_id, sealed
				FROM membership_files
				WHERE membership_id > $1 AND substr(sealed, 2, 4) <> $2
				ORDER BY membership_id
				LIMIT $3`,
			`UPDATE membership_files SET sealed = $1 WHERE membership_id = $2 AND sealed = $3`,
			`SELECT COUNT(*) FROM membership_files WHERE substr(sealed, 2, 4) <> $1`, -1, id(petitionAD),
		},
		sealedPlace[[]byte]{
			"kept_forms.sealed",
			`
				SELECT hash, sealed
				FROM kept_forms
				WHERE hash > $1 AND substr(sealed, 2, 4) <> $2
				ORDER BY hash
				LIMIT $3`,
			`UPDATE kept_forms SET sealed = $1 WHERE hash = $2 AND sealed = $3`,
			`SELECT COUNT(*) FROM kept_forms WHERE substr(sealed, 2, 4) <> $1`,
			[]byte{0},
			keptFormAD,
		},
	}
}
