// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"io"
	"time"

	"minga/coop"
	"minga/federation/origin"
	"minga/storage"
)

// queueCommand is `minga queue`.
type queueCommand struct {
	Status queueStatus `cmd:"" help:"Say what waits, how old it is, and which servers do not answer."`
	Retry  queueRetry  `cmd:"" help:"Try again what waits or was set aside."`
}

// queueStatus is `minga queue status`.
type queueStatus struct {
	Post string `help:"Only the deliveries of one post: its id or address."`
	Peer string `help:"Only one server." placeholder:"HOST"`
}

// Run prints the state of the queues.
func (a queueStatus) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		switch {
		case a.Post != "":
			return i.postDeliveries(t, a.Post)
		case a.Peer != "":
			return i.hostDeliveries(t, a.Peer)
		}
		queues, err := readQueues(t.ctx, i.store)
		if err != nil {
			return err
		}
		return t.print(queues, func(w io.Writer) {
			for _, q := range queues {
				fmt.Fprintf(w, "%-10s %d waiting, oldest due for %s, %d set aside\n", q.Name, q.Waiting, time.Duration(q.OldestSeconds*float64(time.Second)).Round(time.Second), q.Dead)
				if q.Resting+q.Unavailable > 0 {
					fmt.Fprintf(w, "           %d servers wait for a next try, %d are given up but for a probe a day\n", q.Resting, q.Unavailable)
				}
			}
		})
	})
}

// postDeliveries says how far one post came.
func (i *instance) postDeliveries(t *terminal, name string) error {
	id, err := coop.ParseID(name)
	if err != nil {
		post, err := i.store.PostByIRI(t.ctx, coop.System(), coop.IRI(name))
		if err != nil {
			return fmt.Errorf("post %s: %w", printable(name), err)
		}
		id = post.ID
	}
	servers, summary, err := i.store.ServersOfPost(t.ctx, id)
	if err != nil {
		return fmt.Errorf("deliveries of post %s: %w", id, err)
	}
	all := postServers{summary.Queued, summary.Waiting, summary.Dead, servers}
	return t.print(all, all.say)
}

// postServers is how far one post came.
type postServers struct {
	Queued  int                   `json:"queued"` // inboxes in all, of everything that was said of it
	Waiting int                   `json:"waiting"`
	Dead    int                   `json:"set_aside"`
	Servers []storage.ServerState `json:"servers"`
}

// say writes a line for each server.
func (p postServers) say(w io.Writer) {
	fmt.Fprintf(w, "%d deliveries in all, %d waiting, %d set aside\n", p.Queued, p.Waiting, p.Dead)
	for _, s := range p.Servers {
		fmt.Fprintf(w, "%-40s %s\n", printable(s.Host), serverText(s))
	}
}

// serverText says in words how far a post came at one server.
func serverText(s storage.ServerState) string {
	switch s.State {
	case storage.ServerDelivered:
		return "has it since " + stamp(s.At)
	case storage.ServerWaiting, storage.ServerResting:
		text := fmt.Sprintf("waits since %s, next try %s", stamp(s.At), stamp(s.NextAt))
		if s.Error != "" {
			text += ": " + printable(s.Error)
		}
		return text
	}
	return fmt.Sprintf("given up at %s: %s", stamp(s.At), printable(s.Error))
}

// hostDeliveries says how one server does.
func (i *instance) hostDeliveries(t *terminal, name string) error {
	host, err := origin.NormalizeHost(name)
	if err != nil {
		return usage("%v", err)
	}
	destination, err := i.store.Destination(t.ctx, host)
	if err != nil {
		return fmt.Errorf("server %s: %w", host, err)
	}
	return t.print(destination, func(w io.Writer) {
		fmt.Fprintf(w, "%s: %d waiting, %d failures in a row, next try %s\n", host, destination.Waiting, destination.Failures, stamp(destination.DueAt))
	})
}

// queueRetry is `minga queue retry`.
type queueRetry struct {
	Peer string `help:"Only one server." placeholder:"HOST"`
}

// Run makes deliveries due and lets set-aside activities wait again.
func (a queueRetry) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		hosts, err := i.retryHosts(t, a.Peer)
		if err != nil {
			return err
		}
		var done storage.Retried
		err = i.store.Write(t.ctx, func(tx *storage.Tx) (err error) {
			if done, err = tx.RetryQueues(t.ctx, hosts, a.Peer); err != nil {
				return err
			}
			return tx.AddAudit(t.ctx, &coop.AuditEntry{Who: byCommand, Act: "queue.retry", Target: a.Peer})
		})
		if err != nil {
			return err
		}
		return t.print(map[string]int{"deliveries": done.Deliveries, "activities": done.Activities, "tasks": done.Tasks}, func(w io.Writer) {
			fmt.Fprintf(w, "%d deliveries are due now, %d activities and %d tasks wait again\n", done.Deliveries, done.Activities, done.Tasks)
		})
	})
}

// retryHosts are the servers that something waits for, 1,000 at most at once.
func (i *instance) retryHosts(t *terminal, only string) ([]string, error) {
	if only != "" {
		host, err := origin.NormalizeHost(only)
		if err != nil {
			return nil, usage("%v", err)
		}
		if _, err := i.store.Destination(t.ctx, host); err != nil {
			return nil, fmt.Errorf("server %s: %w", host, err)
		}
		return []string{host}, nil
	}
	destinations, err := i.store.Destinations(t.ctx, 1000)
	if err != nil {
		return nil, err
	}
	hosts := make([]string, 0, len(destinations))
	for _, d := range destinations {
		hosts = append(hosts, d.Host)
	}
	return hosts, nil
}
