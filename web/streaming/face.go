// SPDX-License-Identifier: AGPL-3.0-or-later

package streaming

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/respond"
)

// Routes is the table of this face. All but the sign of life need the token of an account.
func (h *Hub) Routes() []auth.Route {
	const statuses, notifications = "read:statuses", "read:notifications"
	stream := func(path, scope string, handle respond.Handler) auth.Route {
		return auth.Route{
			Method: "GET", Path: "/api/v1/streaming" + path, Access: auth.Token, Scope: scope, Limit: auth.LimitAPI, CSRF: auth.CSRFSafe,
			Sees: auth.SeesOwn, Form: respond.JSON, Stream: true, Handle: handle,
		}
	}
	health := stream("/health", "", h.health)
	health.Access, health.Sees, health.Limit, health.Stream = auth.Open, auth.SeesNobody, auth.LimitNone, false
	return []auth.Route{
		stream("", statuses+" "+notifications, h.socket),
		health,
		stream("/user", statuses, h.events(User)),
		stream("/user/notification", notifications, h.events(UserNotification)),
		stream("/public", statuses, h.events(Public)),
		stream("/public/local", statuses, h.events(PublicLocal)),
		stream("/public/remote", statuses, h.events(PublicRemote)),
		stream("/hashtag", statuses, h.events(Hashtag)),
		stream("/hashtag/local", statuses, h.events(HashtagLocal)),
		stream("/list", statuses, h.events(List)),
		stream("/direct", statuses, h.events(Direct)),
	}
}

// health answers GET /api/v1/streaming/health, as other servers do: in text.
func (h *Hub) health(c *gin.Context) error {
	private(c)
	h.mu.Lock()
	running := h.running
	h.mu.Unlock()
	if !running {
		return &coop.BusyError{After: waitToOpen, Reason: "streams are not open"}
	}
	c.String(http.StatusOK, "OK")
	return nil
}

// private keeps shared caches out.
func private(c *gin.Context) {
	c.Header("Vary", "Authorization")
	c.Header("Cache-Control", "private, no-store")
}

// errUpgrade is said of a request that is no opening of a WebSocket (RFC 6455 §4.2.1).
var errUpgrade = &refusal{http.StatusUpgradeRequired, "This address is for WebSockets"}

// upgrades checks the opening of a WebSocket, so that what is wrong is said as all errors
// are.
func upgrades(r *http.Request) error {
	if !names(r.Header, "Connection", "upgrade") || !names(r.Header, "Upgrade", "websocket") || r.ProtoMajor != 1 {
		return errUpgrade
	}
	if r.Header.Get("Sec-WebSocket-Version") != "13" || len(r.Header.Values("Sec-WebSocket-Key")) != 1 {
		return &refusal{http.StatusBadRequest, "This is no handshake of WebSocket version 13"}
	}
	return nil
}

// names tells whether a header of tokens has one, in any case.
func names(h http.Header, header, token string) bool {
	for _, value := range h.Values(header) {
		for part := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}
