// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import "minga/coop"

// sealedPlaces are all columns of sealed bytes. TestEverySealedColumn compares them with
// the schema; what lies sealed elsewhere is the mail server's password (outbox) and the
// files of few (storage/media).
func sealedPlaces() []resealer {
	return []resealer{
		sealedColumn("secrets", "sealed", "name", "", secretAD),
		sealedByID("account_keys", "rsa", "account_id", func(id coop.ID) string { return keyName(id, "rsa") }),
		sealedByID("account_keys", "ed25519", "account_id", func(id coop.ID) string { return keyName(id, "ed25519") }),
		sealedByID("code_seeds", "seed", "account_id", seedAD),
		sealedByID("push_subscriptions", "access", "id", pushAD),
		sealedByID("applications", "sealed", "id", applicationAD),
		sealedByID("request_files", "sealed", "post_id", requestFileAD),
		sealedByID("membership_files", "sealed", "membership_id", petitionAD),
		sealedColumn("kept_forms", "sealed", "hash", []byte{0}, keptFormAD),
	}
}

// sealedByID is a column of a table whose rows are named by a number.
func sealedByID(table, column, key string, ad func(coop.ID) string) resealer {
	return sealedColumn(table, column, key, -1, func(n int64) string { return ad(coop.ID(n)) })
}

// sealedColumn is a column of a table. start is before all values of key, by which ad
// names what the bytes of a row are bound to.
func sealedColumn[K any](table, column, key string, start K, ad func(K) string) resealer {
	return sealedPlace[K]{
		column: table + "." + column,
		find: `
			SELECT ` + key + `, ` + column + `
			FROM ` + table + `
			WHERE ` + key + ` > $1 AND substr(` + column + `, 2, 4) <> $2
			ORDER BY ` + key + `
			LIMIT $3`,
		put:   `UPDATE ` + table + ` SET ` + column + ` = $1 WHERE ` + key + ` = $2 AND ` + column + ` = $3`,
		count: `SELECT COUNT(*) FROM ` + table + ` WHERE substr(` + column + `, 2, 4) <> $1`,
		start: start,
		ad:    ad,
	}
}
