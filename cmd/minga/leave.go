// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"net/http"
	"time"

	"minga/storage"
)

// leavePause is how long a node that is told to end goes on answering, so that whoever
// stands before several nodes sees it go and asks another: /readyz says 503, and each
// connection is closed with its next answer instead of in the middle of a request.
const leavePause = time.Second

// leave tells that this node goes. On SQLite there is no other that could be asked, and
// nobody is kept waiting.
func (i *instance) leave() {
	i.leaving.Store(true)
	if i.store.Engine() == storage.Postgres {
		pause(context.Background(), leavePause)
	}
}

// lastAnswers closes connections with the answers of a node that is leaving.
func (i *instance) lastAnswers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if i.leaving.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
