// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"strings"

	"minga/coop"
)

// slotWords says how the roles are called that the request of a team asks for, by their
// addresses. Of one that we do not know, such as when the request is gone, it is the key.
func (f *Face) slotWords(ctx context.Context, at *roomAt) (func(coop.IRI) string, error) {
	p, err := f.Store.RequestOf(ctx, at.room.RequestID)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return nil, err
	}
	return func(slot coop.IRI) string {
		if err == nil {
			for _, s := range p.Request.Slots {
				if proposal, primary := p.SlotIRI(s.Key); s.Name != "" && (slot == proposal || slot == primary) {
					return s.Name
				}
			}
		}
		return slotWord(slot)
	}, nil
}

// slotWord is the key of a slot in its address, such as backend.
func slotWord(slot coop.IRI) string {
	address, _, _ := strings.Cut(string(slot), "#")
	if i := strings.LastIndexByte(address, '/'); i >= 0 {
		return coop.CleanLine(address[i+1:], 60)
	}
	return ""
}
