// SPDX-License-Identifier: AGPL-3.0-or-later

package document

import "iter"

// CollectionView is an object seen as a collection or page.
type CollectionView struct{ *Object }

// Collection sees the object as a collection or page.
func (o *Object) Collection() CollectionView { return CollectionView{o} }

// Items are the entries of orderedItems or items, one by one, at most [MaxItems].
// Nothing is read ahead: stopping early costs nothing.
func (c CollectionView) Items() iter.Seq[Ref] {
	return func(yield func(Ref) bool) {
		raw, left := c.Raw("orderedItems"), MaxItems
		if raw == nil {
			raw = c.Raw("items")
		}
		var scratch Object
		entries(raw, func(raw []byte) bool {
			if left--; left < 0 {
				return false
			}
			r := c.ref(raw, &scratch)
			return r.IsZero() || yield(r)
		})
	}
}

// First is the first page, which may be embedded.
func (c CollectionView) First() Ref { return c.Ref("first") }

// Next is the page after this one.
func (c CollectionView) Next() Ref { return c.Ref("next") }

// Prev is the page before this one.
func (c CollectionView) Prev() Ref { return c.Ref("prev") }

// Last is the last page.
func (c CollectionView) Last() Ref { return c.Ref("last") }

// PartOf is the collection of a page.
func (c CollectionView) PartOf() Ref { return c.Ref("partOf") }

// TotalItems is the number that the owner says; never negative.
func (c CollectionView) TotalItems() (n int64, ok bool) {
	n, ok = c.Int("totalItems")
	return n, ok && n >= 0
}
