// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"

	"minga/storage"
)

// queueState is one queue as `minga queue status`, the metrics and readiness
// see it.
type queueState struct {
	Name          string  `json:"queue"`
	Waiting       int     `json:"waiting"`
	Due           int     `json:"due"`
	OldestSeconds float64 `json:"oldest_due_seconds"`
	Dead          int     `json:"dead"`
	// Of deliveries only: hosts with something waiting, at rest, given up.
	Hosts       int `json:"hosts,omitempty"`
	Resting     int `json:"resting,omitempty"`
	Unavailable int `json:"unavailable,omitempty"`
}

// readQueues asks for the state of all queues.
func readQueues(ctx context.Context, store *storage.Store) ([]queueState, error) {
	out, err := store.QueueStats(ctx)
	if err != nil {
		return nil, fmt.Errorf("queue of deliveries: %w", err)
	}
	in, err := store.IncomingStats(ctx)
	if err != nil {
		return nil, fmt.Errorf("queue of activities: %w", err)
	}
	tasks, err := store.TaskStats(ctx)
	if err != nil {
		return nil, fmt.Errorf("queue of tasks: %w", err)
	}
	work := queueState{Name: "tasks"}
	for _, kind := range tasks {
		work.Waiting += kind.Waiting
		work.Dead += kind.Dead
		work.OldestSeconds = max(work.OldestSeconds, kind.OldestDue.Seconds())
	}
	return []queueState{
		{
			Name: "deliveries", Waiting: out.Waiting, Due: out.Due, OldestSeconds: out.OldestDue.Seconds(), Dead: out.Dead,
			Hosts: out.Destinations, Resting: out.Resting, Unavailable: out.Unavailable,
		},
		{Name: "incoming", Waiting: in.Waiting, OldestSeconds: in.OldestDue.Seconds(), Dead: in.Dead},
		work,
	}, nil
}
