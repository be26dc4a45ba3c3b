// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import "context"

// Software asks a host for the name of its software by NodeInfo, such as "mastodon".
// It may be shown; nothing may be decided from it. Errors are *Error.
func (c *Client) Software(ctx context.Context, host string) (string, error) {
	return "", errNotBuilt
}
