package main

import (
	"fmt"
	"slices"
	"time"
)

// The stories that are played.
const (
	lifecycle = "lifecycle"
	promote   = "promote"
)

// way is how a promotion moves what was tested to production, and how long users take to follow.
type way struct {
	entry     entry
	bootstrap []string      // inputs, besides those of the entry
	promote   []string      // inputs, besides those of every promotion
	steps     []int         // percent
	stacks    []string      // that must be there at the end, as each serves production or did
	follow    time.Duration // at AWS's pace: from a change that is in effect until all users follow it
}

// ways are the three, by the input promote-by. The first step of each is five percent. ECS has no more steps
// than two. Users follow a record once their resolvers have forgotten the answer before, and so a step by
// record takes longer.
var ways = map[string]way{
	"digest": {
		entry:   entry{"shared", "fargate"},
		promote: []string{"INPUT_STRATEGY=canary", "INPUT_STEPS=5 100", "INPUT_BAKE-TIME=5s"},
		steps:   []int{5, 100}, follow: ruleDelay, stacks: []string{service + "-production"},
	},
	"listener": {
		entry:   entry{"shared", "fargate"},
		promote: []string{"INPUT_STEPS=5 50 100", "INPUT_BAKE-TIME=5s"},
		steps:   []int{5, 50, 100}, follow: ruleDelay, stacks: []string{service + "-pr-7", service + "-pr-8"},
	},
	"record": {
		entry:     entry{"dedicated", "fargate"},
		bootstrap: []string{"INPUT_DOMAIN=" + domain},
		promote:   []string{"INPUT_STEPS=5 50 100", "INPUT_BAKE-TIME=15s"},
		steps:     []int{5, 50, 100}, follow: ttl, stacks: []string{service + "-pr-7", service + "-pr-8"},
	},
}

const (
	ruleDelay = 3 * time.Second // of the fake's load balancers
	ttl       = time.Minute     // of an alias record of a load balancer
)

func (o options) checkStory() error {
	if !slices.Contains([]string{lifecycle, promote}, o.story) {
		return fmt.Errorf("-story: there is no %q; it is %s or %s", o.story, lifecycle, promote)
	}
	if _, found := ways[o.by]; o.story == promote && !found {
		return fmt.Errorf("-by: there is no %q; it is digest, listener or record", o.by)
	}
	return nil
}

// resolverTTL is how long users' resolvers keep an answer; 0: each request asks again.
func (o options) resolverTTL() time.Duration {
	if o.story == promote {
		return ttl
	}
	return 0
}
