// SPDX-License-Identifier: AGPL-3.0-or-later

package entity

// Filter is what somebody does not want to meet.
type Filter struct {
	ID        ID                  `json:"id"`
	Title     string              `json:"title"`
	Context   List[string]        `json:"context"`
	ExpiresAt Time                `json:"expires_at"`
	Action    string              `json:"filter_action"`
	Keywords  List[FilterKeyword] `json:"keywords"`
	Statuses  List[FilterStatus]  `json:"statuses"`
}

// FilterHead is a filter without what is in it, as a status shows it.
type FilterHead struct {
	ID        ID           `json:"id"`
	Title     string       `json:"title"`
	Context   List[string] `json:"context"`
	ExpiresAt Time         `json:"expires_at"`
	Action    string       `json:"filter_action"`
}

// FilterKeyword is a word or phrase of a filter.
type FilterKeyword struct {
	ID        ID     `json:"id"`
	Keyword   string `json:"keyword"`
	WholeWord bool   `json:"whole_word"`
}

// FilterStatus is a post of a filter.
type FilterStatus struct {
	ID       ID `json:"id"`
	StatusID ID `json:"status_id"`
}

// FilterV1 is a keyword as the first version of the API shows it: a filter each.
type FilterV1 struct {
	ID           ID           `json:"id"`
	Phrase       string       `json:"phrase"`
	Context      List[string] `json:"context"`
	ExpiresAt    Time         `json:"expires_at"`
	Irreversible bool         `json:"irreversible"`
	WholeWord    bool         `json:"whole_word"`
}
