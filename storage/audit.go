// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"

	"minga/coop"
)

// AddAudit appends an entry to the audit log and fills in its ID and At. Each entry
// holds the hash of the one before; there is no way to change or remove one.
func (tx *Tx) AddAudit(ctx context.Context, e *coop.AuditEntry) error { return errNotBuilt }

// Audit lists the audit log, newest first.
func (r reader) Audit(ctx context.Context, page coop.Page) ([]coop.AuditEntry, error) {
	return nil, errNotBuilt
}

// VerifyAudit walks the whole chain and gives an error that names the first entry
// that does not fit the one before it, or how many are missing at the end.
func (r reader) VerifyAudit(ctx context.Context) error { return errNotBuilt }
