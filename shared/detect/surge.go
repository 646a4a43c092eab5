package detect

import (
	"math"

	"github.com/weirflow/weir/shared/detect/internal/sketch"
	"github.com/weirflow/weir/shared/enrich"
	"github.com/weirflow/weir/shared/flow"
)

// outcome is what a flood is taken for.
type outcome uint8

const (
	attack outcome = iota
	undecided
	surge
)

// verdict is the outcome with the number of signs that the exporters did not let us judge.
type verdict struct {
	outcome outcome
	missing int
	blind   bool // it cannot be told whether the traffic was asked for
}

// worse returns the verdict with the outcome of the two that is closer to an attack.
func (v verdict) worse(o outcome) verdict {
	v.outcome = min(v.outcome, o)
	return v
}

// votes gathers the signs for an attack. The signs that need a learned normal (established share of new connections, sources
// seen before, mix as usual) are left out while there is none, without loss of confidence.
type votes struct {
	attack  int
	missing int
	surge   bool // a profile that settles it
	flood   bool // what nobody asked for would be over the floor by itself: a download does not hide it
}

// Limits of the signs.
const (
	askedLittle, askedMuch     = 0.2, 0.7
	repliesLittle, repliesMuch = 0.05, 0.1
	webMuch                    = 0.6
	fewHeavy                   = 10 // sources that carry much of it
	manySources                = 256
	unaskedWindows             = 2
)

// surgeVote tells an attack from a legitimate surge, a backup or a download: three signs make an attack, two
// leave it open, fewer make it a surge.
func surgeVote(e *Engine, h *hot, sum span) verdict {
	var v votes
	top := h.sources.AppendTop(e.items[:0])
	few := topShare(top, fewHeavy, h.bytes)
	replies := -1.0
	if e.sends(h) {
		replies = sum.reply / math.Max(1, sum.packets)
	}
	judged := e.judged(h)
	v.flood = judged && sum.unasked >= unaskedWindows
	v.solicited(h, sum, judged, few)
	v.replies(replies)
	v.concentration(h)
	v.perSource(top, few, h, replies)
	v.session(h, sum, judged, few, replies)
	v.surge = v.surge || e.heavyByRole(top, h.bytes)
	e.items = top
	out := verdict{missing: v.missing, blind: !judged}
	switch {
	case v.surge && !v.flood, v.attack <= 1:
		out.outcome = surge
	case v.attack == 2:
		out.outcome = undecided
	}
	return out
}

// solicited: traffic that nobody asked for is an attack's. Where that cannot be judged, answers of web servers from few sources
// speak for a surge, and under sampling anything else for an attack.
func (v *votes) solicited(h *hot, sum span, judged bool, few float64) {
	if judged {
		share := sum.solicited / math.Max(1, sum.bytes)
		v.count(share < askedLittle || v.flood)
		v.surge = v.surge || (share >= askedMuch && few >= webMuch)
		return
	}
	web := float64(h.web) / math.Max(1, float64(h.bytes))
	if web >= webMuch && few >= webMuch {
		v.surge = true
		return
	}
	if h.interval > 1 {
		v.count(web < askedLittle)
		return
	}
	v.missing++
}

// heavyByRole tells whether hosts that send much by their role carry most of the bytes. What nobody asked for may still be a flood
// that forges their addresses.
func (e *Engine) heavyByRole(top []sketch.Item, total uint64) bool {
	sum := uint64(0)
	for _, it := range top {
		if e.deps.Roles.Of(flow.AddrFromWords(it.Hi, it.Lo))&heavyRoles != 0 {
			sum += it.Weight - it.Error
		}
	}
	return float64(sum) >= webMuch*float64(total) && total > 0
}

// heavyRoles are those of hosts that send much: content, backups, load tests.
const heavyRoles = enrich.CDN | enrich.Backup | enrich.Tester

// replies: a host under a surge sends more, a victim does not.
func (v *votes) replies(share float64) {
	if share < 0 {
		v.missing++
		return
	}
	v.count(share < repliesLittle)
}

// concentration: an attack is one kind of traffic, by port or by size of packets.
func (v *votes) concentration(h *hot) {
	total := math.Max(1, float64(h.bytes))
	one := 0.0
	if top := h.vectors.Max(); top.Weight > 0 {
		one = float64(top.Weight-top.Error) / total
	}
	for _, b := range h.sizes {
		one = math.Max(one, float64(b)/total)
	}
	v.count(one >= mainShare)
}

// perSource: many senders of equal weight, or very few that get no answer, are not what clients look like.
func (v *votes) perSource(top []sketch.Item, few float64, h *hot, replies float64) {
	const heavyFew, heavyShare, equalShare = 3, 0.9, 0.1
	many := h.sources.Len() >= manySources && few <= equalShare
	huge := topShare(top, heavyFew, h.bytes) >= heavyShare && replies >= 0 && replies < repliesLittle
	v.count(many || huge)
}

// session: established TCP connections of few sources are backups, replication, speed tests; those of many, answered in both
// directions, are a crowd, which no forged sender can take part in.
func (v *votes) session(h *hot, sum span, judged bool, few, replies float64) {
	if float64(h.established) < mainShare*float64(h.bytes) {
		return
	}
	answered := judged && sum.solicited >= askedMuch*sum.bytes && replies >= repliesMuch
	v.surge = v.surge || answered || (few >= mainShare && (replies < 0 || replies >= repliesMuch))
}

func (v *votes) count(forAttack bool) {
	if forAttack {
		v.attack++
	}
}

// topShare returns the part of the bytes that the n heaviest sources surely carry.
func topShare(top []sketch.Item, n int, total uint64) float64 {
	sum := uint64(0)
	for _, it := range top[:min(n, len(top))] {
		sum += it.Weight - it.Error
	}
	return float64(sum) / math.Max(1, float64(total))
}

// sends tells whether all exporters that report on the cell export what inside hosts send.
func (e *Engine) sends(h *hot) bool {
	for _, s := range h.exporters[:h.nexporters] {
		if !e.streams.list[s].sends() {
			return false
		}
	}
	return h.nexporters > 0
}
