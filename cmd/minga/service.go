// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// The pace at which the program gives signs of life, and how much longer it asks to be
// waited for each time that starting takes its time.
const (
	pulsePace     = 10 * time.Second
	startPatience = time.Minute
)

// service is what started the program and wants to hear how it does, as sd_notify(3)
// says it: systemd, and others that took over its protocol. A nil service hears
// nothing, and so does one where nobody listens.
type service struct {
	tell func(state string)
	// watchdog is within what time a sign of life must come; 0: nobody waits for it.
	watchdog time.Duration

	mu     sync.Mutex
	status string
}

// newService finds out from the environment who listens.
func newService() *service {
	within, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		within = 0 // a watchdog of another process
	}
	return &service{watchdog: within, tell: func(state string) { _, _ = daemon.SdNotify(false, state) }}
}

// say tells in words what the program is at; the same words are told once.
func (s *service) say(format string, args ...any) {
	if s == nil {
		return
	}
	text := fmt.Sprintf(format, args...)
	s.mu.Lock()
	defer s.mu.Unlock()
	if text != s.status {
		s.status = text
		s.tell("STATUS=" + strings.ReplaceAll(printable(text), "\n", " ")) // a line begins another state
	}
}

// send tells a state that is no words.
func (s *service) send(state string) {
	if s != nil {
		s.tell(state)
	}
}

// ready ends a start or a reload.
func (s *service) ready() { s.send(daemon.SdNotifyReady) }

// reloading says that the settings are read again; ready ends it. The time is that of
// the clock which never goes back (systemd.service(5), Type=notify-reload).
func (s *service) reloading() {
	s.send(daemon.SdNotifyReloading + "\n" + daemon.SdNotifyMonotonicUsec())
}

// stopping says that the program ends.
func (s *service) stopping() {
	s.send(daemon.SdNotifyStopping)
	s.say("finishing what is under way")
}

// alive is the sign of life.
func (s *service) alive() {
	if s != nil && s.watchdog > 0 {
		s.tell(daemon.SdNotifyWatchdog)
	}
}

// pace is the time between signs of life: three fall into the time of the watchdog.
func (s *service) pace() time.Duration {
	if s == nil || s.watchdog <= 0 {
		return pulsePace
	}
	return min(pulsePace, s.watchdog/3)
}

// patiently does something that may take long before the program is ready, and asks all
// the while to be waited for: a database of years is not changed in a minute.
func (s *service) patiently(ctx context.Context, do func(context.Context) error) error {
	if s == nil {
		return do(ctx)
	}
	over, end := context.WithCancel(ctx)
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			s.send(fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", startPatience.Microseconds()))
			if !pause(over, startPatience/4) {
				return
			}
		}
	})
	defer wait.Wait()
	defer end()
	return do(ctx)
}
