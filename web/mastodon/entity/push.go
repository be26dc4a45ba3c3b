// SPDX-License-Identifier: AGPL-3.0-or-later

package entity

// PushSubscription is where an app hears of notifications while it is closed. Its id is
// a number of 32 bits: clients read it as one.
type PushSubscription struct {
	ID        Number          `json:"id"`
	Endpoint  string          `json:"endpoint"`
	Standard  bool            `json:"standard"`
	Alerts    map[string]bool `json:"alerts"`
	Policy    string          `json:"policy"`
	ServerKey string          `json:"server_key"`
}
