// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// pushRoutes are the one subscription of the token that asks.
func (f *Face) pushRoutes() []auth.Route {
	const path, scope = "/v1/push/subscription", "push"
	return append(f.update(path, scope, auth.LimitAPI, f.updatePush),
		f.own(path, scope, f.showPush),
		f.write("POST", path, scope, auth.LimitAPI, f.createPush),
		f.write("DELETE", path, scope, auth.LimitAPI, f.deletePush),
	)
}

// pushKey is what apps give their push service; empty where nothing is pushed.
func (f *Face) pushKey(ctx context.Context) string {
	if f.Push == nil {
		return ""
	}
	return f.Push.PublicKey(ctx)
}

// showSubscription answers with a subscription.
func (f *Face) showSubscription(c *gin.Context, s *coop.PushSubscription) error {
	out := entity.PushSubscription{
		ID: entity.Number(s.ID), Endpoint: s.Endpoint, Standard: s.Standard, Alerts: map[string]bool{}, Policy: string(s.Policy), ServerKey: f.pushKey(c.Request.Context()),
	}
	for _, kind := range coop.PushAlerts() {
		out.Alerts[string(kind)] = slices.Contains(s.Alerts, kind)
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// showPush answers GET /api/v1/push/subscription.
func (f *Face) showPush(c *gin.Context) error {
	s, err := f.Store.PushOf(c.Request.Context(), auth.TokenOf(c).ID)
	if err != nil {
		return err
	}
	return f.showSubscription(c, s)
}

// createPush answers POST /api/v1/push/subscription: the new one takes the place of
// that which the token had.
func (f *Face) createPush(c *gin.Context) error {
	ctx := c.Request.Context()
	if f.Push == nil {
		return &coop.InvalidError{Field: "subscription", Code: coop.CodeNotAllowed, Problem: "nothing is pushed here"}
	}
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	defer func() { _ = v.Close() }()
	s := &coop.PushSubscription{TokenID: auth.TokenOf(c).ID, AccountID: auth.Account(c).ID, Policy: coop.PushAll}
	readEndpoint(v.Below("subscription"), s)
	readPushChoice(v, s)
	if err := v.Err(); err != nil {
		return err
	}
	if err := s.ValidatePush(); err != nil {
		return err
	}
	if err := f.Push.MaySend(ctx, s.Endpoint); err != nil {
		return err
	}
	access := auth.TokenText(c)
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.PutPush(ctx, s, access) }); err != nil {
		return err
	}
	return f.showSubscription(c, s)
}

// updatePush answers PUT and PATCH of the subscription: only what it is told of can be
// changed.
func (f *Face) updatePush(c *gin.Context) error {
	ctx, token := c.Request.Context(), auth.TokenOf(c).ID
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	defer func() { _ = v.Close() }()
	s, err := f.Store.PushOf(ctx, token)
	if err != nil {
		return err
	}
	readPushChoice(v, s)
	if err := v.Err(); err != nil {
		return err
	}
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.SetPushChoice(ctx, token, s.Alerts, s.Policy) }); err != nil {
		return err
	}
	return f.showSubscription(c, s)
}

// deletePush answers DELETE /api/v1/push/subscription, also where there is none.
func (f *Face) deletePush(c *gin.Context) error {
	ctx := c.Request.Context()
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.DropPushOf(ctx, auth.TokenOf(c).ID) }); err != nil {
		return err
	}
	return emptyObject(c)
}

// readEndpoint reads where to send, and with what keys.
func readEndpoint(v input.Values, s *coop.PushSubscription) {
	keys := v.Below("keys")
	s.Endpoint, s.Standard = strings.TrimSpace(v.Text("endpoint")), v.On("standard")
	s.Key, s.Auth = keyBytes(keys.Text("p256dh")), keyBytes(keys.Text("auth"))
}

// mostKey is the most characters of a key: 65 bytes and padding take 88.
const mostKey = 100

// keyBytes reads base64 in either alphabet, with padding or without: clients write all
// four, and the plus of one of them arrives in forms as a space.
func keyBytes(text string) []byte {
	if len(text) > mostKey {
		return nil
	}
	text = strings.NewReplacer("+", "-", " ", "-", "/", "_").Replace(strings.TrimSpace(text))
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return nil
	}
	return b
}

// readPushChoice reads what to be told of: data[alerts], all of them anew where any is
// sent, and data[policy], which some clients send outside of data.
func readPushChoice(v input.Values, s *coop.PushSubscription) {
	data := v.Below("data")
	if alerts := data.Below("alerts"); !alerts.Empty() {
		s.Alerts = nil
		for _, kind := range coop.PushAlerts() {
			if alerts.On(string(kind)) {
				s.Alerts = append(s.Alerts, kind)
			}
		}
	}
	text := data.Text("policy")
	if text == "" {
		text = v.Text("policy")
	}
	if text == "" {
		return
	}
	policy, err := coop.ParsePushPolicy(text)
	if err != nil {
		v.Complain("data.policy", coop.CodeUnknown, "is all, followed, follower or none")
		return
	}
	s.Policy = policy
}
