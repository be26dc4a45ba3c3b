// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"testing"
	"time"

	"minga/storage"
	"minga/storage/storagetest"
)

func TestWakeReachesWhoListens(t *testing.T) {
	s := storagetest.Open(t)
	ctx, cancel := context.WithCancel(t.Context())
	one, two, other := s.Listen(ctx, "a"), s.Listen(t.Context(), "a"), s.Listen(t.Context(), "b")
	for range 3 {
		s.Wake("a")
	}
	if len(one) != 1 || len(two) != 1 || len(other) != 0 {
		t.Errorf("%d, %d, %d", len(one), len(two), len(other))
	}
	<-one
	cancel()
	for deadline := time.Now().Add(5 * time.Second); ; {
		s.Wake("a")
		if len(one) == 0 {
			break
		}
		<-one
		if time.Now().After(deadline) {
			t.Fatal("who left is still woken")
		}
	}
}

func TestQueuesWakeTheirWorkers(t *testing.T) {
	queueTest(t, func(k *kit) {
		d, in, task := k.s.Listen(t.Context(), storage.TopicDeliveries), k.s.Listen(t.Context(), storage.TopicIncoming), k.s.Listen(t.Context(), storage.TopicTasks)
		k.add(k.delivery("Create", "a", "one.test"))
		k.receive(arriving("ana", "a", ""))
		k.ask("mail", "1", "", 0)
		k.same("woken", []int{len(d), len(in), len(task)}, []int{1, 1, 1})
	})
}

func TestRunEndsWithItsContext(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, s *storage.Store) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestWakeReachesOtherNodes(t *testing.T) {
	url := storagetest.PostgresURL(t)
	ctx, cancel := context.WithCancel(t.Context())
	var nodes []*storage.Store
	done := make(chan error, 2)
	for range 2 {
		s, err := storage.Open(ctx, storage.Options{URL: url, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		nodes = append(nodes, s)
	}
	heard, ready := nodes[1].Listen(ctx, "a"), nodes[1].Listen(ctx, "any")
	for _, s := range nodes {
		go func() { done <- s.Run(ctx) }()
	}
	<-ready // it woke all when it began to listen
	for len(heard) > 0 {
		<-heard
	}
	deadline := time.After(20 * time.Second)
	for told := false; !told; {
		nodes[0].Wake("a")
		select {
		case <-heard:
			told = true
		case <-deadline:
			t.Error("the other node was not woken")
			told = true
		case <-time.After(100 * time.Millisecond):
		}
	}
	cancel()
	for range nodes {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
